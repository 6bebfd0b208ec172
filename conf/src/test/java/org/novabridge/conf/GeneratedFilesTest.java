package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The tracked files that are made from the declarations; {@code -Dgolden.update=true} writes them anew. */
class GeneratedFilesTest {

    @Test
    void sampleIsWhatTheDeclarationsGive() throws IOException {
        compare(Path.of("../etc/nova-compute.conf.sample"), OptionSample.render());
    }

    @Test
    void referencePageIsWhatTheDeclarationsGive() throws IOException {
        compare(Path.of("../nova-bridge/docs/reference/options.md"), OptionReference.render());
    }

    @Test
    void sampleIsAFileWithoutProblems() {
        LoadedConfig loaded = new ConfigLoader().load(ConfigSource.ofFile(Path.of("../etc/nova-compute.conf.sample")));
        assertThat(loaded.problems().errors()).isEmpty();
    }

    private static void compare(Path tracked, String made) throws IOException {
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(tracked.getParent());
            Files.writeString(tracked, made);
        }
        assertThat(Files.readString(tracked))
                .as("%s is stale: run mvn test -pl conf -Dtest=GeneratedFilesTest -Dgolden.update=true", tracked)
                .isEqualTo(made);
    }
}
