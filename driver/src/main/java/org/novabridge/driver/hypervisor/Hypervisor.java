package org.novabridge.driver.hypervisor;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.VolumeSecret;

/**
 * The port to libvirt. Every method throws {@link BridgeException}: HYPERVISOR_UNAVAILABLE when the
 * connection is down, INSTANCE_NOT_FOUND when there is no such domain, HYPERVISOR_FAILED with
 * libvirt's code and text otherwise. Methods never return before libvirt did what was asked.
 */
public interface Hypervisor extends AutoCloseable {

    /** Versions in libvirt's form: major * 1,000,000 + minor * 1,000 + release. */
    record Versions(int libvirt, int hypervisor) {}

    Versions versions();

    /** What libvirt calls this host. Nova knows the compute node by it ({@code hypervisor_hostname}). */
    String hostname();

    /** The capabilities document of the host. */
    String capabilitiesXml();

    /** The domain capabilities for a virt type and machine; the machine may be empty for the default. */
    String domainCapabilitiesXml(String arch, String machine, String virtType);

    /** Names of the processor models that libvirt knows for an architecture ({@code virsh cpu-models}). */
    List<String> cpuModels(String arch);

    /**
     * A processor with every feature that its model has.
     *
     * @param cpuXml {@code <cpu>} with architecture and model, as in the capabilities
     * @throws BridgeException NOT_SUPPORTED where libvirt's driver knows no models
     */
    String expandCpu(String cpuXml);

    /** What the processors of the host have done since it was started. */
    HostCpuTimes cpuTimes();

    List<Guest> list();

    Optional<Guest> find(String uuid);

    /** The domain's document; {@code inactive} asks for the stored definition of a running guest. */
    String xml(String uuid, boolean inactive);

    /** Defines or redefines the persistent domain; the document is validated against libvirt's schema. */
    void define(String xml);

    /** Starts a defined domain, paused when asked. */
    void start(String uuid, boolean paused);

    /** Asks the guest to shut down by ACPI; returns at once. */
    void requestShutdown(String uuid);

    /** Pulls the plug. A domain that is not running is success. */
    void destroy(String uuid);

    /** Removes the definition with managed save image and NVRAM. A missing domain is success. */
    void undefine(String uuid);

    void pause(String uuid);

    void resume(String uuid);

    /** Saves memory to disk and stops (libvirt's managed save). */
    void managedSave(String uuid);

    /**
     * Asks the guest's agent to flush and freeze its file systems; the agent gets half a minute.
     *
     * @return how many it froze
     * @throws BridgeException NOT_SUPPORTED when the guest has no agent's channel, HYPERVISOR_FAILED when no agent
     *     answers on it
     */
    int freeze(String uuid);

    /** Ends {@link #freeze}; file systems that are not frozen are success. */
    void thaw(String uuid);

    /**
     * Asks the guest's agent to set the password of a user; the agent gets half a minute. What the guest says of a failure
     * is not told: it knows the password.
     *
     * @throws BridgeException NOT_SUPPORTED when no agent answers, INSTANCE_NOT_RUNNING, HYPERVISOR_FAILED when the agent
     *     refuses
     */
    void setPassword(String uuid, String user, GuestPassword password);

    /**
     * Asks the guest's agent to set the guest's clock; the agent gets three seconds for each of the two words that libvirt
     * changes with it.
     *
     * @throws BridgeException NOT_SUPPORTED when no agent answers; HYPERVISOR_FAILED when it refuses, or does not answer in
     *     time
     */
    void setClock(String uuid, Instant now);

    /**
     * The drivers of the PCI devices of a Windows guest, as its agent tells them; the agent gets three seconds. libvirt notes
     * in the guest's log that its agent was asked.
     *
     * @throws BridgeException NOT_SUPPORTED when no agent answers, or one that does not know them (not Windows, or older than
     *     QEMU 5.2); HYPERVISOR_FAILED when the answer is none
     */
    List<GuestDriver> drivers(String uuid);

    /**
     * Sends a non-maskable interrupt to a guest, paused or not; what it does about it is its own affair.
     *
     * @throws BridgeException NOT_SUPPORTED, INSTANCE_INVALID_STATE when it does not run
     */
    void injectNmi(String uuid);

    /**
     * Gives a device to a guest.
     *
     * @param xml the device's element
     * @param live to the running guest
     * @param persistent to its stored definition
     */
    void attachDevice(String uuid, String xml, boolean live, boolean persistent);

    /**
     * Takes a device from a guest. The definition forgets it at once; a running guest is asked, and may keep it: look at
     * its document. A device that is not there, and a guest that is being asked already, are success.
     *
     * @param xml the device's element
     */
    void detachDevice(String uuid, String xml, boolean live, boolean persistent);

    /** Whether libvirt has been given the secret since it was started; its value it tells nobody. */
    boolean hasSecret(VolumeSecret secret);

    /**
     * Gives libvirt the value of a secret, in its memory alone and for its own use: nobody can read it again, and a restart
     * of libvirt loses it. Another secret for the same volume goes.
     *
     * @param value zeroed by the caller
     * @throws BridgeException NOT_SUPPORTED where libvirt keeps no secrets
     */
    void keepSecret(VolumeSecret secret, byte[] value);

    /** Has libvirt forget a secret; a guest that runs does not need it any more. One that is not there is success. */
    void removeSecret(VolumeSecret secret);

    /** Tells a running guest of a disk's new size. */
    void blockResize(String uuid, String targetDevice, long sizeBytes);

    /**
     * Sets the limits of a disk, in the running guest and in its definition; limits that are not named end.
     *
     * @param limits numbers by libvirt's names ({@code total_iops_sec}); a group that the disk is in stays
     */
    void limit(String uuid, String targetDevice, Map<String, String> limits);

    /**
     * Gives a running guest one more I/O thread, and its definition too. No disk that it has moves there.
     *
     * @param thread its number, which no other has
     */
    void addIoThread(String uuid, int thread);

    /** Moves an I/O thread to processors of the host, in the running guest and in its definition. */
    void pinIoThread(String uuid, int thread, SortedSet<Integer> processors);

    /** The disks of a running guest that have an error; empty when none has, also for one that does not run. */
    List<DiskError> diskErrors(String uuid);

    /**
     * What a running guest has used.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE when it does not run
     */
    GuestStatistics statistics(String uuid);

    /** Registers a listener for the life of this object; called on one thread of ours, never libvirt's. */
    void subscribe(Consumer<GuestEvent> listener);

    /** True while the connection is usable. */
    boolean connected();

    @Override
    void close();
}
