package org.novabridge.bridge.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.novabridge.bridge.rest.TestBridge;

/** A command line as an operator types it, to a bridge of a test. */
final class Typed {
    private Typed() {}

    /** @return the exit code */
    static int run(TestBridge bridge, Writer out, Writer err, String... args) {
        List<String> line = new ArrayList<>(List.of(args));
        if (!line.contains("--socket")) {
            line.addAll(List.of("--socket", bridge.socket().toString()));
        }
        return NovaBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(line.toArray(String[]::new));
    }
}
