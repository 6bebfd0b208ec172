package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The bridge is killed at the places of spawn and destroy on real libvirt, QEMU and qemu-img, and the
 * next one settles. Each step once; with {@code -Dcrash.places=steps} each command on both its sides, with
 * {@code all} every place.
 */
@Tag("embed")
class CrashRunTest {
    /** A host that has been in use: its libvirt knows what each QEMU binary can do, after asking for many seconds. */
    private static Host used;

    private static Path jvmFolder;
    private static CrashJvm jvm;

    /** One host of the run: folders of its own, so that runs side by side do not meet. */
    private record Host(Path folder, Path libvirtRoot, EmbedBridge bridge) implements AutoCloseable {
        static Host make(String imagesType, int imageMib) throws Exception {
            Path folder = EmbedBridge.newFolder();
            Path libvirtRoot = EmbedBridge.newFolder();
            if (used != null) {
                Trees.copy(used.libvirtRoot().resolve("cache"), libvirtRoot.resolve("cache"));
            }
            EmbedBridge bridge = new EmbedBridge(folder, libvirtRoot);
            bridge.configure(imagesType);
            bridge.makeImage(imageMib);
            return new Host(folder, libvirtRoot, bridge);
        }

        CrashLab lab() {
            return new CrashLab(bridge, jvm);
        }

        @Override
        public void close() throws Exception {
            Trees.delete(folder);
            Trees.delete(libvirtRoot);
        }
    }

    @BeforeAll
    static void use() throws Exception {
        jvmFolder = EmbedBridge.newFolder();
        jvm = new CrashJvm(jvmFolder);
        used = Host.make("qcow2", 1);
        used.lab().live(CrashChild.Action.DESTROY);
    }

    @AfterAll
    static void remove() throws Exception {
        used.close();
        Trees.delete(jvmFolder);
    }

    /** The backends side by side: a run waits more than it works. */
    @ParameterizedTest
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    @EnumSource(names = {"SPAWN", "DESTROY"})
    void nothingIsLeftWhereverItDies(CrashChild.Action action) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Void>> runs = new ArrayList<>();
            for (String imagesType : List.of("qcow2", "raw")) {
                runs.add(threads.submit(() -> {
                    try (Host host = Host.make(imagesType, 8)) {
                        host.lab().crash(imagesType, action);
                    }
                    return null;
                }));
            }
            SoftAssertions all = new SoftAssertions();
            for (Future<Void> run : runs) {
                all.assertThatCode(run::get).doesNotThrowAnyException();
            }
            all.assertAll();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @Timeout(180)
    void killedInTheMiddleOfAConversionNothingGoesOnWriting() throws Exception {
        try (Host host = Host.make("raw", 700)) {
            killInAConversion(host);
        }
    }

    private static void killInAConversion(Host host) throws Exception {
        CrashLab lab = host.lab();
        Process child = lab.start(CrashChild.Action.SPAWN);
        Path bases = host.bridge().instances().resolve("_base");
        Path converted = awaitConversion(bases, child);
        assertThat(child.isAlive()).isTrue();
        assertThat(lab.workers()).as("the conversion runs").anyMatch(process -> process.contains("qemu-img convert"));
        child.destroyForcibly().waitFor();

        Thread.sleep(300);
        assertThat(lab.workers()).as("processes outlive the bridge").isEmpty();
        long size = blocks(converted);
        Thread.sleep(700);
        assertThat(blocks(converted)).as("somebody goes on writing").isEqualTo(size);
        lab.settle();
        assertThat(converted).doesNotExist();
        System.out.println(
                "crash: raw spawn: killed in the middle of a conversion, at " + (size >> 20) + " MiB of 700");
    }

    private static Path awaitConversion(Path bases, Process child) throws Exception {
        Instant end = Instant.now().plusSeconds(60);
        while (Instant.now().isBefore(end) && child.isAlive()) {
            if (Files.isDirectory(bases)) {
                try (Stream<Path> files = Files.walk(bases)) {
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
