package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.novabridge.driver.bench.Served.Storage;

/**
 * What {@code tools/bench io} has found.
 *
 * @param lowest the storage that the others are held against
 * @param turns seconds for one request, with as many in flight as the load has
 * @param threads the same with and without an I/O thread, asked by the {@link StayingClient}
 * @param missing what could not be measured, and why
 */
record IoReport(Storage lowest, Turns<Cell> turns, Turns<Cell> threads, Map<Served, String> missing) {
    record Cell(IoLoad load, Served served) {
        Cell of(Served other) {
            return new Cell(load, other);
        }
    }

    /** As often as so many requests of the other are done, one of this is. Speed, not time: more is better. */
    private Optional<Double> speed(Cell cell, Served of) {
        return turns.ratio(cell.of(of), cell);
    }

    /** QEMU's default. */
    Optional<Double> ofThreads(Cell cell) {
        return speed(cell, Served.plain(cell.served().storage(), "threads"));
    }

    Optional<Double> ofLowest(Cell cell) {
        return speed(cell, cell.served().of(lowest));
    }

    Optional<Double> ofFloor(Cell cell) {
        return speed(cell, Served.plain(lowest, Served.FLOOR));
    }

    private List<Cell> cells(IoLoad load) {
        return turns.who().stream()
                .filter(cell -> cell.load() == load)
                .sorted(Comparator.comparing((Cell cell) -> cell.served().storage())
                        .thenComparing(cell -> cell.served().cache())
                        .thenComparing(cell -> cell.served().io())
                        .thenComparing(cell -> cell.served().ioThread()))
                .toList();
    }

    /** What the I/O thread gives. */
    Optional<Double> ofMainLoop(Cell cell) {
        return threads.ratio(cell.of(cell.served().inMainLoop()), cell);
    }

    private List<Cell> threaded() {
        return threads.who().stream().filter(cell -> cell.served().ioThread()).toList();
    }

    private List<IoLoad> loads() {
        return turns.who().stream().map(Cell::load).distinct().toList();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (IoLoad load : loads()) {
            text.append('\n').append(load.text).append(": requests a second, and ratios of them\n");
            TextTable table = new TextTable(
                    "STORAGE",
                    "CACHE",
                    "IO",
                    "I/O THREAD",
                    "A SECOND",
                    "FROM",
                    "TO",
                    "OF THREADS",
                    "OF " + lowest.text.toUpperCase(Locale.ROOT),
                    "OF FLOOR",
                    "RUNS");
            for (Cell cell : cells(load)) {
                Figures figures = turns.figures(cell).orElseThrow();
                table.row(
                        cell.served().storage().text,
                        cell.served().cache(),
                        cell.served().io(),
                        cell.served().ioThread() ? "yes" : "no",
                        "%.0f".formatted(1 / figures.seconds()),
                        "%.0f".formatted(1 / figures.slowest()),
                        "%.0f".formatted(1 / figures.fastest()),
                        words(ofThreads(cell)),
                        words(ofLowest(cell)),
                        words(ofFloor(cell)),
                        Integer.toString(figures.samples().size()));
            }
            text.append(table);
        }
        text.append(threadText());
        missing.forEach((served, why) -> text.append("\nnot measured: ")
                .append(served)
                .append(": ")
                .append(why)
                .append('\n'));
        return text.toString();
    }

    private String threadText() {
        if (threaded().isEmpty()) {
            return "";
        }
        TextTable table = new TextTable("STORAGE", "CACHE", "IO", "LOAD", "MAIN LOOP", "I/O THREAD", "RATIO", "RUNS");
        for (Cell cell : threaded()) {
            Figures figures = threads.figures(cell).orElseThrow();
            table.row(
                    cell.served().storage().text,
                    cell.served().cache(),
                    cell.served().io(),
                    cell.load().text,
                    threads.figures(cell.of(cell.served().inMainLoop()))
                            .map(plain -> "%.0f".formatted(1 / plain.seconds()))
                            .orElse("-"),
                    "%.0f".formatted(1 / figures.seconds()),
                    words(ofMainLoop(cell)),
                    Integer.toString(figures.samples().size()));
        }
        return "\nI/O threads: requests a second, asked by qemu-img bench in strides instead of by fio\n" + table;
    }

    private static String words(Optional<Double> ratio) {
        return ratio.map("%.2f"::formatted).orElse("-");
    }

    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ArrayNode measured = root.putArray("measured");
        for (IoLoad load : loads()) {
            for (Cell cell : cells(load)) {
                Figures figures = turns.figures(cell).orElseThrow();
                ObjectNode node = measured.addObject()
                        .put("load", load.text)
                        .put("storage", cell.served().storage().text)
                        .put("cache", cell.served().cache())
                        .put("io", cell.served().io())
                        .put("iothread", cell.served().ioThread())
                        .put("requests_a_second", 1 / figures.seconds());
                ofThreads(cell).ifPresent(ratio -> node.put("of_threads", ratio));
                ofLowest(cell).ifPresent(ratio -> node.put("of_lowest_storage", ratio));
                ofFloor(cell).ifPresent(ratio -> node.put("of_floor", ratio));
                ArrayNode samples = node.putArray("samples");
                figures.samples()
                        .forEach(sample -> samples.addObject()
                                .put("requests_a_second", 1 / sample.seconds())
                                .put("bytes", sample.bytes()));
            }
        }
        ArrayNode beside = root.putArray("iothreads");
        for (Cell cell : threaded()) {
            ObjectNode node = beside.addObject()
                    .put("load", cell.load().text)
                    .put("storage", cell.served().storage().text)
                    .put("io", cell.served().io())
                    .put(
                            "requests_a_second",
                            1 / threads.figures(cell).orElseThrow().seconds());
            ofMainLoop(cell).ifPresent(ratio -> node.put("of_main_loop", ratio));
        }
        ArrayNode not = root.putArray("not_measured");
        missing.forEach(
                (served, why) -> not.addObject().put("what", served.toString()).put("why", why));
        return root.toPrettyString() + "\n";
    }
}
