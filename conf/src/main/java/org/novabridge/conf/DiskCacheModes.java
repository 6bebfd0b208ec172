package org.novabridge.conf;

import java.util.List;
import java.util.Set;

/**
 * {@code [libvirt]disk_cachemodes} as Nova's driver reads it (virt/libvirt/driver.py, Zed): each item is cut at its first
 * {@code =}, nothing is stripped, an item with an unknown mode is skipped with a warning, the type is not checked.
 */
public final class DiskCacheModes {
    /** The modes Nova knows. */
    public static final Set<String> VALID =
            Set.of("default", "none", "writethrough", "writeback", "directsync", "unsafe");

    private DiskCacheModes() {}

    /** @param list {@link LibvirtOptions#DISK_CACHEMODES} as resolved */
    public static SourceTypeModes parse(Resolved<List<String>> list) {
        return SourceTypeModes.parse(list, VALID);
    }

    /** True for the modes with which QEMU opens the disk with O_DIRECT, which io=native needs. */
    public static boolean isDirect(String mode) {
        return mode.equals("none") || mode.equals("directsync");
    }
}
