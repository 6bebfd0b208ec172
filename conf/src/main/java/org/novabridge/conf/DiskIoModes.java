package org.novabridge.conf;

import java.util.List;
import java.util.Set;

/** {@code [libvirt]disk_io_modes}: ours, written like {@code disk_cachemodes}; an unknown mode is an error at load. */
public final class DiskIoModes {
    /** {@code default} leaves it to QEMU, {@code auto} lets the bridge choose by source and host. */
    public static final Set<String> VALID = Set.of("native", "threads", "io_uring", "default", "auto");

    private DiskIoModes() {}

    /** @param list {@link LibvirtOptions#DISK_IO_MODES} as resolved */
    public static SourceTypeModes parse(Resolved<List<String>> list) {
        return SourceTypeModes.parse(list, VALID);
    }
}
