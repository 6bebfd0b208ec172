package org.novabridge.driver.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Debian's python3-nova writing domain documents with its own {@code LibvirtDriver}, in a Python process that stays
 * (tools/nova-parity.py turns). What of Nova's host is played there, bench.md says.
 */
final class NovaDocuments implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    /**
     * Returns when Nova has written each document once, the same as before.
     *
     * @param program tools/nova-parity.py
     * @param cases with Nova's documents
     */
    NovaDocuments(Path program, Path cases) {
        try {
            process = new ProcessBuilder(
                            "/usr/bin/python3", "-W", "ignore", program.toString(), "turns", cases.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = process.inputReader(StandardCharsets.UTF_8);
        String answer = next();
        if (!answer.equals("ready")) {
            throw new IllegalStateException("stock Nova did not start: " + answer);
        }
    }

    /** Seconds for all documents. */
    double turn() {
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Double.parseDouble(next());
    }

    private String next() {
        try {
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("stock Nova ended; why stands above");
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
