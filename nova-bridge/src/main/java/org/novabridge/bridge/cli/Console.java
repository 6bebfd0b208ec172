package org.novabridge.bridge.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints: results to the standard output as a table or as JSON ({@code --output}),
 * progress to the standard error and only on a terminal. What a guest has written does nothing to a terminal.
 */
final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final PrintStream bytes;
    private final OutputFormat format;
    private final boolean terminal;
    private int progressWidth;

    private Console(PrintWriter out, PrintWriter err, PrintStream bytes, OutputFormat format, boolean terminal) {
        this.out = out;
        this.err = err;
        this.bytes = bytes;
        this.format = format;
        this.terminal = terminal;
    }

    /** The console of a command that runs under {@link NovaBridge}; pass the command's {@code @Spec}. */
    static Console of(CommandSpec spec) {
        NovaBridge root = (NovaBridge) spec.root().userObject();
        return new Console(
                spec.commandLine().getOut(),
                spec.commandLine().getErr(),
                root.bytes,
                root.output,
                NovaBridge.onTerminal());
    }

    PrintWriter out() {
        return out;
    }

    PrintWriter err() {
        return err;
    }

    boolean onTerminal() {
        return terminal;
    }

    /** True when the caller wants JSON. */
    boolean json() {
        return format == OutputFormat.JSON;
    }

    /** Prints the value as JSON when asked for, else the table. */
    void show(Object value, Table table) {
        if (json()) {
            json(value);
        } else {
            table.print(out);
        }
    }

    /** Prints the value as an indented JSON document. */
    void json(Object value) {
        out.println(Json.pretty(value));
        out.flush();
    }

    /** Prints a line for people; nothing when the caller wants JSON. */
    void say(String line) {
        if (!json()) {
            out.println(line);
            out.flush();
        }
    }

    /**
     * Prints what a guest has written: to a terminal with its control characters in words, see {@link GuestText}; to
     * anything else as it is.
     *
     * @param raw as it is to a terminal, too
     */
    void fromGuest(byte[] text, boolean raw) {
        if (NovaBridge.outOnTerminal() && !raw) {
            out.print(GuestText.harmless(text));
            out.flush();
        } else {
            bytes.write(text, 0, text.length);
            bytes.flush();
        }
    }

    /**
     * Shows what is being done on one changing line; only on a terminal.
     *
     * @param percent 0 to 100, negative when unknown
     */
    void progress(String phase, double percent) {
        if (!terminal) {
            return;
        }
        String text = percent < 0 ? phase : String.format(Locale.ROOT, "%s  %3.0f%%", phase, percent);
        text = Table.printable(text);
        err.print("\r" + text + " ".repeat(Math.max(0, progressWidth - text.length())));
        err.flush();
        progressWidth = text.length();
    }

    /** Wipes the progress line; call it before anything else is printed. */
    void progressDone() {
        if (progressWidth > 0) {
            err.print("\r" + " ".repeat(progressWidth) + "\r");
            err.flush();
            progressWidth = 0;
        }
    }
}
