package org.novabridge.driver.host.tuning;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is mounted where, as {@code /proc/self/mountinfo} has it (proc_pid_mountinfo(5)). */
final class MountTable {
    /**
     * One mount.
     *
     * @param device major and minor number; of a file system without a device of its own 0:something
     * @param source what was mounted: a device, a server
     * @param options of the mount and of the file system
     */
    record Mount(String device, String target, String type, String source, List<String> options) {
        Mount {
            options = List.copyOf(options);
        }
    }

    private final List<Mount> mounts;

    private MountTable(List<Mount> mounts) {
        this.mounts = mounts;
    }

    static MountTable read(HostTree tree) {
        List<Mount> mounts = new ArrayList<>();
        tree.text("/proc/self/mountinfo").stream().flatMap(String::lines).forEach(line -> {
            List<String> fields = Arrays.asList(line.split(" ", -1));
            int dash = fields.indexOf("-");
            if (dash >= 6 && fields.size() > dash + 3) {
                List<String> options =
                        new ArrayList<>(Arrays.asList(fields.get(5).split(",", -1)));
                options.addAll(Arrays.asList(fields.get(dash + 3).split(",", -1)));
                mounts.add(new Mount(
                        fields.get(2),
                        unescaped(fields.get(4)),
                        fields.get(dash + 1),
                        unescaped(fields.get(dash + 2)),
                        options));
            }
        });
        return new MountTable(mounts);
    }

    List<Mount> all() {
        return List.copyOf(mounts);
    }

    /** The mount that a path lies in: the deepest, and of several on one folder the last. */
    Optional<Mount> of(String path) {
        Path wanted = Path.of(path).normalize();
        Mount best = null;
        for (Mount mount : mounts) {
            Path target = Path.of(mount.target());
            if (wanted.startsWith(target)
                    && (best == null
                            || target.getNameCount() >= Path.of(best.target()).getNameCount())) {
                best = mount;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Blanks and their like are written in octal. */
    private static String unescaped(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
