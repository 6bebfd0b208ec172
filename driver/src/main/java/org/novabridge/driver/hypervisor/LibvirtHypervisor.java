package org.novabridge.driver.hypervisor;

import static org.novabridge.driver.hypervisor.LibvirtAnswers.check;
import static org.novabridge.driver.hypervisor.LibvirtAnswers.text;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.libvirt.Error.ErrorNumber;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.VolumeSecret;

/**
 * The port {@link Hypervisor} on libvirt. Safe for use by many threads.
 *
 * <p>An embedded driver ({@code qemu:///embed?root=DIR}) exists once per process and keeps its root
 * for the life of the process: open one such connection, with one root. Its guests are processes of
 * their own: they outlive this one and are found again by the next open of the same root.
 */
public final class LibvirtHypervisor implements Hypervisor {
    private static final int UUID_BYTES = 37;
    private static final int EVENT_QUEUE = 4096;

    private final NativeLibvirt libvirt;
    private final EventPump pump;
    private final ConnectionSupervisor supervisor;
    private final LibvirtSession session;
    private final LibvirtHost host;
    private final LibvirtAgent agent;
    private final LibvirtSecrets secrets;

    private LibvirtHypervisor(LibvirtSettings settings, Clock clock) {
        libvirt = NativeLibvirt.get();
        pump = new EventPump(libvirt, clock, EVENT_QUEUE);
        supervisor = new ConnectionSupervisor(libvirt, pump, settings);
        session = new LibvirtSession(supervisor, new NativeCalls(settings.queryDeadline(), settings.changeAlarm()));
        host = new LibvirtHost(libvirt, session);
        agent = new LibvirtAgent(libvirt, session);
        secrets = new LibvirtSecrets(libvirt, session);
    }

    /**
     * Connects, and goes on trying when that does not work at first ({@link #connected} tells). For
     * the service, which must outlive a restart of libvirt.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE when libvirt's library is not installed
     */
    public static LibvirtHypervisor supervise(LibvirtSettings settings, Clock clock) {
        LibvirtHypervisor hypervisor = new LibvirtHypervisor(settings, clock);
        hypervisor.supervisor.start();
        return hypervisor;
    }

    /**
     * Connects or fails. For commands that look once, and for a start that should fail early.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE with libvirt's reason
     */
    public static LibvirtHypervisor open(LibvirtSettings settings, Clock clock) {
        LibvirtHypervisor hypervisor = supervise(settings, clock);
        try {
            hypervisor.supervisor.current();
        } catch (BridgeException e) {
            hypervisor.close();
            throw e;
        }
        return hypervisor;
    }

    @Override
    public Versions versions() {
        return host.versions();
    }

    @Override
    public String hostname() {
        return host.name();
    }

    @Override
    public String capabilitiesXml() {
        return host.capabilitiesXml();
    }

    @Override
    public String domainCapabilitiesXml(String arch, String machine, String virtType) {
        return host.domainCapabilitiesXml(arch, machine, virtType);
    }

    @Override
    public List<String> cpuModels(String arch) {
        return host.cpuModels(arch);
    }

    @Override
    public String expandCpu(String cpuXml) {
        return host.expandCpu(cpuXml);
    }

    @Override
    public HostCpuTimes cpuTimes() {
        return host.cpuTimes();
    }

    @Override
    public List<Guest> list() {
        String what = "listing domains";
        return session.query(what, connection -> {
            PointerByReference array = new PointerByReference();
            int count = check(libvirt.connections.virConnectListAllDomains(connection, array, 0), what);
            List<Guest> guests = new ArrayList<>(count);
            Pointer first = array.getValue();
            try {
                for (int i = 0; i < count; i++) {
                    Pointer domain = first.getPointer((long) i * Native.POINTER_SIZE);
                    try {
                        describe(domain).ifPresent(guests::add);
                    } finally {
                        libvirt.domains.virDomainFree(domain);
                    }
                }
            } finally {
                Native.free(Pointer.nativeValue(first));
            }
            return guests;
        });
    }

