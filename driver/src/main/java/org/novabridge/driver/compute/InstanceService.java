package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDevice;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.storage.DiskKey;

/**
 * What can be asked of the guests of this host.
 *
 * <p>Everything that changes something returns at once with an {@link Operation}; what can be refused
 * without touching anything is refused here, by {@link BridgeException}: INVALID_REQUEST,
 * INSTANCE_NOT_FOUND, INSTANCE_EXISTS, OWNED_BY_NOVA, FORBIDDEN, KEY_REUSED. Each operation may be
 * repeated. Operations on one instance run one after the other.
 */
public interface InstanceService {

    /** {@link #prepare}, {@link #start} in a row; when it fails nothing of it is left. */
    Operation create(Caller caller, InstanceSpec spec, RequestKey key);

    /** Makes disks and console log and remembers the spec; the result carries what the caller connects. */
    Operation prepare(Caller caller, InstanceSpec spec, RequestKey key);

    /**
     * Defines and starts a prepared (or redefined) instance.
     *
     * @param paused start with stopped CPUs, until {@link #resume}
     * @param fresh the spec with the volumes as they are connected now; null takes the one of {@link #prepare}
     */
    Operation start(Caller caller, String uuid, boolean paused, @Nullable InstanceSpec fresh, RequestKey key);

    /** {@link #start} with the recorded spec. */
    default Operation start(Caller caller, String uuid, boolean paused, RequestKey key) {
        return start(caller, uuid, paused, null, key);
    }

    /** Lets a guest run that was started paused, or brings back a suspended one. */
    Operation resume(Caller caller, String uuid, RequestKey key);

    /** {@link #stop}, {@link #release} in a row. A missing instance is success. */
    Operation delete(Caller caller, String uuid, RequestKey key);

    /** Pulls the plug; first step of delete and of hard reboot. A missing guest is success. */
    Operation stop(Caller caller, String uuid, RequestKey key);

    /** Wipes and removes disks, folder, definition and record. What is missing is success. */
    Operation release(Caller caller, String uuid, RequestKey key);

    /**
     * Reboots. HARD is {@link #stop}, {@link #redefine}, {@link #start} in a row.
     *
     * @param fresh today's spec from the caller, which ends a rescue; null takes the recorded one
     */
    Operation reboot(Caller caller, String uuid, RebootType type, @Nullable InstanceSpec fresh, RequestKey key);

    /** Builds the definition of a stopped guest from today's configuration; no disk is ever made. */
    Operation redefine(Caller caller, String uuid, @Nullable InstanceSpec fresh, RequestKey key);

    /**
     * Asks the guest to shut down, repeatedly, and pulls the plug when it did not.
     *
     * @param timeout how long to wait; zero pulls the plug at once; null takes what the image of the guest
     *     says ({@code os_shutdown_timeout}), else {@code [DEFAULT]shutdown_timeout}
     * @param retryInterval how often to ask; zero asks once; null takes {@code [compute]shutdown_retry_interval}
     */
    Operation powerOff(
            Caller caller, String uuid, @Nullable Duration timeout, @Nullable Duration retryInterval, RequestKey key);

    /**
     * As a hard reboot of a stopped guest; a running one is success.
     *
     * @param paused to start it with stopped processors, until {@link #resume}, or a power-on with a spec
     * @param fresh today's spec from the caller; null takes the recorded one
     */
    Operation powerOn(Caller caller, String uuid, boolean paused, @Nullable InstanceSpec fresh, RequestKey key);

    /** {@link #powerOn} that lets it run at once. */
    default Operation powerOn(Caller caller, String uuid, @Nullable InstanceSpec fresh, RequestKey key) {
        return powerOn(caller, uuid, false, fresh, key);
    }

    /** {@link #powerOn} with the recorded spec. */
    default Operation powerOn(Caller caller, String uuid, RequestKey key) {
        return powerOn(caller, uuid, null, key);
    }

    Operation pause(Caller caller, String uuid, RequestKey key);

    Operation unpause(Caller caller, String uuid, RequestKey key);

    /** Saves memory to disk and stops. */
    Operation suspend(Caller caller, String uuid, RequestKey key);

    /**
     * Makes an image of the root disk, of a running guest too. The result has {@code way} (live, stopped or saved) and
     * its {@code reason}, {@code file}, {@code format}, {@code bytes}; of a live one {@code still_seconds}, how long
     * the guest stood still, and {@code frozen_file_systems}.
     */
    Operation snapshot(Caller caller, String uuid, SnapshotRequest request, RequestKey key);

