package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.novabridge.driver.bench.Measured.Cell;
import org.novabridge.driver.bench.Measured.Work;

/**
 * The numbers of a run, as tables for people or as JSON.
 *
 * @param commands of a create by each of our backends, for each repetition: seconds by command
 */
record BenchReport(Measured measured, List<Aim> aims, Map<String, List<Map<String, Double>>> commands) {
    BenchReport {
        aims = List.copyOf(aims);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (Work work : Work.values()) {
            if (!measured.cells(work).isEmpty()) {
                text.append('\n')
                        .append('(')
                        .append(work.part)
                        .append(") ")
                        .append(work.text)
                        .append('\n');
                text.append(table(work));
            }
        }
        commands.forEach((who, times) -> text.append("\nthe commands of one create by ")
                .append(who)
                .append(", medians in seconds\n")
                .append(commandTable(times)));
        return text.append("\naims\n").append(AimTable.text(aims)).toString();
    }

    private String table(Work work) {
        TextTable table = new TextTable(
                "DISK", "SIZE", "WHO", "SECONDS", "FROM", "TO", "WRITTEN", "OF FLOOR", "OF STOCK NOVA", "RUNS");
        for (Cell cell : measured.cells(work)) {
            Figures figures = measured.figures(cell).orElseThrow();
            table.row(
                    cell.disk(),
                    cell.size(),
                    cell.contender(),
                    "%.2f".formatted(figures.seconds()),
                    "%.2f".formatted(figures.fastest()),
                    "%.2f".formatted(figures.slowest()),
                    Quantities.size(figures.bytes()),
                    ratio(cell, floor(cell)),
                    ratio(cell, cell.of(Contender.NOVA)),
                    Integer.toString(figures.samples().size()));
        }
        return table.toString();
    }

    /** What copies is held against a copy, what clones against a clone. */
    private static Cell floor(Cell cell) {
        boolean copies = List.of(Contender.THICK, Contender.CLEAN, Contender.NOVA, Contender.COPY)
                .contains(cell.contender());
        return cell.of(copies ? Contender.COPY : Contender.CLONE);
    }

    private String ratio(Cell cell, Cell to) {
        return measured.ratio(cell, to).map("%.2f"::formatted).orElse("-");
    }

    private static Map<String, Double> medians(List<Map<String, Double>> times) {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        times.forEach(one -> one.forEach((command, seconds) ->
                all.computeIfAbsent(command, unused -> new ArrayList<>()).add(seconds)));
        Map<String, Double> medians = new LinkedHashMap<>();
        all.forEach((command, seconds) -> medians.put(command, Figures.median(seconds)));
        return medians;
    }

    private static String commandTable(List<Map<String, Double>> times) {
        TextTable table = new TextTable("COMMAND", "SECONDS");
        medians(times).forEach((command, seconds) -> table.row(command, "%.2f".formatted(seconds)));
        return table.toString();
    }

    String json() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        ArrayNode cells = root.putArray("measured");
        for (Work work : Work.values()) {
            for (Cell cell : measured.cells(work)) {
                Figures figures = measured.figures(cell).orElseThrow();
                ObjectNode node = cells.addObject();
                node.put("part", work.part);
                node.put("work", work.text);
                node.put("disk", cell.disk());
                node.put("size", cell.size());
                node.put("who", cell.contender());
                node.put("seconds", figures.seconds());
                measured.ratio(cell, floor(cell)).ifPresent(ratio -> node.put("of_floor", ratio));
                measured.ratio(cell, cell.of(Contender.NOVA)).ifPresent(ratio -> node.put("of_stock_nova", ratio));
                node.put("bytes_written", figures.bytes());
                ArrayNode samples = node.putArray("samples");
                figures.samples()
                        .forEach(sample -> samples.addObject()
                                .put("seconds", sample.seconds())
                                .put("bytes_written", sample.bytes()));
            }
        }
        ObjectNode creates = root.putObject("commands_of_a_create");
        commands.forEach((who, times) -> creates.putPOJO(who, medians(times)));
        AimTable.write(aims, root.putArray("aims"));
        return root.toPrettyString() + "\n";
    }
}
