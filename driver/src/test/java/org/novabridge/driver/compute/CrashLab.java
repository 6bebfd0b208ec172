package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;

/** Runs bridge processes one after the other, each killed at its place and settled by the next. */
final class CrashLab {
    private static final int KILLED = 137;
    private static final String SETTLE = "settle";

    /** The first place of a run of all of them: to go on with one that was broken off. */
    private static final int FROM = Integer.getInteger("crash.from", 1);

    /** {@code once} is the everyday run, {@code steps} takes every command on both its sides, {@code all} all places. */
    private static final String MODE = System.getProperty("crash.places", "once");

    /** What is run, as in crash-points.properties; empty for everything. */
    private static final Set<String> ONLY = Stream.of(
                    System.getProperty("crash.only", "").split(","))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());

    private final EmbedBridge bridge;
    private final CrashJvm jvm;
    private final @Nullable CrashPower power;
    private final Class<?> main;
    private final String uuid = UUID.randomUUID().toString();

    /** @param bridge configured, with its image */
    CrashLab(EmbedBridge bridge, CrashJvm jvm) {
        this(bridge, jvm, null);
    }

    /** @param power of the machine that dies with its bridge; null when the bridge dies alone */
    CrashLab(EmbedBridge bridge, CrashJvm jvm, @Nullable CrashPower power) {
        this(bridge, jvm, power, CrashChild.class);
    }

    private CrashLab(EmbedBridge bridge, CrashJvm jvm, @Nullable CrashPower power, Class<?> main) {
        this.bridge = bridge;
        this.jvm = jvm;
        this.power = power;
        this.main = main;
    }

    /** Of {@link CrashInit}: the group that the bridge is configured with is made by it. */
    static CrashLab ofInit(EmbedBridge bridge, CrashJvm jvm, @Nullable CrashPower power) {
        return new CrashLab(bridge, jvm, power, CrashInit.class);
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
    Process start(CrashChild.Action action) throws IOException {
        return start(jvm.command(main, arguments(action.name(), 0)));
    }

    private List<String> arguments(String action, int place) {
        return List.of(action, bridge.folder().toString(), bridge.uri(), uuid, Integer.toString(place));
    }

    private Process start(List<String> argv) throws IOException {
        return new ProcessBuilder(power == null ? argv : power.boot(bridge.folder(), argv))
                .redirectError(bridge.folder().resolve("child-stderr.log").toFile())
                .start();
    }

    private Said run(List<String> argv) throws IOException, InterruptedException {
        Process child = start(argv);
        String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Said(child.exitValue(), out.lines().toList());
    }

    /** Lives through one action; the first process to do so teaches the others which classes they load. */
    List<String> live(CrashChild.Action action) throws IOException, InterruptedException {
        boolean first = !jvm.archived();
        List<String> arguments = arguments(action.name(), 0);
        Said said = run(first ? jvm.training(main, arguments) : jvm.command(main, arguments));
        sound(said);
        if (first) {
            jvm.archive();
        }
        return said.places();
    }

    /** A process that settles what the one before it has left. */
    void settle() throws IOException, InterruptedException {
        sound(run(jvm.command(main, arguments(SETTLE, 0))));
    }

    private static void sound(Said said) {
        assertThat(said.wrong()).isEmpty();
        assertThat(said.exit()).as("%s", said.lines()).isZero();
    }

    /** What works for the instance: names it, its folder or its devices, or has a file of it open. */
    List<String> workers() throws IOException {
        return OurProcesses.of(bridge.folder(), uuid, "nb--wipe", "nb-wipe-");
    }

    /** Ends a test whose action is not among those that were asked for; all are when none was. */
    static void assumeWanted(String backend, CrashChild.Action action) {
        assumeThat(ONLY.isEmpty() || ONLY.contains(backend + "." + action.word()))
                .as("%s.%s is among %s", backend, action.word(), ONLY)
                .isTrue();
    }

    /** The whole run of one action: counts the places, then dies at each chosen one. */
    void crash(String backend, CrashChild.Action action) throws IOException, InterruptedException {
        crash(backend, action, Integer.MAX_VALUE);
    }

    /** @param most places, where not all are taken */
    void crash(String backend, CrashChild.Action action, int most) throws IOException, InterruptedException {
        assumeWanted(backend, action);
        List<String> places = live(action);
        List<Integer> chosen = switch (MODE) {
            case "all" -> CrashSteps.all(places, FROM);
            case "steps" ->
                (power == null ? CrashSteps.eachCommand(places) : CrashSteps.commandsAlone(places))
                        .stream().filter(place -> place >= FROM).toList();
            default -> onceEach(backend, action, places, most);
        };
        List<String> wrong = new ArrayList<>();
        OthersWrites others = others();
        String before = "nothing";
        try {
            for (int place : chosen) {
                // For whoever looks at the log of a run that hangs or takes long.
                System.out.println("  " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + backend + " "
                        + action.word() + " dies at " + place + " of " + places.size() + ": " + places.get(place - 1));
                Said said = run(jvm.command(main, arguments(action.name(), place)));
                String after = before;
                said.wrong().forEach(line -> wrong.add(line + " (died at " + after + ")"));
                said.wrong().forEach(System.out::println);
                if (said.exit() != KILLED) {
                    // What the process found wrong at its start is told above; it has not come to its own place.
                    wrong.add("exit " + said.exit() + " instead of dying at " + place + " " + places.get(place - 1)
                            + ": " + said.lines());
                }
                before = place + " " + places.get(place - 1);
            }
            Said last = run(jvm.command(main, arguments(SETTLE, 0)));
            String after = before;
            last.wrong().forEach(line -> wrong.add(line + " (died at " + after + ")"));
        } finally {
            if (others != null) {
                others.close();
            }
        }
        if (others != null) {
            wrong.addAll(others.wrong(OthersWrites.MOST));
            System.out.println("  " + others.count() + " writes of another guest, the longest gap "
                    + others.longest().toMillis() + " ms");
        }
        System.out.println("crash: " + backend + " " + action.word() + ": points run " + chosen.size() + " of "
                + places.size() + " known, failures " + wrong.size());
        assertThat(wrong).isEmpty();
        assertThat(places.size())
                .as("places of %s %s; fewer than last time means that one is not tried any more", backend, action)
                .isGreaterThanOrEqualTo(lastTime(backend, action, places.size()));
    }

    /** On the disk of another instance, which lies in the group; null where there is none, or nothing runs on. */
    private @Nullable OthersWrites others() {
        return bridge.load()
                .snapshot()
                .find(LibvirtOptions.IMAGES_VOLUME_GROUP)
                .map(CrashVolumes::others)
                .filter(device -> power == null && Files.exists(device))
                .map(OthersWrites::new)
                .orElse(null);
    }

    /** Guests on qcow2 are made and removed step by step, others where their disks differ. Power is cut in no other run. */
    private List<Integer> onceEach(String backend, CrashChild.Action action, List<String> places, int most) {
        Set<String> ofAnyDisk = CrashSteps.ofAnyDisk(action);
        boolean everyStep = backend.equals("qcow2");
        if (everyStep) {
            assertThat(CrashSteps.of(places))
                    .as("steps that no other run takes")
                    .containsAll(ofAnyDisk);
        }
        Set<String> elsewhere = everyStep || power != null ? Set.of() : ofAnyDisk;
        return CrashSteps.spread(CrashSteps.eachOnce(places, elsewhere), most);
    }

    /** A cut of the power meets the places of the bridge alone. */
    private static int lastTime(String backend, CrashChild.Action action, int places) {
        String key = backend.replaceFirst("^power\\.", "") + "." + action.word();
        try (InputStream file = CrashLab.class.getResourceAsStream("/crash-points.properties")) {
            Properties known = new Properties();
            known.load(file);
            String last = known.getProperty(key);
            assertThat(last)
                    .as(
                            "crash-points.properties knows nothing of %s, now of %d places: write %s=%d",
                            key, places, key, places)
                    .isNotNull();
            return Integer.parseInt(last);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