    /**
     * Gives the guest another flavor on this host. It is stopped meanwhile, and what its disks were is kept until {@link
     * #confirmResize} or {@link #revertResize}; online, its disks grow while it runs, and that is all. The result has
     * {@code way} (offline, online), {@code confirm} (whether it waits for one), {@code disks} with {@code name}, {@code
     * change}, {@code from}, {@code to} in bytes and {@code kept}. Fails with RESIZE_REFUSED before anything is touched.
     */
    Operation resize(Caller caller, String uuid, ResizeRequest request, RequestKey key);

    /** Removes what was kept of the disks, wiped as configured. The guest is not touched. */
    Operation confirmResize(Caller caller, String uuid, RequestKey key);

    /** Disks, record and definition become what they were; a guest that ran then runs again. */
    Operation revertResize(Caller caller, String uuid, RequestKey key);

    /**
     * Takes over a guest that Nova's own driver has made, running or not, and changes nothing of it. One that is known is
     * success. The result has {@code adopted}, {@code backend}, {@code disks} with {@code name}, {@code backend}, {@code
     * format} and {@code source}, {@code volumes} with {@code device} and {@code source}.
     *
     * @param fresh Nova's spec of it; null for a dry run of what its domain alone says
     * @param dryRun checks and says all of it, and writes nothing
     */
    Operation adopt(Caller caller, String uuid, @Nullable InstanceSpec fresh, boolean dryRun, RequestKey key);

    /**
     * Brings the instance to another host, with another flavor if one is given. The guest is stopped meanwhile and runs
     * there if it ran; what it has here stays until {@link #confirmMigration} or {@link #revertMigration}. The result has
     * {@code host}, {@code ran}, {@code disks} with {@code name} and {@code size}, {@code allocated_bytes}, {@code
     * sent_bytes}. Fails with RESIZE_REFUSED before anything is touched, also when the other host refuses; for Nova ({@link
     * MigrationRequest#held}) also when it fails later and the guest is again as it was.
     */
    Operation migrate(Caller caller, String uuid, MigrationRequest request, RequestKey key);

    /**
     * The instance goes from this host; the other one's is the only copy. A guest that ran must run there, unless Nova starts
     * it and {@code running} does not demand it.
     */
    Operation confirmMigration(Caller caller, String uuid, boolean running, RequestKey key);

    /** The instance goes from the other host; it is this one's as it was, and runs if it ran and {@code how} does not say else. */
    Operation revertMigration(Caller caller, String uuid, MigrationRevert how, RequestKey key);

    /**
     * Runs the guest from a disk made of a rescue image, with its own disks beside it, until {@link #unrescue}. A guest that
     * runs is stopped, and one that does not is started. The result has {@code way} (legacy, stable), {@code image}, {@code
     * outside}, and {@code disks} with {@code name} and {@code target}. When it fails the guest is as it was, and stopped.
     *
     * @param rescue without an id of its image: {@code rescue_image_id}, or the image of the guest
     */
    Operation rescue(Caller caller, String uuid, RescueSpec rescue, RequestKey key);

    /** Runs the guest from its own disks again; what a rescue has left is removed. One that is not rescued is success. */
    Operation unrescue(Caller caller, String uuid, RequestKey key);

    /**
     * Gives the guest a volume that is connected to this host, running or not. One that it has is success. The result has
     * {@code device} and {@code live}, whether it runs with it.
     *
     * @throws BridgeException INVALID_REQUEST when it is not connected or its name is taken, FORBIDDEN, DISK_NOT_FOUND
     */
    Operation attachVolume(Caller caller, String uuid, BlockDevice volume, RequestKey key);

    /**
     * Takes a volume from the guest, and waits until a running one has let it go: DEVICE_DETACH_FAILED when it does not,
     * and then it has it as before. One that it has not is success. The result has {@code device} and {@code found}.
     *
     * @param device its name in the guest; null when {@code volume} says which
     * @param volume Cinder's id; with {@code device} both must agree
     */
    Operation detachVolume(
            Caller caller, String uuid, @Nullable String device, @Nullable String volume, RequestKey key);

    /**
     * Tells a running guest that a volume of it has grown; the next start of one that does not run sees it. The result has
     * {@code device} and {@code told}.
     *
     * @param volume Cinder's id
     * @throws BridgeException VOLUME_NOT_FOUND
     */
    Operation extendVolume(Caller caller, String uuid, String volume, long sizeBytes, RequestKey key);

