package org.novabridge.driver.hypervisor;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** libvirt-host.h: the connection and what it knows of the host. Texts returned as pointers are the caller's to free. */
interface LibvirtConnectionCalls extends Library {
    int virConnectGetLibVersion(Pointer connection, LongByReference version);

    int virConnectGetVersion(Pointer connection, LongByReference version);

    @Nullable
    Pointer virConnectGetHostname(Pointer connection);

    @Nullable
    Pointer virConnectGetCapabilities(Pointer connection);

    /** Any of the texts may be null for the driver's default. */
    @Nullable
    Pointer virConnectGetDomainCapabilities(
            Pointer connection,
            @Nullable String emulator,
            @Nullable String arch,
            @Nullable String machine,
            @Nullable String virtType,
            int flags);

    /** Fills an array of texts; the array and each text are the caller's to free. Returns their number. */
    int virConnectGetCPUModelNames(Pointer connection, String arch, PointerByReference models, int flags);

    /** VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES. */
    int EXPAND_FEATURES = 1;

    /** The processor that all of these have in common; of one it gives that one, with its features. */
    @Nullable
    Pointer virConnectBaselineCPU(Pointer connection, String[] cpus, int count, int flags);

    int virConnectSetKeepAlive(Pointer connection, int intervalSeconds, int count);

    /** Fills a {@code virNodeInfo}. */
    int virNodeGetInfo(Pointer connection, Pointer info);

    /** VIR_NODE_CPU_STATS_ALL_CPUS. */
    int ALL_PROCESSORS = -1;

    /**
     * Fills an array of {@code virNodeCPUStats}: a name of at most 79 bytes and an unsigned number of eight.
     *
     * @param count gets how many there are when no array is given
     */
    int virNodeGetCPUStats(
            Pointer connection, int processor, @Nullable Pointer statistics, IntByReference count, int flags);

    /** Fills an array of domain pointers, each the caller's to free, as is the array. */
    int virConnectListAllDomains(Pointer connection, PointerByReference domains, int flags);
}
