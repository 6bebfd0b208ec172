package org.novabridge.driver.exec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command that reads hostile data is denied: it runs without capabilities, can gain none
 * (no-new-privs), as another user when one is given, and within limits of the kernel.
 *
 * @param uid the user to become; null keeps the bridge's own (tests, unprivileged runs)
 * @param gid the group to become; null with a null uid
 * @param cpu processor time after which the kernel kills it, whole seconds; null for no limit
 * @param addressSpaceBytes limit of its address space (RLIMIT_AS); null for no limit
 */
public record Confinement(
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Duration cpu,
        @Nullable Long addressSpaceBytes) {

    public Confinement {
        if ((uid == null) != (gid == null)) {
            throw new IllegalArgumentException("uid and gid are given together");
        }
    }

    /** Arguments of setpriv(1), without the program that follows. */
    List<String> setprivArguments() {
        List<String> arguments = new ArrayList<>();
        if (uid != null) {
            arguments.add("--reuid=" + uid);
            arguments.add("--regid=" + gid);
            arguments.add("--clear-groups");
            arguments.add("--bounding-set=-all");
        }
        arguments.add("--inh-caps=-all");
        arguments.add("--ambient-caps=-all");
        arguments.add("--no-new-privs");
        return arguments;
    }

    /** Arguments of prlimit(1); empty when there is no limit. */
    List<String> prlimitArguments() {
        List<String> arguments = new ArrayList<>();
        if (cpu != null) {
            arguments.add("--cpu=" + Math.max(1, cpu.toSeconds()));
        }
        if (addressSpaceBytes != null) {
            arguments.add("--as=" + addressSpaceBytes);
        }
        if (!arguments.isEmpty()) {
            arguments.add("--core=0");
        }
        return arguments;
    }
}
