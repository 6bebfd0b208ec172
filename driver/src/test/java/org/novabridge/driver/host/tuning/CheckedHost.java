package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A host made by hand where all is well, until a test says otherwise. */
abstract class CheckedHost {
    @TempDir
    Path root;

    RecordedHost host;

    @BeforeEach
    void aHostWhereAllIsWell() {
        host = new RecordedHost(root)
                .disk("nvme0n1", false, "[none] mq-deadline", "eui.1")
                .mount("nvme0n1", "/", "ext4", "rw");
    }

    Finding only(String check) {
        List<Finding> found = host.findings(check);
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
