package org.novabridge.driver.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process of this host, named for good: the number is used again, within one boot not together with
 * the start time, and another boot is another host.
 *
 * @param pid the process, and the session of all that it started ({@link LaunchLine} gives each a session)
 * @param startTime clock ticks since boot (field 22 of {@code /proc/<pid>/stat})
 * @param boot the kernel's id of the boot; null when it was not written down (state of an older bridge)
 */
public record HostProcess(
        long pid, long startTime, @Nullable String boot) {
    /** Stands in the environment of all that {@link ProcessExecutor} starts, and of what that starts. */
    static final String MARK = "NOVA_BRIDGE_CHILD";

    private static final Path PROC = Path.of("/proc");

    /** The fields of {@code /proc/<pid>/stat} that are of use here. */
    private record Stat(long pid, char state, long session, long startTime) {
        boolean runs() {
            return state != 'Z' && state != 'X';
        }
    }

    /**
     * The process that has the number now.
     *
     * @throws IOException when there is none
     */
    public static HostProcess of(long pid) throws IOException {
        return new HostProcess(pid, read(pid).startTime(), bootId());
    }

    /** The id of this boot of the kernel. */
    static String bootId() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("every Linux has a boot id", e);
        }
    }

    /** True while it runs; a zombie does not. */
    public boolean runs() {
        return thisBoot()
                && find(pid)
                        .filter(stat -> stat.runs() && stat.startTime() == startTime)
                        .isPresent();
    }

    /**
     * True while it, or something that it started and that may have outlived it, runs. As long as the process
     * is there, all of its session is its own. Afterwards the number may have gone to somebody else, whose
     * daemon must not be taken for a child of ours: it has to carry {@link #MARK} and the boot must be known.
     */
    public boolean anythingRuns() {
        return !family().isEmpty();
    }

    /**
     * Kills it and all that it started, at once; what has run already is success. Does not wait.
     *
     * @return whom it has killed: a dying process loses its environment before its files, and then only its number
     *     and start time tell that it is ours
     */
    public Set<HostProcess> kill() {
        Set<HostProcess> killed = new HashSet<>();
        for (ProcessHandle member : family()) {
            find(member.pid()).ifPresent(stat -> killed.add(new HostProcess(stat.pid(), stat.startTime(), boot)));
            member.destroyForcibly();
        }
        return killed;
    }

    private List<ProcessHandle> family() {
        List<ProcessHandle> family = new ArrayList<>();
        if (!thisBoot()) {
            return family;
        }
        Optional<Stat> now = find(pid);
        if (now.isPresent() && now.get().startTime() != startTime) {
            return family;
        }
        if (runs()) {
            ProcessHandle.of(pid).ifPresent(root -> {
                family.add(root);
                root.descendants().forEach(family::add);
            });
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                find(Long.parseLong(process.getFileName().toString()))
                        .filter(stat -> stat.runs() && stat.session() == pid && stat.startTime() >= startTime)
                        .filter(stat -> now.isPresent() || (boot != null && marked(stat.pid())))
                        .flatMap(stat -> ProcessHandle.of(stat.pid()))
                        .filter(member -> !family.contains(member))
                        .ifPresent(family::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("/proc cannot be read", e);
        }
        return family;
    }

    private static boolean marked(long pid) {
        try {
            String environment =
                    Files.readString(PROC.resolve(Long.toString(pid)).resolve("environ"), StandardCharsets.ISO_8859_1);
            return List.of(environment.split("\\x00")).contains(MARK + "=1");
        } catch (IOException e) {
            return false;
        }
    }

    private boolean thisBoot() {
        return boot == null || boot.equals(bootId());
    }

    private static Optional<Stat> find(long pid) {
        try {
            return Optional.of(read(pid));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Stat read(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
        // The second field is a name in brackets that may hold anything; what follows the last one is plain.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Stat(pid, fields[0].charAt(0), Long.parseLong(fields[3]), Long.parseLong(fields[19]));
    }
}
