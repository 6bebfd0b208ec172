package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.parity.Comparison;
import org.novabridge.driver.parity.ParityCase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code tools/bench render}: how fast policy and XML make domain documents, beside Nova's own driver, for the guests whose
 * documents are the same; and how long a fresh process takes for one.
 */
public final class RenderBench {
    private static final Logger LOG = LoggerFactory.getLogger(RenderBench.class);

    /** So many of our turns are as long as one of Nova's: a turn of ours alone would be shorter than a hiccup of the machine. */
    private static final int ROUNDS = 20;

    private static final int WARM_UP = 30;

    private final Words words;
    private final Path folder;
    private final int repetitions;
    private final BenchProgress progress;
    private final Turns<String> documents = new Turns<>();
    private final Turns<String> starts = new Turns<>();
    private int guests;
    private int characters;

    /** Works once and says how long it took. */
    private interface Turn {
        double seconds();
    }

    private RenderBench(Words words) {
        this.words = words;
        this.folder = words.path("folder");
        this.repetitions = words.number("repetitions");
        this.progress = new BenchProgress(3 * repetitions + 3 * words.number("starts"));
    }

    /** Prints the report on stdout, what it is doing on stderr. */
    public static void main(String... words) {
        try {
            new RenderBench(Words.of(words)).run();
        } catch (IOException | RuntimeException e) {
            LOG.error("the run failed", e);
            System.exit(1);
        }
    }

    private void run() throws IOException {
        if (words.number("specs") > 0) {
            documents();
        }
        if (words.number("starts") > 0) {
            starts();
        }
        RenderReport report = new RenderReport(guests, characters, documents, starts);
        System.out.print(words.json() ? report.json() : report.text());
        System.out.flush();
    }

    private void documents() throws IOException {
        progress.say("compare the documents");
        Path chosen = folder.resolve("chosen.json");
        List<ParityCase> cases = chosen(words.path("answers"), chosen);
        guests = cases.size();
        ConfigSnapshot config = cases.get(0).config(folder).snapshot();
        HostFacts facts = cases.get(0).facts();
        List<InstanceSpec> instances = cases.stream().map(ParityCase::instance).toList();
        Map<String, Turn> contenders = new LinkedHashMap<>();
        contenders.put(
                RenderReport.OURS,
                () -> seconds(() -> {
                    int written = 0;
                    for (InstanceSpec instance : instances) {
                        written += ParityCase.document(config, instance, facts).length();
                    }
                    return written;
                }));
        contenders.put(
                RenderReport.OURS_FROM_JSON,
                () -> seconds(() -> {
                    int written = 0;
                    for (ParityCase one : cases) {
                        written += ParityCase.document(config, one.instance(), facts)
                                .length();
                    }
                    return written;
                }));
        progress.say("warm up");
        for (int i = 0; i < WARM_UP; i++) {
            contenders.values().forEach(Turn::seconds);
        }
        try (NovaDocuments nova = new NovaDocuments(words.path("nova-program"), chosen)) {
            nova.turn();
            contenders.put(RenderReport.NOVA, nova::turn);
            inTurn(contenders, repetitions, documents, guests, "a document");
        }
    }

    /** Mean of some rounds, so that a turn is long enough to be seen. */
    private double seconds(IntSupplier round) {
        System.gc();
        long begin = System.nanoTime();
        for (int i = 0; i < ROUNDS; i++) {
            characters = round.getAsInt();
        }
        return (System.nanoTime() - begin) / 1e9 / ROUNDS;
    }

    /** Who begins changes with each repetition. */
    private void inTurn(Map<String, Turn> contenders, int times, Turns<String> turns, int pieces, String piece) {
        List<Map.Entry<String, Turn>> order = new ArrayList<>(contenders.entrySet());
        for (int i = 0; i < times; i++) {
            for (Map.Entry<String, Turn> contender : order) {
                double seconds = contender.getValue().seconds() / pieces;
                turns.add(contender.getKey(), new Sample(seconds, 0));
                progress.step("%s: %.6f s %s".formatted(contender.getKey(), seconds, piece));
            }
            Collections.rotate(order, 1);
        }
    }

    /** The first of those for whom Nova and we write the same; they are also written down, for Nova's turns. */
    private List<ParityCase> chosen(Path answers, Path to) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode asked = mapper.readTree(answers.toFile());
        List<ParityCase> all = ParityCase.load(Files.readAllBytes(answers));
        List<ParityCase> equal = new ArrayList<>();
        ArrayNode kept = mapper.createArrayNode();
        for (int i = 0; i < all.size() && equal.size() < words.number("specs"); i++) {
            ParityCase one = all.get(i);
            if (Comparison.equalDocuments(one, one.answer(folder))) {
                equal.add(one);
                kept.add(asked.get(i));
            }
        }
        if (equal.size() < words.number("specs")) {
            throw new IllegalStateException(
                    "of " + all.size() + " guests only " + equal.size() + " have the same document from both");
        }
        mapper.writeValue(to.toFile(), kept);
        return equal;
    }

    private void starts() {
        Path lesson = words.path("lesson");
        List<String> inputs = List.of(
                "--no-probe",
                "--config-file",
                lesson.resolve("nova-compute.conf").toString(),
                "--host-facts",
                lesson.resolve("facts.json").toString(),
                "--instance",
                lesson.resolve("spec.json").toString());
        Map<String, Turn> contenders = new LinkedHashMap<>();
        String launcher = words.text("launcher");
        contenders.put(
                RenderReport.JVM,
                () -> start(List.of(
                        words.text("java"),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-version")));
        contenders.put(RenderReport.RENDER, () -> start(command(launcher, "render", inputs)));
        contenders.put(RenderReport.EXPLAIN, () -> start(command(launcher, "explain", inputs)));
        progress.say("the first start makes the archive of classes");
        contenders.values().forEach(Turn::seconds);
        inTurn(contenders, words.number("starts"), starts, 1, "from start to end");
    }

    private static List<String> command(String launcher, String what, List<String> inputs) {
        List<String> line = new ArrayList<>(List.of(launcher, "disks", what));
        line.addAll(inputs);
        return line;
    }

    private static double start(List<String> line) {
        long begin = System.nanoTime();
        Bare.run(line.toArray(new String[0]));
        return (System.nanoTime() - begin) / 1e9;
    }
}
