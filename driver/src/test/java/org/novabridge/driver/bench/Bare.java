package org.novabridge.driver.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Starts a program as a shell would, with nothing in between, and waits for it. */
final class Bare {
    private Bare() {}

    /** @throws IllegalStateException with what it printed, when it fails */
    static String run(String... line) {
        try {
            Process process = new ProcessBuilder(line)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(List.of(line) + " ended with " + code + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new IllegalStateException(List.of(line) + " did not start", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
