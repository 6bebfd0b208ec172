package org.novabridge.driver.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.Option;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.OsBoot;

/**
 * What the guest boots: a kernel of its own, or its disks in order (driver.py 26.2.2, _conf_non_lxc). A guest that is
 * rescued has no order of devices (_set_guest_for_rescue), and its kernel is that of the rescue.
 */
final class OsBootRule {
    /** Kernel messages go to both consoles. */
    private static final String CONSOLE = "console=tty0 console=ttyS0 console=hvc0";

    private OsBootRule() {}

    static OsBoot decide(GuestContext guest, String machine, DiskPlan disks) {
        Instance instance = guest.instance();
        boolean menu = guest.image()
                .flag("hw_boot_menu")
                .orElseGet(() -> guest.extraFlag("hw:boot_menu").orElse(false));
        boolean rescued = guest.spec().rescue() != null;
        boolean ownKernel = given(instance.kernelId()) || rescued && written(guest, LibvirtOptions.RESCUE_KERNEL_ID);
        boolean ownRamdisk = given(instance.ramdiskId()) || rescued && written(guest, LibvirtOptions.RESCUE_RAMDISK_ID);
        String directory = guest.config().get(DefaultOptions.INSTANCES_PATH) + "/" + instance.uuid() + "/";
        String suffix = rescued ? ".rescue" : "";
        return new OsBoot(
                "hvm",
                guest.arch(),
                machine,
                ownKernel ? directory + "kernel" + suffix : null,
                // Nova gives a rescued guest the ramdisk also without a kernel.
                ownRamdisk && (ownKernel || rescued) ? directory + "ramdisk" + suffix : null,
                ownKernel ? commandLine(guest, rescued, disks.rootDeviceName()) : null,
                ownKernel || rescued ? List.of() : disks.bootDevices(),
                true,
                menu);
    }

    private static boolean written(GuestContext guest, Option<String> option) {
        return guest.config().find(option).filter(OsBootRule::given).isPresent();
    }

    private static String commandLine(GuestContext guest, boolean rescued, @Nullable String root) {
        return guest.image()
                .find("os_command_line")
                .filter(line -> !line.isEmpty() && !rescued)
                .orElseGet(() -> {
                    String line = "root=" + (root == null ? "None" : root) + " " + CONSOLE;
                    return guest.virtType().equals("qemu") ? line + " no_timer_check" : line;
                });
    }

    private static boolean given(@Nullable String value) {
        return value != null && !value.isEmpty();
    }
}
