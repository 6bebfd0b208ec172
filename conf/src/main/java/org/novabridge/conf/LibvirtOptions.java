package org.novabridge.conf;

import java.util.List;

/**
 * {@code [libvirt]}: every option by name, as {@code LibvirtOptions.IMAGES_TYPE}. The declarations lie in three
 * tables, because they are many: disks, the guest as a whole, and what the bridge adds.
 */
public final class LibvirtOptions implements LibvirtDiskOptions, LibvirtGuestOptions, LibvirtBridgeOptions {
    static final List<OptionSection> SECTIONS = List.of(DISK_SECTION, GUEST_SECTION, BRIDGE_SECTION);

    private LibvirtOptions() {}
}
