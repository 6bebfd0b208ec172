package org.novabridge.driver.compute;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The document of a guest as Nova's own driver leaves it in libvirt, as far as an adoption reads it. */
final class NovasGuest {
    private static final String METADATA =
            "<metadata><nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'>"
                    + "<nova:package version='26.2.2'/><nova:name>web</nova:name></nova:instance></metadata>";

    private NovasGuest() {}

    static String document(String uuid, String... disks) {
        return "<domain type='qemu'><name>instance-" + uuid.substring(0, 8) + "</name><uuid>" + uuid + "</uuid>"
                + METADATA
                + "<memory unit='KiB'>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>"
                + Arrays.stream(disks).collect(Collectors.joining()) + "</devices></domain>";
    }

    /** As {@code virsh define} makes one. */
    static String madeByHand(String uuid, String... disks) {
        return document(uuid, disks).replace(METADATA, "");
    }

    static String file(String target, String format, String path) {
        return "<disk type='file' device='disk'><driver name='qemu' type='" + format + "' cache='none'/><source file='"
                + path + "'/><target dev='" + target + "' bus='virtio'/></disk>";
    }

    static String volume(String target, String device, String id) {
        return "<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='"
                + device + "'/><target dev='" + target + "' bus='virtio'/><serial>" + id + "</serial></disk>";
    }
}
