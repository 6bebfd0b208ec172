package org.novabridge.driver.policy;

import java.util.stream.Collectors;
import org.novabridge.driver.model.DiskAttribute;

/** The reference page {@code docs/reference/disk-rules.md}, made from what the rules say of themselves. */
public final class DiskRulesPage {
    private DiskRulesPage() {}

    public static String markdown() {
        StringBuilder page = new StringBuilder("""
                # Disk rules

                Generated from the rules themselves (`DiskPolicy.rules()`); do not edit. Every value that
                `nova-bridge disks explain` prints names one of these classes; they lie in
                `driver/src/main/java/org/novabridge/driver/policy/`, their decision tables in
                `driver/src/test/resources/rules/`. Where we differ from Nova on purpose is in [differences](../differences.md).

                | rule | decides | how | reads | source |
                |---|---|---|---|---|
                """);
        for (Rule rule : DiskPolicy.rules()) {
            RuleCard card = rule.card();
            page.append("| ")
                    .append(rule.id())
                    .append(" | ")
                    .append(rule.decides().stream()
                            .sorted()
                            .map(DiskAttribute::key)
                            .collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(cell(card.summary()))
                    .append(" | ")
                    .append(card.reads().stream().map(DiskRulesPage::code).collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(cell(card.source()))
                    .append(" |\n");
        }
        return page.toString();
    }

    private static String code(String text) {
        return "`" + text + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
    }
}
