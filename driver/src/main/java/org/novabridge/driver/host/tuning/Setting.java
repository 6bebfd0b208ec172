package org.novabridge.driver.host.tuning;

import java.util.Optional;

/**
 * A value of the kernel that a rule has an opinion on.
 *
 * @param path below /sys or /proc/sys
 * @param found what the kernel has now
 * @param wanted what the rule wants; the same when all is well
 * @param kept the line that brings it back at boot; empty where none can
 * @param now it can be written to the kernel; else the line alone brings it, with the next boot
 */
record Setting(String path, String found, String wanted, Optional<KeptLine> kept, boolean now) {
    Setting(String path, String found, String wanted, Optional<KeptLine> kept) {
        this(path, found, wanted, kept, true);
    }

    /**
     * A module that is loaded, from the next boot on: what a module brings with it cannot be taken back by unloading it while guests
     * run.
     *
     * @param name as modprobe knows it
     */
    static Setting module(HostTree tree, String name) {
        String path = "/sys/module/" + name.replace('-', '_');
        return new Setting(
                path, tree.exists(path) ? "loaded" : "not loaded", "loaded", Optional.of(KeptLine.module(name)), false);
    }

    Setting fromBootOn() {
        return new Setting(path, found, wanted, kept, false);
    }

    static Setting sysctl(String path, String found, String wanted) {
        return new Setting(path, found, wanted, Optional.of(KeptLine.sysctl(path, wanted)));
    }

    static Setting tmpfiles(String path, String found, String wanted) {
        return new Setting(path, found, wanted, Optional.of(KeptLine.tmpfiles(path, wanted)));
    }

    boolean differs() {
        return !found.equals(wanted);
    }
}