    @Override
    public Optional<Guest> find(String uuid) {
        return session.query("looking for the domain " + uuid, connection -> {
            try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
                return domain == null ? Optional.empty() : describe(domain.pointer());
            }
        });
    }

    /** Empty for a domain that went away between the list and the look. */
    private Optional<Guest> describe(Pointer domain) {
        byte[] uuid = new byte[UUID_BYTES];
        check(libvirt.domains.virDomainGetUUIDString(domain, uuid), "reading a domain's UUID");
        String id = new String(uuid, 0, UUID_BYTES - 1, StandardCharsets.US_ASCII);
        String what = "looking at the domain " + id;
        try {
            String name = libvirt.domains.virDomainGetName(domain);
            IntByReference state = new IntByReference();
            IntByReference reason = new IntByReference();
            check(libvirt.domains.virDomainGetState(domain, state, reason, 0), what);
            GuestState seen = LibvirtCodes.state(state.getValue());
            // Each question to libvirtd wakes four threads, and a guest that runs has used its image up.
            boolean saved = !seen.active() && check(libvirt.domains.virDomainHasManagedSaveImage(domain, 0), what) == 1;
            return Optional.of(new Guest(
                    id,
                    name == null ? "" : name,
                    LibvirtCodes.off(state.getValue()) ? -1 : libvirt.domains.virDomainGetID(domain),
                    seen,
                    saved,
                    LibvirtCodes.stoppedByDisk(state.getValue(), reason.getValue())));
        } catch (HypervisorException e) {
            if (e.code() == ErrorCode.INSTANCE_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public String xml(String uuid, boolean inactive) {
        String what = "reading the definition of the domain " + uuid;
        int flags = inactive ? LibvirtDomainCalls.XML_INACTIVE : 0;
        return session.query(
                what,
                connection -> withDomain(
                        connection, uuid, domain -> text(libvirt.domains.virDomainGetXMLDesc(domain, flags), what)));
    }

    @Override
    public void define(String xml) {
        session.change("defining a domain", connection -> {
            Pointer domain =
                    libvirt.domains.virDomainDefineXMLFlags(connection, xml, LibvirtDomainCalls.DEFINE_VALIDATE);
            if (domain == null) {
                throw LibvirtErrors.last("defining a domain");
            }
            libvirt.domains.virDomainFree(domain);
        });
    }

    @Override
    public void start(String uuid, boolean paused) {
        int flags = paused ? LibvirtDomainCalls.START_PAUSED : 0;
        onDomain("starting", uuid, domain -> libvirt.domains.virDomainCreateWithFlags(domain, flags));
    }

    @Override
    public void requestShutdown(String uuid) {
        // ACPI by name: without a flag libvirt first asks the guest agent, and a guest can make that wait.
        onDomain(
                "asking for shutdown of",
                uuid,
                domain -> libvirt.domains.virDomainShutdownFlags(domain, LibvirtDomainCalls.SHUTDOWN_ACPI_POWER_BTN));
    }

    @Override
    public void destroy(String uuid) {
        String what = "ending the domain " + uuid;
        session.change(what, connection -> {
            try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
                if (domain == null || libvirt.domains.virDomainDestroyFlags(domain.pointer(), 0) >= 0) {
                    return;
                }
                HypervisorException failure = LibvirtErrors.last(what);
                boolean gone = failure.code() == ErrorCode.INSTANCE_NOT_FOUND
                        || (failure.code() == ErrorCode.INSTANCE_INVALID_STATE
                                && libvirt.domains.virDomainIsActive(domain.pointer()) == 0);
                if (!gone) {
                    throw failure;
                }
            }
        });
    }

    @Override
    public void undefine(String uuid) {
        String what = "removing the definition of the domain " + uuid;
        session.change(what, connection -> {
            try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
                if (domain != null) {
                    undefine(domain.pointer(), what);
                }
            }
        });
    }

    private void undefine(Pointer domain, String what) {
        int saved = LibvirtDomainCalls.UNDEFINE_MANAGED_SAVE;
        if (libvirt.domains.virDomainUndefineFlags(domain, saved | LibvirtDomainCalls.UNDEFINE_NVRAM) >= 0) {
            return;
        }
        HypervisorException failure = LibvirtErrors.last(what);
        // Drivers other than QEMU's know no NVRAM and refuse its flag.
        if (LibvirtErrors.number(failure.libvirtCode()) == ErrorNumber.VIR_ERR_INVALID_ARG) {
            if (libvirt.domains.virDomainUndefineFlags(domain, saved) >= 0) {
                return;
            }
            failure = LibvirtErrors.last(what);
        }
        // A transient domain has no definition to remove; it is gone with its process.
        if (failure.code() != ErrorCode.INSTANCE_NOT_FOUND && libvirt.domains.virDomainIsPersistent(domain) != 0) {
            throw failure;
        }
    }

    @Override
    public void pause(String uuid) {
        onDomain("pausing", uuid, libvirt.domains::virDomainSuspend);
    }

    @Override
    public void resume(String uuid) {
        onDomain("resuming", uuid, libvirt.domains::virDomainResume);
    }

    @Override
    public void managedSave(String uuid) {
        onDomain("saving", uuid, domain -> libvirt.domains.virDomainManagedSave(domain, 0));
    }

    @Override
    public int freeze(String uuid) {
        return agent.freeze(uuid);
    }

    @Override
    public void thaw(String uuid) {
        agent.thaw(uuid);
    }

    @Override
    public void setPassword(String uuid, String user, GuestPassword password) {
        agent.setPassword(uuid, user, password);
    }

    @Override
    public void setClock(String uuid, Instant now) {
        agent.setClock(uuid, now);
    }

    @Override
    public List<GuestDriver> drivers(String uuid) {
        return agent.drivers(uuid);
    }

    @Override
    public void injectNmi(String uuid) {
        onDomain("sending a non-maskable interrupt to", uuid, domain -> libvirt.domains.virDomainInjectNMI(domain, 0));
    }

    @Override
    public void attachDevice(String uuid, String xml, boolean live, boolean persistent) {
        onDomain(
                "attaching a device to",
                uuid,
                domain -> libvirt.domains.virDomainAttachDeviceFlags(domain, xml, affected(live, persistent)));
    }

    @Override
    public void detachDevice(String uuid, String xml, boolean live, boolean persistent) {
        try {
            onDomain(
                    "detaching a device from",
                    uuid,
                    domain -> libvirt.domains.virDomainDetachDeviceFlags(domain, xml, affected(live, persistent)));
        } catch (HypervisorException e) {
            if (!LibvirtErrors.goneOrGoing(e)) {
                throw e;
            }
        }
    }

    private static int affected(boolean live, boolean persistent) {
        return (live ? LibvirtDomainCalls.AFFECT_LIVE : 0) | (persistent ? LibvirtDomainCalls.AFFECT_CONFIG : 0);
    }

    @Override
    public boolean hasSecret(VolumeSecret secret) {
        return secrets.has(secret);
    }

    @Override
    public void keepSecret(VolumeSecret secret, byte[] value) {
        secrets.keep(secret, value);
    }

    @Override
    public void removeSecret(VolumeSecret secret) {
        secrets.remove(secret);
    }

    @Override
    public void blockResize(String uuid, String targetDevice, long sizeBytes) {
        onDomain(
                "resizing " + targetDevice + " of",
                uuid,
                domain -> libvirt.domains.virDomainBlockResize(
                        domain, targetDevice, sizeBytes, LibvirtDomainCalls.BLOCK_RESIZE_BYTES));
    }

    @Override
    public void limit(String uuid, String targetDevice, Map<String, String> limits) {
        try (Memory parameters = TypedParameters.limits(limits)) {
            int count = (int) (parameters.size() / TypedParameters.SIZE);
            onDomain(
                    "setting the limits of " + targetDevice + " of",
                    uuid,
                    domain -> libvirt.domains.virDomainSetBlockIoTune(
                            domain, targetDevice, parameters, count, affected(true, true)));
        }
    }

    @Override
    public void addIoThread(String uuid, int thread) {
        onDomain(
                "giving I/O thread " + thread + " to",
                uuid,
                domain -> libvirt.domains.virDomainAddIOThread(domain, thread, affected(true, true)));
    }

    @Override
    public void pinIoThread(String uuid, int thread, SortedSet<Integer> processors) {
        byte[] map = new byte[processors.last() / 8 + 1];
        processors.forEach(cpu -> map[cpu / 8] |= (byte) (1 << cpu % 8));
        onDomain(
                "pinning I/O thread " + thread + " of",
                uuid,
                domain -> libvirt.domains.virDomainPinIOThread(domain, thread, map, map.length, affected(true, true)));
    }

    @Override
    public List<DiskError> diskErrors(String uuid) {
        String what = "asking for the disk errors of the domain " + uuid;
        return session.query(what, connection -> {
            try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
                return domain == null || libvirt.domains.virDomainIsActive(domain.pointer()) != 1
                        ? List.of()
                        : DiskErrorArray.of(libvirt, domain.pointer(), what);
            }
        });
    }

    @Override
    public GuestStatistics statistics(String uuid) {
        String what = "asking for the statistics of the domain " + uuid;
        return session.query(
                what,
                connection -> withDomain(connection, uuid, domain -> {
                    if (libvirt.domains.virDomainIsActive(domain) != 1) {
                        throw new BridgeException(
                                ErrorCode.INSTANCE_INVALID_STATE,
                                "guest " + uuid + " does not run, so it uses nothing",
                                "start it first");
                    }
                    return DomainStatistics.of(libvirt, domain, what);
                }));
    }

    @Override
    public void subscribe(Consumer<GuestEvent> listener) {
        pump.subscribe(listener);
    }

    @Override
    public boolean connected() {
        return supervisor.state() == ConnectionSupervisor.State.UP;
    }

    @Override
    public void close() {
        supervisor.close();
        pump.close();
        session.close();
    }

    private void onDomain(String verb, String uuid, Function<Pointer, Integer> action) {
        String what = verb + " the domain " + uuid;
        session.change(what, connection -> {
            withDomain(connection, uuid, domain -> check(action.apply(domain), what));
        });
    }

    private <T> T withDomain(Pointer connection, String uuid, Function<Pointer, T> action) {
        try (DomainHandle domain = DomainHandle.find(libvirt, connection, uuid)) {
            if (domain == null) {
                throw new BridgeException(ErrorCode.INSTANCE_NOT_FOUND, "there is no domain " + uuid);
            }
            return action.apply(domain.pointer());
        }
    }
}
