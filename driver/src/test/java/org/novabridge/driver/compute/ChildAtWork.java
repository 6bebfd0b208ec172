package org.novabridge.driver.compute;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.novabridge.driver.exec.Command;

/** The real process of a command that runs in this JVM's name, met in the middle of its work, to be sent signals. */
final class ChildAtWork {
    private static final int KILL = 9;
    private static final int CONTINUE = 18;
    private static final int STOP = 19;
    private static final long LOOK_NANOS = 300_000;

    private final Command command;
    private final BooleanSupplier over;
    private long pid;

    /** @param over true once nobody waits for the command any more */
    ChildAtWork(Command command, BooleanSupplier over) {
        this.command = command;
        this.over = over;
    }

    private interface Signals extends Library {
        Signals LIBC = Native.load("c", Signals.class);

        int kill(int pid, int signal);
    }

    /** Ends it by a signal that it cannot catch; false when it was over before. */
    boolean kill() {
        return met() && send(KILL);
    }

    /** Stands it still wherever it is; false when it was over before. */
    boolean stop() {
        return met() && send(STOP);
    }

    /** Stands it still while it holds a lock of LVM's, for which all others wait; false when it was over before. */
    boolean stopInLock() {
        if (!met()) {
            return false;
        }
        while (!over.getAsBoolean() && isIt()) {
            if (holdsLock()) {
                send(STOP);
                if (holdsLock()) {
                    return true;
                }
                goOn();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return false;
    }

    void goOn() {
        send(CONTINUE);
    }

    private boolean send(int signal) {
        return isIt() && Signals.LIBC.kill((int) pid, signal) == 0;
    }

    /** Waits until the small programs before it have become it. */
    private boolean met() {
        while (!over.getAsBoolean()) {
            if (pid == 0) {
                pid = ProcessHandle.current()
                        .children()
                        .map(ProcessHandle::pid)
                        .filter(each -> endsAsIt(words(each)))
                        .findFirst()
                        .orElse(0L);
            } else if (isIt()) {
                return true;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return false;
    }

    private boolean endsAsIt(List<String> words) {
        int more = words.size() - command.arguments().size();
        return more > 0 && words.subList(more, words.size()).equals(command.arguments());
    }

    private boolean isIt() {
        List<String> words = words(pid);
        String name = Path.of(command.program()).getFileName().toString();
        return words.size() == 1 + command.arguments().size()
                && endsAsIt(words)
                && Path.of(words.get(0)).getFileName().toString().equals(name);
    }

    private static List<String> words(long of) {
        try {
            String line = Files.readString(Path.of("/proc", Long.toString(of), "cmdline"), StandardCharsets.UTF_8);
            return line.isEmpty()
                    ? List.of()
                    : List.of(line.substring(0, line.length() - 1).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The kernel's list: "1: FLOCK  ADVISORY  WRITE 733 00:1a:42 0 EOF"; one that waits has an arrow after its number. */
    private boolean holdsLock() {
        String mark = " WRITE " + pid + " ";
        try (Stream<String> locks = Files.lines(Path.of("/proc/locks"))) {
            return locks.anyMatch(line -> line.contains("FLOCK")
                    && !line.contains("->")
                    && line.replaceAll(" +", " ").contains(mark));
        } catch (IOException e) {
            return false;
        }
    }
}
