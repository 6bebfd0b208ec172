package org.novabridge.driver.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Debian's python3-nova: its class {@code nova.virt.libvirt.imagebackend.Lvm} with all of its own code, in a Python
 * process that stays (tools/lib/bench/nova-lvm).
 */
final class NovaContender implements Contender, AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    /** @param program tools/lib/bench/nova-lvm */
    NovaContender(Path program, Path instances, String group) {
        try {
            process = new ProcessBuilder("/usr/bin/python3", program.toString(), instances.toString(), group)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = process.inputReader(StandardCharsets.UTF_8);
        expectDone("its start");
    }

    @Override
    public String name() {
        return NOVA;
    }

    @Override
    public void create(String uuid, SourceImage image, long bytes) {
        ask("create " + uuid + " " + image.file().getFileName() + " " + bytes);
    }

    @Override
    public void remove(String uuid) {
        ask("remove " + uuid);
    }

    private void ask(String order) {
        try {
            process.getOutputStream().write((order + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        expectDone(order);
    }

    private void expectDone(String order) {
        try {
            String answer = answers.readLine();
            if (!"done".equals(answer)) {
                throw new IllegalStateException("stock Nova, " + order + ": " + answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
