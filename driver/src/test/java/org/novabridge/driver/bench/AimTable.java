package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/** Promises beside what was measured, as they end each report. */
final class AimTable {
    private AimTable() {}

    static String text(List<Aim> aims) {
        TextTable table = new TextTable("AIM", "LIMIT", "MEASURED", "VERDICT");
        for (Aim aim : aims) {
            Double number = aim.measured();
            table.row(
                    aim.text(),
                    (aim.atLeast() ? ">= " : "<= ") + aim.limit(),
                    number == null ? "-" : "%.2f".formatted(number),
                    aim.verdict());
        }
        return table.toString();
    }

    static void write(List<Aim> aims, ArrayNode list) {
        for (Aim aim : aims) {
            list.addObject()
                    .put("aim", aim.text())
                    .put("limit", aim.limit())
                    .put("at_least", aim.atLeast())
                    .put("measured", aim.measured())
                    .put("verdict", aim.verdict());
        }
    }
}
