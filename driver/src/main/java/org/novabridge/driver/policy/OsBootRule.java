package org.novabridge.driver.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.OsBoot;

/** What the guest boots: a kernel of its own, or its disks in order (driver.py 26.2.2, _conf_non_lxc). */
final class OsBootRule {
    /** Kernel messages go to both consoles. */
    private static final String CONSOLE = "console=tty0 console=ttyS0 console=hvc0";

    private OsBootRule() {}

    static OsBoot decide(GuestContext guest, String machine, DiskPlan disks) {
        Instance instance = guest.instance();
        boolean menu = guest.image()
                .flag("hw_boot_menu")
                .orElseGet(() -> guest.extraFlag("hw:boot_menu").orElse(false));
        boolean ownKernel = given(instance.kernelId());
        String directory = guest.config().get(DefaultOptions.INSTANCES_PATH) + "/" + instance.uuid() + "/";
        return new OsBoot(
                "hvm",
                guest.arch(),
                machine,
                ownKernel ? directory + "kernel" : null,
                ownKernel && given(instance.ramdiskId()) ? directory + "ramdisk" : null,
                ownKernel ? commandLine(guest, disks.rootDeviceName()) : null,
                ownKernel ? List.of() : disks.bootDevices(),
                true,
                menu);
    }

    private static String commandLine(GuestContext guest, @Nullable String root) {
        return guest.image()
                .find("os_command_line")
                .filter(line -> !line.isEmpty())
                .orElseGet(() -> {
                    String line = "root=" + (root == null ? "None" : root) + " " + CONSOLE;
                    return guest.virtType().equals("qemu") ? line + " no_timer_check" : line;
                });
    }

    private static boolean given(@Nullable String value) {
        return value != null && !value.isEmpty();
    }
}