    /**
     * Brings to a running guest what of today's configuration it can have live: limits of disks, where its I/O threads
     * run, and such threads for the volumes that are plugged after it. The result has {@code applied} and {@code left}.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND, INSTANCE_NOT_RUNNING
     */
    Operation applyLive(Caller caller, String uuid, RequestKey key);

    /**
     * Takes a volume from the running guest, waits until that has let it go, and gives it back as today's configuration has
     * it: DEVICE_DETACH_FAILED when it does not let go, and then it has it as before, as when the attach fails. Never the
     * disk that the guest lives on. One that is as configured is success. The result has {@code device}, {@code replugged},
     * {@code changes}, which is what a replug brings, and {@code left}.
     *
     * @param volume Cinder's id, or its name in the guest
     * @param dryRun checks and says all of it, and changes nothing
     * @throws BridgeException INSTANCE_NOT_FOUND, INSTANCE_NOT_RUNNING, VOLUME_NOT_FOUND, INVALID_REQUEST for a disk that is
     *     no such volume
     */
    Operation replugVolume(Caller caller, String uuid, String volume, boolean dryRun, RequestKey key);

    /**
     * Gives the guest a port that is plugged, running or not. One that it has is success. The result has {@code mac} and
     * {@code live}, whether it runs with it.
     *
     * @param vif Nova's VIF dictionary
     */
    Operation attachInterface(Caller caller, String uuid, Map<String, Object> vif, RequestKey key);

    /**
     * Takes a port from the guest, and waits until a running one has let it go: DEVICE_DETACH_FAILED when it does not, and
     * then it has it as before. One that it has not is success. The result has {@code mac} and {@code found}.
     */
    Operation detachInterface(Caller caller, String uuid, String mac, RequestKey key);

    /**
     * Brings the key of encrypted disks, for a create, start or snapshot that follows. It stays in memory until that has
     * opened the disks, at most an hour. The instance need not exist yet.
     *
     * @param disk Nova's name of the disk; null for all disks of the instance that have no key of their own
     * @param key copied; the caller closes it
     */
    void bringKey(Caller caller, String uuid, @Nullable String disk, DiskKey key);

    /**
     * Brings the key of an encrypted volume that QEMU decrypts, for a start or an attach that follows: that gives it to libvirt,
     * which has it until the guest has the volume no more. Until then it stays in memory, at most an hour.
     *
     * @param volume Cinder's id
     * @param key copied; the caller closes it
     */
    void bringVolumeKey(Caller caller, String uuid, String volume, DiskKey key);

    /**
     * Has the guest's agent set the password of its administrator: {@code os_admin_user} of the image, else Administrator on
     * Windows and root. The result has {@code user}.
     *
     * @param password closed by this call when it throws or its key is known, else when the operation ends
     * @throws BridgeException INSTANCE_NOT_FOUND; the operation fails with GUEST_AGENT_NOT_ENABLED, INSTANCE_NOT_RUNNING,
     *     NOT_SUPPORTED when no agent answers, HYPERVISOR_FAILED when it refuses
     */
    Operation setPassword(Caller caller, String uuid, GuestPassword password, RequestKey key);

    /**
     * Has the guest's agent freeze its file systems, until {@link #unquiesce} or for {@code quiesce_timeout}; a restart of the
     * bridge thaws them, too. The result has {@code frozen_file_systems} and {@code longest_seconds}.
     */
    Operation quiesce(Caller caller, String uuid, RequestKey key);

    /** Thaws them. The result has {@code held}: whether they were frozen until now. */
    Operation unquiesce(Caller caller, String uuid, RequestKey key);

    /** Sends the guest a non-maskable interrupt, paused or not. Fails with CRASH_DUMP_NOT_SUPPORTED, INSTANCE_NOT_RUNNING. */
    Operation crashDump(Caller caller, String uuid, RequestKey key);

    /** All guests of the host with their states; disks and drift are left empty. */
    List<InstanceView> list();

    /**
     * One guest with disks and drift.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    InstanceView show(String uuid);

    /**
     * One guest as {@link #list} has it.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    InstanceView state(String uuid);

    /**
     * The end of the console log; empty when the guest has written nothing.
     *
     * @param tailBytes at most this many bytes
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    byte[] consoleLog(String uuid, int tailBytes);

    /**
     * The disks with their sizes.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    List<InstanceView.DiskView> disks(String uuid);

    /**
     * Where the disks and interfaces of a guest are, running or not, in the order of its document.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND when it is not defined
     */
    List<LiveDevice> devices(String uuid);

    /** The operations of this service. */
    Operations operations();

    /** The spec an instance was last given, without secrets; empty when it was not made here. */
    Optional<InstanceSpec> spec(String uuid);
}
