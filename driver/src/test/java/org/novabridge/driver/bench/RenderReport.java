package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What {@code tools/bench render} has found.
 *
 * @param guests whose documents were written in each turn
 * @param characters of all documents of a turn
 * @param documents seconds for one document
 * @param starts seconds for a process, from its start to its end
 */
record RenderReport(int guests, int characters, Turns<String> documents, Turns<String> starts) {
    static final String OURS = "nova-bridge";
    static final String OURS_FROM_JSON = "nova-bridge, SPEC.json read too";
    static final String NOVA = "stock Nova";
    static final String JVM = "floor: java -version";
    static final String RENDER = "nova-bridge disks render";
    static final String EXPLAIN = "nova-bridge disks explain";

    List<Aim> aims() {
        return List.of(
                Aim.atLeast(
                        "documents a second, of stock Nova's",
                        50,
                        documents.ratio(NOVA, OURS).orElse(null)),
                Aim.atMost(
                        "a fresh process renders one guest, seconds",
                        0.5,
                        starts.figures(RENDER).map(Figures::seconds).orElse(null)));
    }

    String text() {
        StringBuilder text = new StringBuilder();
        if (!documents.who().isEmpty()) {
            text.append("\ndocuments of ")
                    .append(guests)
                    .append(" different guests, ")
                    .append(characters / guests)
                    .append(" characters each\n");
            TextTable table =
                    new TextTable("WHO", "A SECOND", "FROM", "TO", "MILLISECONDS EACH", "OF STOCK NOVA", "RUNS");
            for (String who : documents.who()) {
                Figures figures = documents.figures(who).orElseThrow();
                table.row(
                        who,
                        "%.0f".formatted(1 / figures.seconds()),
                        "%.0f".formatted(1 / figures.slowest()),
                        "%.0f".formatted(1 / figures.fastest()),
                        "%.3f".formatted(1000 * figures.seconds()),
                        // So many of one go into the time of Nova's.
                        documents.ratio(NOVA, who).map("%.1f"::formatted).orElse("-"),
                        Integer.toString(figures.samples().size()));
            }
            text.append(table);
        }
        if (!starts.who().isEmpty()) {
            text.append("\na fresh process\n");
            TextTable table = new TextTable("COMMAND", "SECONDS", "FROM", "TO", "OF FLOOR", "RUNS");
            for (String who : starts.who()) {
                Figures figures = starts.figures(who).orElseThrow();
                table.row(
                        who,
                        "%.3f".formatted(figures.seconds()),
                        "%.3f".formatted(figures.fastest()),
                        "%.3f".formatted(figures.slowest()),
                        starts.ratio(who, JVM).map("%.2f"::formatted).orElse("-"),
                        Integer.toString(figures.samples().size()));
            }
            text.append(table);
        }
        return text.append("\naims\n").append(AimTable.text(aims())).toString();
    }

    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("guests", guests).put("characters", characters);
        write(documents, NOVA, "times_stock_nova", true, root.putArray("documents"));
        write(starts, JVM, "of_floor", false, root.putArray("starts"));
        AimTable.write(aims(), root.putArray("aims"));
        return root.toPrettyString() + "\n";
    }

    private static void write(Turns<String> turns, String beside, String name, boolean rate, ArrayNode list) {
        for (String who : turns.who()) {
            Figures figures = turns.figures(who).orElseThrow();
            ObjectNode node = list.addObject().put("who", who).put("seconds", figures.seconds());
            (rate ? turns.ratio(beside, who) : turns.ratio(who, beside)).ifPresent(ratio -> node.put(name, ratio));
            ArrayNode samples = node.putArray("samples");
            figures.samples().forEach(sample -> samples.add(sample.seconds()));
        }
    }
}
