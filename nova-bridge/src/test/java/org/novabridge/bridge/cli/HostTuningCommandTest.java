package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.compute.StateLock;
import picocli.CommandLine;

/** The commands as they are typed, on the machine that runs the tests; nothing of it is changed. */
class HostTuningCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String more, String... words) throws IOException {
        Path instances = Files.createDirectories(folder.resolve("instances"));
        Path conf = Files.writeString(
                folder.resolve("nova.conf"),
                "[DEFAULT]\nstate_path = " + folder + "\ninstances_path = " + instances
                        + "\n[libvirt]\nvirt_type = qemu\nconnection_uri = qemu:///embed?root=" + folder.resolve("e")
                        + "\n[nova_bridge]\nstate_path = " + folder.resolve("state") + "\n" + more);
        CommandLine line = NovaBridge.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        List<String> args = new ArrayList<>(List.of("host"));
        args.addAll(List.of(words));
        args.addAll(List.of("--config-file", conf.toString()));
        return line.execute(args.toArray(new String[0]));
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out.toString());
    }

    private static Set<String> texts(JsonNode list, String field) {
        Set<String> texts = new TreeSet<>();
        list.forEach(each -> texts.add(each.path(field).asText()));
        return texts;
    }

    @Test
    void theExitCodeIsThatOfTheWorstFinding() throws IOException {
        int exit = run("", "check", "--all", "--output", "json");
        assertThat(err.toString()).isEmpty();
        JsonNode findings = json().path("findings");
        assertThat(texts(findings, "check"))
                .contains("scheduler", "aio", "ksm", "thp", "governor", "page-cache", "qemu");
        Set<String> severities = texts(findings, "severity");
        assertThat(exit).isEqualTo(severities.contains("unusable") ? 3 : severities.contains("warning") ? 1 : 0);
        findings.forEach(finding -> {
            for (String field : List.of("severity", "check", "subject", "found", "wanted", "source")) {
                assertThat(finding.path(field).asText())
                        .as(field + " of " + finding)
                        .isNotEmpty();
            }
        });
        assertThat(folder.resolve("state")).doesNotExist();
        assertThat(folder.resolve("e")).doesNotExist();
    }

    @Test
    void flavorsThatAskForHugePagesAreHeldAgainstThoseOfTheHost() throws IOException {
        Path flavors = Files.writeString(folder.resolve("flavors.json"), """
                [{"ID": "1", "Name": "db.huge", "RAM": 1024, "VCPUs": 2, "Properties": {"hw:mem_page_size": "3KB"}},
                 {"ID": "2", "Name": "m1.plain", "RAM": 1024, "VCPUs": 2, "Properties": {}},
                 {"ID": "3", "Name": "odd.huge", "RAM": 1024, "VCPUs": 2, "Properties": {"hw:mem_page_size": "77KB"}}]
                """);
        assertThat(run("", "check", "--flavors", flavors.toString(), "--output", "json"))
                .isIn(1, 3);
        JsonNode findings = json().path("findings");
        assertThat(texts(findings, "subject"))
                .contains("flavor odd.huge")
                .doesNotContain("flavor m1.plain", "flavor db.huge");
        Files.writeString(flavors, "{}");
        assertThat(run("", "check", "--flavors", flavors.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("flavors.json: it is no list", "openstack flavor list");
    }

    /** What is wrong with the list of flavors, where, and in which entry. */
    @Test
    void aListOfFlavorsThatIsNoneIsSaidToBeSo() throws IOException {
        Path flavors = folder.resolve("flavors.json");
        assertThat(flavors(flavors)).contains("flavors.json: there is no such file");
        assertThat(flavors(folder)).contains(": it is a folder");
        Files.write(flavors, new byte[] {'[', '\n', '"', (byte) 0xff, '"', ']'});
        assertThat(flavors(flavors)).contains("flavors.json: line 2 is no UTF-8 text");
        Files.writeString(flavors, "[{\"Name\": \"a\",\n  oops}]");
        assertThat(flavors(flavors)).contains("flavors.json: it is no JSON at line 2, column ");
        Files.writeString(
                flavors, "[{\"Name\": \"a\", \"RAM\": 1, \"Properties\": {}}, {\"Name\": \"b\", \"RAM\": \"x\"}]");
        assertThat(flavors(flavors)).contains("flavors.json: entry 2 (b) has no RAM (a number), no Properties");
        Files.writeString(flavors, "[{\"RAM\": 1, \"Properties\": {}}]");
        assertThat(flavors(flavors)).contains("flavors.json: entry 1 has no Name");
    }

    private String flavors(Path file) throws IOException {
        assertThat(run("", "check", "--flavors", file.toString())).isEqualTo(2);
        return err.toString();
    }

    @Test
    void forPeopleItIsATableWithoutWhatIsRight() throws IOException {
        assertThat(run("", "check")).isIn(0, 1, 3);
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString()).containsAnyOf("SEVERITY", "all is well").doesNotContain("\nok ");
    }

    @Test
    void whatIsWrongInTheConfigurationIsSaidBeforeTheHostIsLookedAt() throws IOException {
        assertThat(run("host_ksm = sometimes\n", "check")).isEqualTo(3);
        assertThat(err.toString()).contains("host_ksm", "nova.conf:");
        assertThat(run("host_cpu_governor = Fast!\n", "check")).isEqualTo(3);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aPlanChangesNothingAndApplyWithDryRunIsThePlan() throws IOException {
        assertThat(run("", "plan", "--output", "json")).as(err.toString()).isZero();
        JsonNode plan = json();
        assertThat(plan.path("now").isArray()).isTrue();
        plan.path("now")
                .forEach(change -> assertThat(change.path("path").asText()).startsWith("/"));
        out.getBuffer().setLength(0);
        assertThat(run("", "apply", "--dry-run", "--output", "json")).isZero();
        // Numbers of this machine in the reasons change between two looks.
        JsonNode applied = json();
        for (String part : List.of("now", "after_boot")) {
            assertThat(applied.path(part).findValuesAsText("path"))
                    .as(part)
                    .isEqualTo(plan.path(part).findValuesAsText("path"));
        }
        assertThat(folder.resolve("state")).doesNotExist();
    }

    /** All there is to see of undo for somebody who is not root. */
    private boolean othersAreRefused() throws IOException {
        if (HostTuningCommand.root()) {
            return false;
        }
        assertThat(run("", "undo")).isEqualTo(3);
        assertThat(err.toString()).contains("root");
        return true;
    }

    @Test
    void withoutARecordThereIsNothingToUndo() throws IOException {
        if (othersAreRefused()) {
            return;
        }
        assertThat(run("", "undo", "--dry-run")).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("nothing to undo\n");
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void aRecordThatCannotBeTrustedIsRefused() throws IOException {
        if (othersAreRefused()) {
            return;
        }
        Files.writeString(Files.createDirectories(folder.resolve("state")).resolve("host-tuning.json"), "{}");
        assertThat(run("", "undo", "--dry-run")).isEqualTo(3);
        assertThat(err.toString()).contains("host-tuning.json", "nothing was changed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host_huge_pages = 4096",
                "host_huge_pages = node:0,size:2048",
                "host_huge_pages = node:0,size:2048,count:-1",
                "host_huge_pages = node:0,size:2048,count:1,count:2",
                "host_huge_pages = node:0,size:3000,count:1",
                "host_huge_pages = node:0,size:2M,count:1",
                "host_huge_pages = node:99999999999,size:2048,count:1",
                "host_ksm = yes",
                "host_cpu_governor = Performance",
                "host_cpu_governor = a;b",
            })
    void aWrongOptionIsNamedWithItsLineBeforeAnythingIsDone(String line) throws IOException {
        for (String command : List.of("check", "plan", "apply")) {
            err.getBuffer().setLength(0);
            assertThat(run(line + "\n", command)).isEqualTo(3);
            assertThat(err.toString()).contains("nova.conf:9", line.split(" ")[0]);
        }
        assertThat(out.toString()).isEmpty();
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void hugePagesOfANodeThatIsNotThereAreRefusedByTheExitCode() throws IOException {
        assertThat(run("host_huge_pages = node:4000,size:2048,count:1\n", "check"))
                .isEqualTo(3);
        assertThat(out.toString()).contains("no such node", "correct [nova_bridge]host_huge_pages");
    }

    @Test
    void oneChangesTheHostAtATime() throws IOException {
        if (othersAreRefused()) {
            return;
        }
        Path state = folder.resolve("state");
        try (StateLock held = StateLock.takeForTuning(state)) {
            assertThat(held).isNotNull();
            assertThat(run("", "undo")).isEqualTo(3);
            assertThat(err.toString()).contains("in use by another host apply or host undo", "wait until it has ended");
        }
        // A running bridge does not stand in the way.
        try (StateLock bridge = StateLock.take(state)) {
            assertThat(bridge).isNotNull();
            assertThat(run("", "undo")).isZero();
        }
        assertThat(out.toString()).isEqualTo("nothing to undo\n");
    }
}
