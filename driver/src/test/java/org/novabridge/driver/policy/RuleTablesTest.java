package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Provenance;

/**
 * The decision tables {@code rules/*.csv}: one file a rule, one line a decision: configuration, guest
 * ({@link TableGuest}), disk, attribute, value. A value {@code !code} is a refusal; {@code NAME=} in the
 * attribute column asks for a field of the whole plan.
 */
class RuleTablesTest {
    private static final Path TABLES = Path.of("src/test/resources/rules");

    @TempDir
    Path folder;

    record Row(String table, String conf, String guest, String disk, String attribute, String value) {
        @Override
        public String toString() {
            return table + ": " + conf + " / " + guest + " -> " + disk + " " + attribute + " " + value;
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (Stream<Path> tables = Files.list(TABLES)) {
            for (Path table : tables.sorted().toList()) {
                for (String line : Files.readAllLines(table)) {
                    if (line.isBlank() || line.startsWith("#")) {
                        continue;
                    }
                    String[] cells = line.split("\\|", -1);
                    assertThat(cells).as(table + ": " + line).hasSize(5);
                    rows.add(new Row(
                            table.getFileName().toString(),
                            cells[0].strip(),
                            cells[1].strip(),
                            cells[2].strip(),
                            cells[3].strip(),
                            cells[4].strip()));
                }
            }
        }
        return rows;
    }

    private static String tableOf(Rule rule) {
        return rule.id()
                        .replaceAll("Rule$", "")
                        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                        .toLowerCase(java.util.Locale.ROOT)
                + ".csv";
    }

    @Test
    void everyRuleHasItsTable() throws IOException {
        assertThat(rows().stream().map(Row::table).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        DiskPolicy.rules().stream().map(RuleTablesTest::tableOf).toList());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theTableHolds(Row row) throws IOException {
        ObjectNode guest = TableGuest.of(row.guest());
        if (row.value().startsWith("!")) {
            BridgeException refused = catchThrowableOfType(BridgeException.class, () -> plan(row, guest));
            assertThat(refused).as("must be refused").isNotNull();
            assertThat(refused.code()).isEqualTo(ErrorCode.valueOf(row.value().substring(1)));
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        DiskPlan plan = plan(row, guest);
        if (row.disk().equals("*")) {
            String actual = row.attribute().equals("disks")
                    ? plan.disks().stream().map(d -> d.name()).collect(Collectors.joining(" "))
                    : String.join(" ", plan.bootDevices());
            assertThat(actual).isEqualTo(row.value());
            return;
        }
        DiskExplanation.Line line = DiskExplanation.of(plan)
                .only(row.disk(), row.attribute())
                .lines()
                .get(0);
        assertThat(line.value()).as(line.sentence()).isEqualTo(row.value());
        assertThat(DiskPolicy.rules().stream()
                        .filter(rule -> rule.id().equals(line.rule()))
                        .map(RuleTablesTest::tableOf))
                .containsExactly(row.table());
        assertThat(line.sentence()).endsWith(".");
        assertThat(line.origins()).isNotEmpty();
    }

    private DiskPlan plan(Row row, ObjectNode guest) throws IOException {
        return DiskPolicy.plan(
                TableGuest.config(folder, row.conf()), TableGuest.read(guest), TableGuest.facts(row.guest()));
    }

    @Test
    void aWrittenValueNamesItsFileAndLine() throws IOException {
        DiskPlan plan = DiskPolicy.plan(
                TableGuest.config(folder, "libvirt.disk_cachemodes=file=writeback"),
                TableGuest.read(TableGuest.of("")),
                TableGuest.facts(""));
        Provenance why = Objects.requireNonNull(plan.disks()
                .get(0)
                .why(org.novabridge.driver.model.DiskAttribute.CACHE)
                .orElse(null));
        assertThat(why.rule()).isEqualTo("CacheModeRule");
        assertThat(why.origins().get(0).describe())
                .isEqualTo("[libvirt]disk_cachemodes (" + folder.resolve("nova.conf") + ":2)");
    }

    @Test
    void everyRuleSpeaksInSomeExplanation() throws IOException {
        DiskPlan plan = DiskPolicy.plan(
                TableGuest.config(folder, ""),
                TableGuest.read(TableGuest.of("flavor.ephemeral_gb=1 flavor.swap=64 config_drive volume=rbd")),
                TableGuest.facts(""));
        List<String> speaking = DiskExplanation.of(plan).lines().stream()
                .map(DiskExplanation.Line::rule)
                .distinct()
                .toList();
        assertThat(speaking)
                .containsExactlyInAnyOrderElementsOf(
                        DiskPolicy.rules().stream().map(Rule::id).toList());
    }

    @Test
    void theReferencePageIsMadeFromTheRules() throws IOException {
        Path page = Path.of("../nova-bridge/docs/reference/disk-rules.md");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(page, DiskRulesPage.markdown());
        }
        assertThat(Files.readString(page)).isEqualTo(DiskRulesPage.markdown());
    }
}
