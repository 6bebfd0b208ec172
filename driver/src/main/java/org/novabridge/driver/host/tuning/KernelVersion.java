package org.novabridge.driver.host.tuning;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Major and minor number of a kernel; distributions back-port, so it only says what is certain from a version on. */
record KernelVersion(int major, int minor) {
    private static final Pattern RELEASE = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4}).*");

    /** @param release as {@code /proc/sys/kernel/osrelease} has it: {@code 6.1.0-18-amd64} */
    static Optional<KernelVersion> of(String release) {
        Matcher matcher = RELEASE.matcher(release.strip());
        return matcher.matches()
                ? Optional.of(new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    boolean atLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
