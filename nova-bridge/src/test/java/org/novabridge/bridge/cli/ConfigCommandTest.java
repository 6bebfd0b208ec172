package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = NovaBridge.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(args);
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void checkPrintsAllProblemsAndEndsWithOne() throws IOException {
        String file = file("nova.conf", "[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type=lwm\nrbd_usr=x\n");
        assertThat(run("config", "check", "--config-file", file)).isEqualTo(1);
        assertThat(out.toString().replace(folder + "/", "").lines().map(line -> line.replaceAll(" {2,}", "  ")))
                .containsExactly(
                        "PLACE  KIND  PROBLEM",
                        "nova.conf:4  error  [libvirt]images_type = 'lwm' is not one of raw, flat, qcow2, lvm, rbd, ploop,"
                                + " default; did you mean lvm?",
                        "nova.conf:5  warning  [libvirt]rbd_usr is no option of Nova or of the bridge; did you mean"
                                + " rbd_user?",
                        "1 error, 1 warning, 0 notes in nova.conf");
    }

    @Test
    void checkOfAGoodFileEndsWithZero() throws IOException {
        String file = file("nova.conf", "[DEFAULT]\nstate_path=/srv\n");
        assertThat(run("config", "check", "--config-file", file)).isZero();
        assertThat(out.toString()).startsWith("0 errors, 0 warnings, 0 notes in ");
    }

    @Test
    void aProblemOfNoFileIsNoUnreadFile() throws IOException {
        String file = file("nova.conf", "[libvirt]\nvirt_type=qemu\n");
        assertThat(run("config", "check", "--config-file", file))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("state_path is not set").endsWith(" in " + file + "\n");
    }

    @Test
    void checkNamesTheFilesThatGaveNothing() throws IOException {
        Path binary = Files.write(folder.resolve("b.conf"), new byte[] {'a', '=', 1, '\n', (byte) 0xff, 0});
        String good = file("nova.conf", "[DEFAULT]\nstate_path=/srv\n");
        assertThat(run("config", "check", "--config-file", binary.toString())).isEqualTo(1);
        assertThat(out.toString())
                .endsWith("0 notes; not read: " + binary + "\n")
                .doesNotContain("no file");
        assertThat(run("config", "check", "--config-file", good, "--config-file", binary.toString()))
                .isEqualTo(1);
        assertThat(out.toString()).endsWith(" in " + good + "; not read: " + binary + "\n");
    }

    @Test
    void checkAsJson() throws IOException {
        String file = file("nova.conf", "[DEFAULT]\nstate_path=/srv\n[libvirt]\nimages_type=lwm\n");
        assertThat(run("config", "check", "--output", "json", "--config-file", file))
                .isEqualTo(1);
        assertThat(out.toString()).contains("\"line\" : 4", "\"option\" : \"[libvirt]images_type\"", "\"errors\" : 1");
    }

    @Test
    void laterFileWinsAndShowSaysWhere() throws IOException {
        String first = file("a.conf", "[DEFAULT]\nstate_path=/srv\n[libvirt]\nvirt_type=kvm\n");
        Files.createDirectory(folder.resolve("d"));
        file("d/b.conf", "[libvirt]\nvirt_type = qemu\n");
        String dir = folder.resolve("d").toString();
        assertThat(run("config", "show", "--config-file", first, "--config-dir", dir, "libvirt"))
                .isZero();
        assertThat(out.toString().replace(folder + "/", "").lines().map(line -> line.replaceAll(" {2,}", "  ")))
                .containsExactly("OPTION  VALUE  ORIGIN", "[libvirt]virt_type  qemu  d/b.conf:2");
        out.getBuffer().setLength(0);
        assertThat(run("config", "show", "--config-dir", dir, "--config-file", first, "libvirt"))
                .isZero();
        assertThat(out.toString()).contains("kvm");
    }

    @Test
    void nothingOfOtherSectionsIsShown() throws IOException {
        String file = file(
                "nova.conf",
                "[DEFAULT]\nstate_path=/srv\ntransport_url=rabbit://u:s3cr3t@h\n[database]\nconnection=s3cr3t\n"
                        + "s3cr3t\n");
        run("config", "show", "--all", "--config-file", file);
        run("config", "check", "--config-file", file);
        run("config", "show", "--output", "json", "--all", "--config-file", file);
        run("config", "check", "--output", "json", "--config-file", file);
        assertThat(out.toString()).contains("/srv").doesNotContain("s3cr3t");
        assertThat(err.toString()).doesNotContain("s3cr3t");
    }

    @Test
    void wrongUsageEndsWithTwo() {
        assertThat(run("config", "check", "--config-fil", "x")).isEqualTo(2);
        assertThat(run("config")).isEqualTo(2);
        assertThat(err.toString()).contains("which of check, show, sample, reference?");
    }

    @Test
    void sampleAndReference() {
        assertThat(run("config", "sample")).isZero();
        assertThat(out.toString()).contains("#disk_cachemodes =");
        assertThat(run("config", "reference")).isZero();
        assertThat(out.toString()).contains("| `disk_io_modes` |");
    }
}
