package org.novabridge.driver.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DiskIoModes;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/**
 * Whether disks can be on io_uring here: by reading from one in a QEMU, for versions do not tell (some distributions
 * build it without, some kernels forbid it). QEMU is started only where the configuration says io_uring or auto.
 *
 * <p>Source: QEMU block/file-posix.c. Opening the disk is not enough: newer ones set up a ring at the first request, and
 * go on with threads, saying so, where they get none.
 */
public final class IoUringFact {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> PLACES = List.of("usr/bin/qemu-system-%s", "usr/libexec/qemu-kvm");

    /** Where QEMU calls a machine otherwise than the kernel does. */
    private static final Map<String, String> EMULATED =
            Map.of("ppc64le", "ppc64", "armv6l", "arm", "armv7l", "arm", "i586", "i386", "i686", "i386");

    private static final Pattern RELEASE = Pattern.compile("^([0-9]{1,4})\\.([0-9]{1,4}).*", Pattern.DOTALL);

    private static final Pattern NO_RING = Pattern.compile("Unable to use .*io_uring");

    /** Before Linux 5.13 guests on it have hung (LXD and Proxmox say the same). */
    private static final int OLDEST_KERNEL = 5_013;

    private static final String READ_ONCE = """
            {"execute":"qmp_capabilities"}
            {"execute":"human-monitor-command","arguments":{"command-line":"qemu-io probe \\"read 0 512\\""}}
            {"execute":"quit"}
            """;

    private IoUringFact() {}

    /** The facts, with {@link HostFact#IO_URING} when it matters, was not given, and QEMU is here to be asked. */
    public static HostFacts add(ConfigSnapshot config, CommandExecutor executor, HostFacts facts) {
        return add(config, executor, facts, Path.of("/"));
    }

    static HostFacts add(ConfigSnapshot config, CommandExecutor executor, HostFacts facts, Path root) {
        if (facts.has(HostFact.IO_URING) || !asked(config) || !facts.has(HostFact.ARCH)) {
            return facts;
        }
        Optional<Boolean> works = kernelAllows(root)
                ? emulator(root, facts.text(HostFact.ARCH)).flatMap(qemu -> reads(executor, qemu))
                : Optional.of(false);
        return works.map(yes -> facts.toBuilder().put(HostFact.IO_URING, yes).build())
                .orElse(facts);
    }

    private static boolean asked(ConfigSnapshot config) {
        return DiskIoModes.parse(config.resolve(LibvirtOptions.DISK_IO_MODES)).byType().values().stream()
                        .anyMatch(IoUringFact::matters)
                || config.ioProfiles().values().stream()
                        .anyMatch(profile -> profile.find(IoProfileOptions.IO)
                                .filter(IoUringFact::matters)
                                .isPresent());
    }

    private static boolean matters(String mode) {
        return mode.equals("io_uring") || mode.equals("auto");
    }

    /** QEMU runs as a user without privileges, to whom 1 forbids it as well as 2 (Linux 6.6). */
    private static boolean kernelAllows(Path root) {
        boolean open = read(root.resolve("proc/sys/kernel/io_uring_disabled"))
                .map(text -> text.strip().equals("0"))
                .orElse(true);
        Matcher release =
                RELEASE.matcher(read(root.resolve("proc/sys/kernel/osrelease")).orElse(""));
        return open
                && (!release.matches()
                        || Integer.parseInt(release.group(1)) * 1000 + Integer.parseInt(release.group(2))
                                >= OLDEST_KERNEL);
    }

    private static Optional<Path> emulator(Path root, String arch) {
        return PLACES.stream()
                .map(pattern -> root.resolve(pattern.formatted(EMULATED.getOrDefault(arch, arch))))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A machine without anything, which ends as soon as it has read from the file; empty when it cannot be tried. */
    private static Optional<Boolean> reads(CommandExecutor executor, Path qemu) {
        Path file;
        try {
            file = Files.createTempFile("nova-bridge-io-uring-", ".raw");
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            Files.write(file, new byte[4096]);
            Command start = Command.ofProgram(
                            qemu,
                            List.of(
                                    "-machine",
                                    "none",
                                    "-nodefaults",
                                    "-no-user-config",
                                    "-display",
                                    "none",
                                    "-S",
                                    "-qmp",
                                    "stdio",
                                    "-blockdev",
                                    "driver=file,node-name=probe,aio=io_uring,filename=" + file))
                    .withStdin(READ_ONCE.getBytes(StandardCharsets.US_ASCII))
                    .withDeadline(PATIENCE)
                    .accepting(0, 1);
            return answer(executor.run(start));
        } catch (IOException | CommandFailedException e) {
            return Optional.empty();
        } finally {
            delete(file);
        }
    }

    /** Empty when QEMU started and the monitor would not read. */
    private static Optional<Boolean> answer(CommandResult result) {
        String said = result.stdout() + result.stderr();
        if (result.exitCode() != 0
                || said.contains("read failed")
                || NO_RING.matcher(said).find()) {
            return Optional.of(false);
        }
        return said.contains("read 512/512 bytes") ? Optional.of(true) : Optional.empty();
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // A file of 4 KiB in /tmp, which the next boot removes.
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
