package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HostCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** An embedded driver whose folder nobody has prepared: libvirt is not touched, and that is said. */
    private int facts(String... more) throws Exception {
        Path instances = Files.createDirectories(folder.resolve("instances"));
        Path conf = Files.writeString(
                folder.resolve("nova.conf"),
                "[DEFAULT]\nstate_path = " + folder + "\ninstances_path = " + instances
                        + "\n[libvirt]\nvirt_type = qemu\nconnection_uri = qemu:///embed?root=" + folder.resolve("e")
                        + "\nrng_dev_path = /dev/null\n");
        CommandLine line = NovaBridge.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        String[] args = new String[more.length + 4];
        System.arraycopy(new String[] {"host", "facts", "--config-file", conf.toString()}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        return line.execute(args);
    }

    @Test
    void factsAreATableInWhichNothingIsLeftOutSilently() throws Exception {
        assertThat(facts()).as(err.toString()).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "  ")))
                .contains(
                        "rng_device  true",
                        "host_uuid  not probed: the embedded driver's folder is not prepared yet",
                        "qemu_version  not probed: the embedded driver's folder is not prepared yet");
        assertThat(folder.resolve("e")).doesNotExist();
        assertThat(folder.resolve("instances")).isEmptyDirectory();
    }

    @Test
    void factsAsJsonAreWhatHostFactsTakes() throws Exception {
        assertThat(facts("--output", "json")).as(err.toString()).isZero();
        JsonNode all = new ObjectMapper().readTree(out.toString());
        assertThat(all.at("/facts/rng_device").booleanValue()).isTrue();
        assertThat(all.at("/missing/host_uuid").textValue()).contains("not prepared");
        assertThat(all.at("/facts/host_uuid").isMissingNode()).isTrue();
        assertThat(all.at("/findings").isArray()).isTrue();
    }

    @Test
    void aSubcommandIsWanted() {
        CommandLine line = NovaBridge.commandLine();
        line.setErr(new PrintWriter(err));
        assertThat(line.execute("host")).isEqualTo(2);
        assertThat(err.toString()).contains("facts");
    }
}
