package org.novabridge.driver.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the guest boots, and on which machine.
 *
 * @param osType hvm
 * @param machine QEMU machine type; null leaves the choice to QEMU
 * @param kernel path of a kernel to boot directly
 * @param bootDevices hd, cdrom, fd in the order tried; empty when a kernel is given
 * @param smbios the guest sees {@link SystemInfo} in its SMBIOS tables
 * @param bootMenu the firmware shows its boot menu
 */
public record OsBoot(
        String osType,
        @Nullable String arch,
        @Nullable String machine,
        @Nullable String kernel,
        @Nullable String initrd,
        @Nullable String cmdline,
        List<String> bootDevices,
        boolean smbios,
        boolean bootMenu) {
    public OsBoot {
        bootDevices = List.copyOf(bootDevices);
    }
}
