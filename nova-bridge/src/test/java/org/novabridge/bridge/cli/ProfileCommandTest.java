package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The profile commands, on the examples that are shipped. */
class ProfileCommandTest {
    private static final Path SHIPPED = Path.of("../etc/io-profiles.conf");
    private static final String SPEC = """
            {"instance": {"uuid": "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01", "name": "instance-0000002a",
              "project_id": "p", "user_id": "u",
              "flavor": {"name": "m", "vcpus": 4, "memory_mb": 64, "root_gb": 1, "swap": 64,
                         "extra_specs": {%s}}},
             "image_meta": {"id": "i", "disk_format": "qcow2", "properties": {%s}}}
            """;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path config = Path.of("");

    @BeforeEach
    void files() throws IOException {
        config = Files.writeString(
                folder.resolve("nova-compute.conf"),
                "[DEFAULT]\ninstances_path = /srv/nova\nstate_path = /srv\n" + Files.readString(SHIPPED));
    }

    private int profile(String... words) {
        CommandLine line = NovaBridge.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of("profile"));
        all.addAll(List.of(words));
        all.addAll(List.of("--config-file", config.toString()));
        return line.execute(all.toArray(String[]::new));
    }

    private int test(String extraSpecs, String properties, String... more) throws IOException {
        Path spec = Files.writeString(folder.resolve("spec.json"), SPEC.formatted(extraSpecs, properties));
        Path facts = Files.writeString(
                folder.resolve("facts.json"),
                "{\"arch\": \"x86_64\", \"direct_io\": true, \"io_uring\": false, \"libvirt_version\": 9000000}");
        List<String> words = new ArrayList<>(
                List.of("test", "--no-probe", "--instance", spec.toString(), "--host-facts", facts.toString()));
        words.addAll(List.of(more));
        return profile(words.toArray(String[]::new));
    }

    @Test
    void listNamesProfilesWhoMayChooseThemAndWhatTheySet() {
        assertThat(profile("list")).as(err.toString()).isZero();
        assertThat(out.toString().lines()).hasSize(6);
        assertThat(out.toString())
                .contains("background  flavors, images  iotune=")
                .containsPattern("services +flavors +cache=none io=auto iothreads=auto queues=auto discard=unmap");
        assertThat(profile("list", "--output", "json")).isZero();
        assertThat(out.toString()).contains("\"allow_image\" : true", "\"queue_size\" : 512");
    }

    @Test
    void listSaysThatThereAreNone() throws IOException {
        Files.writeString(config, "[DEFAULT]\nstate_path = /srv\n");
        assertThat(profile("list")).isZero();
        assertThat(out.toString()).contains("no section [io_profile:NAME]");
    }

    @Test
    void eachProblemOfTheConfigurationHasALineOfItsOwn() throws IOException {
        Files.writeString(config, "[DEFAULT]\nstate_path = /srv\n[io_profile:x]\nio = fast\ncache = slow\n");
        assertThat(profile("show", "x")).isEqualTo(3);
        assertThat(err.toString().lines())
                .anyMatch(line -> line.startsWith("  " + config + ":4: [io_profile:x]io = 'fast'"))
                .anyMatch(line -> line.startsWith("  " + config + ":5: [io_profile:x]cache = 'slow'"));
    }

    @Test
    void showNamesTheLineOfEachKey() {
        assertThat(profile("show", "Database")).as(err.toString()).isZero();
        assertThat(out.toString()).containsPattern("error_policy +stop +" + config + ":[0-9]+");
        assertThat(profile("show", "nothing")).isEqualTo(2);
        assertThat(err.toString()).contains("no profile of that name: nothing", "background, database, sequential");
    }

    @Test
    void testSaysWhichProfileIsChosenWhyAndWhatEachDiskGets() throws IOException {
        assertThat(test("\"bridge:io_profile\": \"services\"", ""))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .startsWith("Profile: services (extra spec bridge:io_profile). The flavor chooses the profile.")
                .containsPattern("vda +iothread +1 +\\[io_profile:services\\]iothreads")
                .containsPattern("vdb +iothread +2 +\\[io_profile:services\\]iothreads")
                .containsPattern("vda +queues +4 ");
        assertThat(out.toString()).doesNotContain("backend");
    }

    @Test
    void testFollowsAnImageOnlyWhereTheProfileAllowsIt() throws IOException {
        assertThat(test("", "\"bridge_io_profile\": \"background\"", "--output", "json"))
                .isZero();
        assertThat(out.toString()).contains("\"profile\" : \"background\"", "total_iops_sec=200");
        assertThat(test("", "\"bridge_io_profile\": \"throwaway\"")).isEqualTo(3);
        assertThat(err.toString()).contains("no profile that images may choose");
        assertThat(test("", "")).isZero();
        assertThat(out.toString()).contains("Profile: (not set) (default). Neither flavor nor image names a profile.");
    }
}
