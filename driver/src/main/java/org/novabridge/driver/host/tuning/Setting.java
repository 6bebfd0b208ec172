package org.novabridge.driver.host.tuning;

import java.util.Optional;

/**
 * A value of the kernel that a rule has an opinion on.
 *
 * @param path below /sys or /proc/sys
 * @param found what the kernel has now
 * @param wanted what the rule wants; the same when all is well
 * @param kept the line that brings it back at boot; empty where none can
 */
record Setting(String path, String found, String wanted, Optional<KeptLine> kept) {
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
