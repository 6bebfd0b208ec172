package org.novabridge.driver.host.tuning;

import java.util.List;
import java.util.Optional;

/** The files of ours below /etc: what the host is to be like after the next boot. Each begins with {@link #ORIGIN}. */
enum OwnFile {
    UDEV("/etc/udev/rules.d/61-nova-bridge-disks.rules"),
    /** Not 99-sysctl.conf, which is the operator's; files are read in the order of their names (sysctl.d(5)). */
    SYSCTL("/etc/sysctl.d/60-nova-bridge.conf"),
    /** In /etc and not /usr/lib, which belongs to packages (tmpfiles.d(5)). */
    TMPFILES("/etc/tmpfiles.d/nova-bridge.conf"),
    /** Read before udev's rules and sysctl.d at a boot (modules-load.d(5)). */
    MODULES("/etc/modules-load.d/nova-bridge.conf");

    /** The line that tells our files from the operator's. */
    static final String ORIGIN = "# Made by nova-bridge host apply; nova-bridge host undo removes it.";

    private final String path;

    OwnFile(String path) {
        this.path = path;
    }

    String path() {
        return path;
    }

    static Optional<OwnFile> at(String path) {
        return List.of(values()).stream().filter(file -> file.path.equals(path)).findFirst();
    }

    /** Whether a text is one that we have written. */
    static boolean ours(String text) {
        return text.lines().findFirst().filter(ORIGIN::equals).isPresent();
    }
}
