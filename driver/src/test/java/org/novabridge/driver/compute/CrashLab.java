package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Runs bridge processes one after the other, each killed at its place and settled by the next. */
final class CrashLab {
    private static final int KILLED = 137;

    private final Path folder;
    private final Path libvirtRoot;
    private final String uuid = UUID.randomUUID().toString();
    private final List<String> jvmOptions;

    CrashLab(Path folder, Path libvirtRoot, String... jvmOptions) {
        this.folder = folder;
        this.libvirtRoot = libvirtRoot;
        this.jvmOptions = List.of(jvmOptions);
    }

    String uuid() {
        return uuid;
    }

    /** What one process said. */
    record Said(int exit, List<String> lines) {
        List<String> wrong() {
            return lines.stream().filter(line -> line.startsWith("WRONG ")).toList();
        }

        List<String> places() {
            return lines.stream()
                    .filter(line -> line.startsWith("place "))
                    .map(line -> line.split(" ", 3)[2])
                    .toList();
        }
    }

    /** Starts a process that is to be killed by the caller. */
    Process start(String action, int place) throws IOException {
        List<String> argv = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        argv.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m"));
        argv.addAll(jvmOptions);
        argv.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                CrashChild.class.getName(),
                action,
                folder.toString(),
                libvirtRoot.toString(),
                uuid,
                Integer.toString(place)));
        return new ProcessBuilder(argv)
                .redirectError(folder.resolve("child-stderr.log").toFile())
                .start();
    }

    Said run(String action, int place) throws IOException, InterruptedException {
        Process child = start(action, place);
        String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Said(child.exitValue(), out.lines().toList());
    }

    /** The whole run of one action: counts the places, then dies at each chosen one. */
    void crash(String backend, String action) throws IOException, InterruptedException {
        Said alive = run(action, 0);
        assertThat(alive.wrong()).isEmpty();
        assertThat(alive.exit()).as("%s", alive.lines()).isZero();
        List<String> places = alive.places();
        List<Integer> chosen = Boolean.getBoolean("crash.all") ? all(places.size()) : eachStepOnce(places);
        List<String> wrong = new ArrayList<>();
        String before = "nothing";
        for (int place : chosen) {
            Said said = run(action, place);
            String after = before;
            said.wrong().forEach(line -> wrong.add(line + " (died at " + after + ")"));
            assertThat(said.exit())
                    .as("died at %s: %s", places.get(place - 1), said.lines())
                    .isEqualTo(KILLED);
            before = place + " " + places.get(place - 1);
        }
        Said last = run("settle", 0);
        String after = before;
        last.wrong().forEach(line -> wrong.add(line + " (died at " + after + ")"));
        System.out.println("crash: " + backend + " " + action + ": points run " + chosen.size() + " of " + places.size()
                + " known");
        assertThat(wrong).isEmpty();
        assertThat(places.size())
                .as("places of %s %s; fewer than last time means that one is not tried any more", backend, action)
                .isGreaterThanOrEqualTo(lastTime(backend, action));
    }

    private static List<Integer> all(int count) {
        List<Integer> all = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            all.add(i);
        }
        return all;
    }

    /** Of each step one place: before and after in turn, so that both sides are seen over the run. */
    static List<Integer> eachStepOnce(List<String> places) {
        Map<String, List<Integer>> steps = new LinkedHashMap<>();
        for (int i = 0; i < places.size(); i++) {
            String step = places.get(i).replaceFirst(" (before|after) ", " ");
            steps.computeIfAbsent(step, unused -> new ArrayList<>()).add(i + 1);
        }
        List<Integer> chosen = new ArrayList<>();
        int turn = 0;
        for (List<Integer> step : steps.values()) {
            chosen.add(turn++ % 2 == 0 ? step.get(step.size() - 1) : step.get(0));
        }
        chosen.sort(null);
        return chosen;
    }

    private static int lastTime(String backend, String action) {
        try (InputStream file = CrashLab.class.getResourceAsStream("/crash-points.properties")) {
            Properties known = new Properties();
            known.load(file);
            return Integer.parseInt(known.getProperty(backend + "." + action, "0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
