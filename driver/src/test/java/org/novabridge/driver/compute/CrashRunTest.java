package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bridge is killed at the places of spawn and destroy on real libvirt, QEMU and qemu-img, and the
 * next one settles. Each step once; with {@code -Dcrash.all=true} every place.
 */
@Tag("embed")
class CrashRunTest {
    private Path folder;
    private Path libvirtRoot;
    private EmbedBridge bridge;

    @BeforeEach
    void make() throws Exception {
        folder = EmbedBridge.newFolder();
        libvirtRoot = EmbedBridge.newFolder();
        bridge = new EmbedBridge(folder, libvirtRoot);
    }

    @AfterEach
    void remove() throws Exception {
        Trees.delete(folder);
        Trees.delete(libvirtRoot);
    }

    @ParameterizedTest
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    @CsvSource({"qcow2,spawn", "qcow2,destroy", "raw,spawn", "raw,destroy"})
    void nothingIsLeftWhereverItDies(String imagesType, String action) throws Exception {
        bridge.configure(imagesType);
        bridge.makeImage(8);
        new CrashLab(folder, libvirtRoot).crash(imagesType, action);
    }

    @Test
    @Timeout(180)
    void killedInTheMiddleOfAConversionNothingGoesOnWriting() throws Exception {
        bridge.configure("raw");
        bridge.makeImage(700);
        CrashLab lab = new CrashLab(folder, libvirtRoot);
        Process child = lab.start("spawn", 0);
        Path bases = bridge.instances().resolve("_base");
        Path converted = awaitConversion(bases, child);
        assertThat(child.isAlive()).isTrue();
        child.destroyForcibly().waitFor();

        Thread.sleep(300);
        long size = blocks(converted);
        Thread.sleep(700);
        assertThat(blocks(converted)).as("somebody goes on writing").isEqualTo(size);
        CrashLab.Said settled = lab.run("settle", 0);
        assertThat(settled.wrong()).isEmpty();
        assertThat(settled.exit()).isZero();
        assertThat(converted).doesNotExist();
        System.out.println(
                "crash: raw spawn: killed in the middle of a conversion, at " + (size >> 20) + " MiB of 700");
    }

    private static Path awaitConversion(Path bases, Process child) throws Exception {
        Instant end = Instant.now().plusSeconds(60);
        while (Instant.now().isBefore(end) && child.isAlive()) {
            if (Files.isDirectory(bases)) {
                try (Stream<Path> files = Files.list(bases)) {
                    Optional<Path> found = files.filter(path -> path.toString().endsWith(".converted"))
                            .findFirst();
                    if (found.isPresent() && blocks(found.get()) > 20L << 20) {
                        return found.get();
                    }
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("no conversion was seen");
    }

    /** Bytes that are really there: what du says. */
    private static long blocks(Path file) throws Exception {
        if (!Files.exists(file)) {
            return 0;
        }
        Process du = new ProcessBuilder(List.of("du", "-B1", file.toString())).start();
        String said = new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        du.waitFor();
        return said.isBlank() ? 0 : Long.parseLong(said.split("\\s")[0]);
    }
}
