package org.novabridge.driver.compute;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.novabridge.driver.hypervisor.DiskError;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestDriver;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.novabridge.driver.hypervisor.GuestStatistics;
import org.novabridge.driver.hypervisor.HostCpuTimes;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.VolumeSecret;

/** Hands every call on; those that change something go through one method. */
abstract class ForwardingHypervisor implements Hypervisor {
    private final Hypervisor real;

    ForwardingHypervisor(Hypervisor real) {
        this.real = real;
    }

    abstract void call(String what, Runnable act);

    @Override
    public Versions versions() {
        return real.versions();
    }

    @Override
    public String hostname() {
        return real.hostname();
    }

    @Override
    public String capabilitiesXml() {
        return real.capabilitiesXml();
    }

    @Override
    public String domainCapabilitiesXml(String arch, String machine, String virtType) {
        return real.domainCapabilitiesXml(arch, machine, virtType);
    }

    @Override
    public String expandCpu(String cpuXml) {
        return real.expandCpu(cpuXml);
    }

    @Override
    public List<String> cpuModels(String arch) {
        return real.cpuModels(arch);
    }

    @Override
    public List<Guest> list() {
        return real.list();
    }

    @Override
    public Optional<Guest> find(String uuid) {
        return real.find(uuid);
    }

    @Override
    public String xml(String uuid, boolean inactive) {
        return real.xml(uuid, inactive);
    }

    @Override
    public void define(String xml) {
        call("define", () -> real.define(xml));
    }

    @Override
    public void start(String uuid, boolean paused) {
        call("start", () -> real.start(uuid, paused));
    }

    @Override
    public void requestShutdown(String uuid) {
        call("shutdown", () -> real.requestShutdown(uuid));
    }

    @Override
    public void destroy(String uuid) {
        call("destroy", () -> real.destroy(uuid));
    }

    @Override
    public void undefine(String uuid) {
        call("undefine", () -> real.undefine(uuid));
    }

    @Override
    public void pause(String uuid) {
        call("pause", () -> real.pause(uuid));
    }

    @Override
    public void resume(String uuid) {
        call("resume", () -> real.resume(uuid));
    }

    @Override
    public void managedSave(String uuid) {
        call("managed save", () -> real.managedSave(uuid));
    }

    @Override
    public void setClock(String uuid, Instant now) {
        real.setClock(uuid, now);
    }

    @Override
    public List<GuestDriver> drivers(String uuid) {
        return real.drivers(uuid);
    }

    @Override
    public int freeze(String uuid) {
        AtomicInteger frozen = new AtomicInteger();
        call("freeze", () -> frozen.set(real.freeze(uuid)));
        return frozen.get();
    }

    @Override
    public void thaw(String uuid) {
        call("thaw", () -> real.thaw(uuid));
    }

    @Override
    public void setPassword(String uuid, String user, GuestPassword password) {
        call("set password", () -> real.setPassword(uuid, user, password));
    }

    @Override
    public void injectNmi(String uuid) {
        call("nmi", () -> real.injectNmi(uuid));
    }

    @Override
    public HostCpuTimes cpuTimes() {
        return real.cpuTimes();
    }

    @Override
    public void attachDevice(String uuid, String xml, boolean live, boolean persistent) {
        call("attach device", () -> real.attachDevice(uuid, xml, live, persistent));
    }

    @Override
    public void detachDevice(String uuid, String xml, boolean live, boolean persistent) {
        call("detach device", () -> real.detachDevice(uuid, xml, live, persistent));
    }

    @Override
    public boolean hasSecret(VolumeSecret secret) {
        return real.hasSecret(secret);
    }

    @Override
    public void keepSecret(VolumeSecret secret, byte[] value) {
        call("keep key", () -> real.keepSecret(secret, value));
    }

    @Override
    public void removeSecret(VolumeSecret secret) {
        call("remove key", () -> real.removeSecret(secret));
    }

    @Override
    public void blockResize(String uuid, String targetDevice, long sizeBytes) {
        call("block resize", () -> real.blockResize(uuid, targetDevice, sizeBytes));
    }

    @Override
    public void limit(String uuid, String targetDevice, Map<String, String> limits) {
        call("limit", () -> real.limit(uuid, targetDevice, limits));
    }

    @Override
    public void addIoThread(String uuid, int thread) {
        call("thread", () -> real.addIoThread(uuid, thread));
    }

    @Override
    public void pinIoThread(String uuid, int thread, SortedSet<Integer> processors) {
        call("pin", () -> real.pinIoThread(uuid, thread, processors));
    }

    @Override
    public List<DiskError> diskErrors(String uuid) {
        return real.diskErrors(uuid);
    }

    @Override
    public GuestStatistics statistics(String uuid) {
        return real.statistics(uuid);
    }

    @Override
    public void subscribe(Consumer<GuestEvent> listener) {
        real.subscribe(listener);
    }

    @Override
    public boolean connected() {
        return real.connected();
    }

    @Override
    public void close() {
        real.close();
    }
}
