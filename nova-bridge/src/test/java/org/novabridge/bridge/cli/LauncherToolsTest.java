package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/nova-bridge} with its archive of classes: made once, and never the reason why a command fails. */
@Tag("tools")
class LauncherToolsTest {
    @TempDir
    Path house;

    private Path target = Path.of("");

    @BeforeEach
    void aBuiltHouse() throws Exception {
        Path built = Path.of("target");
        assumeTrue(Files.isDirectory(built.resolve("lib")) && !jars(built).isEmpty(), "mvn package has not run here");
        target = house.resolve("nova-bridge/target");
        Files.createDirectories(target);
        Files.createDirectory(house.resolve("tools"));
        copy(Path.of("../tools/nova-bridge"), house.resolve("tools"));
        copy(Path.of("../etc"), house);
        copy(built.resolve("classes"), target);
        copy(built.resolve("lib"), target);
        copy(jars(built).get(0), target);
        Files.writeString(house.resolve("c.conf"), "[DEFAULT]\nstate_path = /srv\n");
        // As after a build: the jar is the last thing that is made.
        assertThat(new ProcessBuilder("touch", jars(target).get(0).toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> each.getFileName().toString().matches("nova-bridge-.*\\.jar"))
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("cp", "-rp", from.toString(), to.toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    private void check(String options) throws IOException, InterruptedException {
        String said = said(
                options,
                "config",
                "check",
                "--config-file",
                house.resolve("c.conf").toString());
        assertThat(said).isEqualTo("0 errors, 0 warnings, 0 notes in " + house.resolve("c.conf") + "\n");
    }

    private Process launch(String options, String... arguments) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(house.resolve("tools/nova-bridge").toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().put("NOVA_BRIDGE_JAVA_OPTS", options);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put("TMPDIR", Files.createDirectories(house.resolve("tmp")).toString());
        return builder.start();
    }

    private String said(String options, String... arguments) throws IOException, InterruptedException {
        Process process = launch(options, arguments);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void theServiceHasAnArchiveOfItsOwnWhichAStartMakes() throws Exception {
        Path archive = target.resolve("nova-bridge-serve.jsa");
        assertThat(said("", "serve", "--help")).contains("Usage: nova-bridge serve");
        assertThat(archive).exists();
        Object made = Files.getLastModifiedTime(archive);
        assertThat(said("-Xlog:class+load", "serve", "--help"))
                .contains("org.novabridge.bridge.cli.ServeCommand source: shared objects file")
                // Compiled for Java 5, which not every kind of archive takes.
                .contains("picocli.CommandLine source: shared objects file")
                .doesNotContain(" source: file:" + target + "/nova-bridge-");
        assertThat((Object) Files.getLastModifiedTime(archive)).isEqualTo(made);
        assertThat(target.resolve("nova-bridge.jsa")).doesNotExist();
    }

    @Test
    void theArchiveIsMadeOnceAndNeverInTheWay() throws Exception {
        Path archive = target.resolve("nova-bridge.jsa");
        check("");
        assertThat(archive).exists();
        Object made = Files.getLastModifiedTime(archive);
        check("");
        assertThat((Object) Files.getLastModifiedTime(archive)).isEqualTo(made);
        // A collector that the archive was not made for: Java goes without it, and says nothing.
        check("-XX:-UseSerialGC -XX:+UseG1GC");

        // Cut off: Java would end in a bus error.
        assertThat(archive.toFile().setWritable(true)).isTrue();
        try (var channel = Files.newByteChannel(archive, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 3);
        }
        check("");
        assertThat((Object) Files.getLastModifiedTime(archive)).isNotEqualTo(made);

        // A newer class than the jar has: what was compiled last is run, without the archive.
        Files.delete(archive);
        Files.writeString(target.resolve("classes/newer"), "");
        check("");
        assertThat(archive).doesNotExist();
        assertThat(halfMade()).isEmpty();
    }

    private List<String> halfMade() throws IOException {
        try (Stream<Path> here = Files.list(target);
                Stream<Path> lessons = Files.list(house.resolve("tmp"))) {
            return Stream.concat(here, lessons)
                    .map(each -> each.getFileName().toString())
                    .filter(name -> name.matches("nova-bridge.*\\.jsa\\.[0-9]+.*|nova-bridge-lesson\\..*"))
                    .sorted()
                    .toList();
        }
    }

    /** A start that has come to the service of its lesson, and all that it has started. */
    private List<ProcessHandle> inTheLesson(Process start) throws Exception {
        Path list = target.resolve("nova-bridge-serve.jsa." + start.pid() + ".list");
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!Files.exists(list) || Files.size(list) == 0 || halfMade().size() < 2) {
            assertThat(start.isAlive() && System.nanoTime() < deadline).isTrue();
            Thread.sleep(20);
        }
        List<ProcessHandle> all = start.descendants().toList();
        assertThat(all).isNotEmpty();
        return all;
    }

    private static void ended(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle each : processes) {
            each.onExit().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aStartThatIsEndedWhileItMakesTheArchiveLeavesNothing() throws Exception {
        Process start = launch("", "serve", "--help");
        List<ProcessHandle> lesson = inTheLesson(start);
        start.destroy();
        assertThat(start.waitFor()).isEqualTo(128 + 15);
        ended(lesson);
        assertThat(halfMade()).isEmpty();
        assertThat(target.resolve("nova-bridge-serve.jsa")).doesNotExist();
    }

    @Test
    void aStartThatIsKilledLeavesNoServiceAndTheNextOneRemovesItsFiles() throws Exception {
        Process start = launch("", "serve", "--help");
        List<ProcessHandle> lesson = inTheLesson(start);
        start.destroyForcibly().waitFor();
        ended(lesson);
        assertThat(halfMade()).hasSizeGreaterThan(1);
        // Another's that lives.
        Path others = Files.createFile(target.resolve(
                "nova-bridge-serve.jsa." + ProcessHandle.current().pid() + ".list"));
        assertThat(said("", "serve", "--help")).contains("Usage: nova-bridge serve");
        assertThat(target.resolve("nova-bridge-serve.jsa")).exists();
        assertThat(halfMade()).containsExactly(others.getFileName().toString());
    }
}
