package org.novabridge.bridge.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.novabridge.bridge.rest.TestBridge;
import picocli.CommandLine;

/** A command line as an operator types it, to a bridge of a test. */
final class Typed {
    private Typed() {}

    /** @return the exit code */
    static int run(TestBridge bridge, Writer out, Writer err, String... args) {
        List<String> line = new ArrayList<>(List.of(args));
        if (!line.contains("--socket")) {
            line.addAll(List.of("--socket", bridge.socket().toString()));
        }
        return run(out, err, line);
    }

    /** A whole line, what it prints as bytes too. */
    static int run(Writer out, Writer err, List<String> line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CommandLine command =
                NovaBridge.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        command.<NovaBridge>getCommand().bytes = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int exit = command.execute(line.toArray(String[]::new));
        try {
            if (bytes.size() > 0) {
                // As Latin-1, in which each byte is a character.
                out.write(bytes.toString(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return exit;
    }
}
