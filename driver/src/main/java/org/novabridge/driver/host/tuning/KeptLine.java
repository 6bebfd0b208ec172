package org.novabridge.driver.host.tuning;

/**
 * One line of a file of ours, which makes a setting hold after a boot.
 *
 * @param line without its end
 */
record KeptLine(OwnFile file, String line) {
    /** {@code fs.aio-max-nr = 1048576} for {@code /proc/sys/fs/aio-max-nr}. */
    static KeptLine sysctl(String path, String value) {
        String key = path.substring("/proc/sys/".length()).replace('/', '.');
        return new KeptLine(OwnFile.SYSCTL, key + " = " + value);
    }

    /** Loaded at boot by systemd-modules-load (modules-load.d(5)). */
    static KeptLine module(String name) {
        return new KeptLine(OwnFile.MODULES, name);
    }

    /** Written at boot by systemd-tmpfiles; nothing happens where the file is not there (tmpfiles.d(5), type w). */
    static KeptLine tmpfiles(String path, String value) {
        return new KeptLine(OwnFile.TMPFILES, "w " + path + " - - - - " + value);
    }
}
