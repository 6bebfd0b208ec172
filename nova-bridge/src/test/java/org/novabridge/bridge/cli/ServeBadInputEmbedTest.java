package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What goes wrong around the running program: the message names what and where, and nothing is made or lost. */
@Tag("embed")
class ServeBadInputEmbedTest extends ServedProgram {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aMissingVolumeGroupIsNamedWithItsOptionAndNothingIsMade() throws Exception {
        configureEmbedded("images_type = lvm\nimages_volume_group = nb-no-such-group");
        start();
        assertThat(create(Files.readString(folder.resolve("spec.json")))).isEqualTo(3);
        assertThat(err.toString()).contains("nb-no-such-group", "images_volume_group", "remedy: ");
        assertNothingMade();
    }

    @Test
    void aFullInstancesPathIsNamedAndNothingIsLeft() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to mount a small file system");
        configureEmbedded("images_type = raw");
        Path instances = Files.createDirectory(folder.resolve("instances"));
        assertThat(exit("mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "nb-small", instances.toString()))
                .isZero();
        try {
            start();
            byte[] noise = new byte[24 * 1024 * 1024];
            new Random(1).nextBytes(noise);
            Files.write(folder.resolve("i.qcow2"), noise);
            ObjectNode spec = spec();
            spec.withObject("/image_meta").put("disk_format", "raw").put("size", noise.length);
            assertThat(create(spec.toString())).as(err.toString()).isEqualTo(1);
            assertThat(err.toString()).contains("No space left", instances.toString(), "remedy: ");
            assertNothingMade();
            try (Stream<Path> files = Files.walk(instances.resolve("_base"))) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
            assertThat(folder.resolve("i.qcow2")).as("the caller's own").hasSize(noise.length);
        } finally {
            stop();
            assertThat(exit("umount", instances.toString())).isZero();
        }
    }

    @Test
    void hostileSpecsAreRefusedByFieldAndNothingIsMade() throws Exception {
        configureEmbedded("");
        start();
        String[][] hostile = {
            {"/instance/name", "../../etc/passwd"},
            {"/instance/name", "-rf"},
            {"/instance/name", "a\nb"},
            {"/instance/name", "<domain/>"},
            {"/instance/name", "a\u0000b"},
            {"/instance/name", "x".repeat(1_000_000)},
            {"/instance/uuid", "../" + UUID},
            {"/instance/uuid", UUID + "\n"},
            {"/instance/uuid", ""},
            {"/instance/vcpus", "many"},
            {"/instance/flavor/root_gb", "-1"},
            {"/instance/flavor/extra_specs", "none"},
            {"/image_meta/disk_format", "qcow2 -o backing_file=/etc/shadow"},
            {"/image_meta/size", "big"},
            {"/network_info", "all"},
            {"/block_device_info", "sda"},
            {"/surprise", "x"},
        };
        for (String[] each : hostile) {
            ObjectNode spec = spec();
            int slash = each[0].lastIndexOf('/');
            ObjectNode parent = slash == 0 ? spec : (ObjectNode) spec.at(each[0].substring(0, slash));
            String field = each[0].substring(slash + 1);
            parent.put(field, each[1]);
            String what = each[0] + " = " + each[1].substring(0, Math.min(40, each[1].length()));
            assertThat(create(spec.toString())).as(what + err).isBetween(2, 3);
            assertThat(err.toString()).as(what).contains(field).hasSizeLessThan(2000);
            assertThat(err.toString().chars().filter(c -> c < 32 && c != '\n'))
                    .as(what)
                    .isEmpty();
        }
        for (String each : new String[] {"", "[]", "{\"instance\": ", "\u0000", "[".repeat(100_000)}) {
            assertThat(create(each))
                    .as(each.substring(0, Math.min(20, each.length())))
                    .isEqualTo(2);
            assertThat(err.toString()).contains("hostile.json");
        }
        assertNothingMade();
    }

    @Test
    void configurationsThatCannotBeReadEndTheProgramAtOnce() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to become another user");
        configureEmbedded("images_volume_group = $images_volume_group");
        assertThat(serveAndExpectExit()).isEqualTo(3);
        assertThat(log()).contains("c.conf:13", "[libvirt]images_volume_group runs in a circle", "remedy: ");

        Files.writeString(folder.resolve("c.conf"), "[DEFAULT]\n" + "x = y\n".repeat(17_000_000));
        assertThat(serveAndExpectExit()).isEqualTo(3);
        assertThat(log()).contains("c.conf", "is larger than");

        configureEmbedded("");
        Files.setPosixFilePermissions(folder.resolve("c.conf"), PosixFilePermissions.fromString("rw-------"));
        String readable = copyOfTheProgram();
        for (String[] each : new String[][] {{"config", "check"}, {"config", "show"}, {"serve"}}) {
            List<String> line = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
            String[] words = Stream.concat(Stream.of(each), Stream.of("--config-file", at("c.conf")))
                    .toArray(String[]::new);
            line.addAll(program(readable, words));
            Process process = new ProcessBuilder(line)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isEqualTo(each[0].equals("serve") ? 3 : 1);
            assertThat(said).contains("c.conf", each[each.length - 1].equals("show") ? "config check" : "permission");
        }
        assertThat(folder.resolve("state")).doesNotExist();
        assertThat(folder.resolve("instances")).doesNotExist();
        assertThat(folder.resolve("b.sock")).doesNotExist();
    }

    /** Another user cannot read the folders of the build. */
    private String copyOfTheProgram() throws IOException, InterruptedException {
        Path program = Files.createDirectory(folder.resolve("program"));
        List<String> places = new ArrayList<>();
        int count = 0;
        for (String each : System.getProperty("java.class.path").split(":", -1)) {
            Path copy = program.resolve(count++ + "-" + Path.of(each).getFileName());
            if (Files.exists(Path.of(each))) {
                assertThat(exit("cp", "-rL", each, copy.toString())).isZero();
                places.add(copy.toString());
            }
        }
        assertThat(exit("chmod", "-R", "a+rX", program.toString())).isZero();
        return String.join(":", places);
    }

    private ObjectNode spec() throws IOException {
        return (ObjectNode) JSON.readTree(Files.readString(folder.resolve("spec.json")));
    }

    private int create(String spec) throws IOException {
        Files.writeString(folder.resolve("hostile.json"), spec);
        return run("instance", "create", "--spec", at("hostile.json"), "--image", at("i.qcow2"));
    }

    private void assertNothingMade() throws IOException {
        assertThat(answer("instance", "list")).isEqualTo("no instances\n");
        try (Stream<Path> made = Files.list(folder.resolve("instances"))) {
            assertThat(made.map(each -> each.getFileName().toString())).isSubsetOf("_base", "locks", ".nova-bridge");
        }
        for (String place : new String[] {"state/exchange", "state/instances", "state/taken"}) {
            if (Files.isDirectory(folder.resolve(place))) {
                assertThat(folder.resolve(place)).isEmptyDirectory();
            }
        }
        assertThat(folder.resolve("embed/etc/instance-00000009.xml")).doesNotExist();
        JsonNode operations = JSON.readTree(answer("operation", "list", "--output", "json"));
        assertThat(operations)
                .as("those of this test alone")
                .hasSizeLessThan(2)
                .allSatisfy(each -> assertThat(each.path("state").asText()).isEqualTo("failed"));
    }

    private void stop() throws InterruptedException, IOException {
        signal("TERM");
        assertThat(process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
}
