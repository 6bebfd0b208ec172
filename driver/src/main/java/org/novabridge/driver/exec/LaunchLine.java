package org.novabridge.driver.exec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Composes the real argv of a command out of small programs of util-linux, each of which execs the
 * next, so that the pid stays one and no shell is needed:
 *
 * <pre>
 *   setpriv --pdeathsig KILL -- setsid flock -F GATE setpriv --pdeathsig clear … -- prlimit … -- PROGRAM …
 * </pre>
 *
 * The gate is a FIFO: flock opens it for reading, which the kernel holds until the bridge opens it
 * for writing, after the observer returned. Until then the child dies with the bridge.
 * {@code --pdeathsig} comes last among the privileges, because a change of user clears the signal.
 *
 * <p>A command that changes something has a session of its own: the interrupt key of the terminal does not
 * reach an LVM command that must not be killed, and all that the command started is found by the session.
 *
 * <p>What is left open: the few microseconds between fork and setpriv's prctl. A bridge killed there
 * leaves either a child that waits at the gate for good and does nothing, or (ungated, so reading only)
 * one that ends by itself.
 */
final class LaunchLine {
    private LaunchLine() {}

    static List<String> compose(Command command, Path program, Programs programs, @Nullable Gate gate) {
        Path setpriv = programs.setpriv();
        boolean outlives = command.effect() == Effect.MUST_FINISH;
        List<String> line = new ArrayList<>();
        if (gate != null) {
            line.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL", "--"));
            line.add(programs.setsid().toString());
            line.addAll(List.of(gate.flock().toString(), "-F", gate.fifo().toString()));
        }
        if (gate != null || !outlives || command.confinement() != null) {
            line.add(setpriv.toString());
            Confinement confinement = command.confinement();
            if (confinement != null) {
                line.addAll(confinement.setprivArguments());
            }
            line.addAll(List.of("--pdeathsig", outlives ? "clear" : "KILL", "--"));
            if (confinement != null && !confinement.prlimitArguments().isEmpty()) {
                line.add(programs.prlimit().toString());
                line.addAll(confinement.prlimitArguments());
                line.add("--");
            }
        }
        if (gate == null && command.effect() != Effect.READS) {
            line.add(programs.setsid().toString());
        }
        line.add(program.toString());
        line.addAll(command.arguments());
        return line;
    }

    /** The small programs. */
    record Programs(Path setpriv, Path prlimit, Path setsid) {}

    /** The FIFO and the program that waits at it. */
    record Gate(Path fifo, Path flock) {}
}
