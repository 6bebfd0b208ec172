package org.novabridge.driver.hypervisor;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** libvirt-domain.h: one domain. Integer results are negative on failure, pointers null. */
interface LibvirtDomainCalls extends Library {
    int START_PAUSED = 1;
    int DEFINE_VALIDATE = 1;
    int XML_SECURE = 1;
    int XML_INACTIVE = 2;
    int SHUTDOWN_ACPI_POWER_BTN = 1;
    int UNDEFINE_MANAGED_SAVE = 1;
    int UNDEFINE_NVRAM = 4;
    int BLOCK_RESIZE_BYTES = 1;
    int AFFECT_LIVE = 1;
    int AFFECT_CONFIG = 2;
    int DISK_ERROR_NO_SPACE = 2;

    /** Balloon, virtual processors, interfaces, blocks ({@code virDomainStatsTypes}). */
    int STATS_OF_A_GUEST = 4 | 8 | 16 | 32;

    @Nullable
    Pointer virDomainLookupByUUIDString(Pointer connection, String uuid);

    @Nullable
    Pointer virDomainDefineXMLFlags(Pointer connection, String xml, int flags);

    int virDomainFree(Pointer domain);

    /** Owned by the domain object: not to be freed. */
    @Nullable
    String virDomainGetName(Pointer domain);

    /** The buffer has room for 37 bytes (36 and the closing zero). */
    int virDomainGetUUIDString(Pointer domain, byte[] buffer);

    /** The running id, or -1. */
    int virDomainGetID(Pointer domain);

    int virDomainGetState(Pointer domain, IntByReference state, IntByReference reason, int flags);

    int virDomainIsActive(Pointer domain);

    int virDomainIsPersistent(Pointer domain);

    int virDomainHasManagedSaveImage(Pointer domain, int flags);

    @Nullable
    Pointer virDomainGetXMLDesc(Pointer domain, int flags);

    int virDomainCreateWithFlags(Pointer domain, int flags);

    int virDomainShutdownFlags(Pointer domain, int flags);

    int virDomainDestroyFlags(Pointer domain, int flags);

    int virDomainUndefineFlags(Pointer domain, int flags);

    int virDomainSuspend(Pointer domain);

    int virDomainResume(Pointer domain);

    int virDomainManagedSave(Pointer domain, int flags);

    int virDomainAttachDeviceFlags(Pointer domain, String xml, int flags);

    int virDomainDetachDeviceFlags(Pointer domain, String xml, int flags);

    /** @param parameters an array of {@code virTypedParameter} */
    int virDomainSetBlockIoTune(Pointer domain, String disk, Pointer parameters, int count, int flags);

    int virDomainAddIOThread(Pointer domain, int thread, int flags);

    /** @param processors one bit each, the lowest bit of the first byte being processor 0 */
    int virDomainPinIOThread(Pointer domain, int thread, byte[] processors, int bytes, int flags);

    int virDomainBlockResize(Pointer domain, String disk, long size, int flags);

    /**
     * Fills an array of {@code virDomainDiskError}: a pointer to the target's name, which the caller frees, and an int
     * ({@code virDomainDiskErrorCode}). How many it has filled, or, with room for none, how many disks there are.
     */
    int virDomainGetDiskErrors(Pointer domain, @Nullable Pointer errors, int room, int flags);

    /**
     * Statistics of domains.
     *
     * @param domains pointers to them, and NULL
     * @param records gets an array of pointers to {@code virDomainStatsRecord}, and NULL
     * @return how many, or -1
     */
    int virDomainListGetStats(Pointer domains, int stats, PointerByReference records, int flags);

    void virDomainStatsRecordListFree(Pointer records);

    /** How long an agent may take for one command, in seconds; flags 0. */
    int virDomainAgentSetResponseTimeout(Pointer domain, int seconds, int flags);

    /** No mount points: all. How many file systems were frozen. */
    int virDomainFSFreeze(Pointer domain, @Nullable Pointer mountPoints, int count, int flags);

    /** @param password UTF-8 and a closing zero */
    int virDomainSetUserPassword(Pointer domain, String user, Pointer password, int flags);

    /**
     * Sets the clock of a running guest, by its agent.
     *
     * @param seconds since 1970, UTC
     * @param flags 0
     */
    int virDomainSetTime(Pointer domain, long seconds, int nanoseconds, int flags);

    int virDomainInjectNMI(Pointer domain, int flags);

    int virDomainFSThaw(Pointer domain, @Nullable Pointer mountPoints, int count, int flags);
}
