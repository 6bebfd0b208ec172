package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.model.BridgeException;

class EmbedRootTest {

    @Test
    void theFolderGetsAConfigurationTheEmbeddedDriverCanUse() throws Exception {
        Path base = EmbedLab.newRoot();
        try {
            EmbedRoot root = EmbedRoot.prepare(base.resolve("e"), "libvirt-qemu", "kvm");
            assertThat(root.uri()).isEqualTo("qemu:///embed?root=" + base + "/e");
            assertThat(root.qemuConf()).content().contains("stdio_handler = \"file\"", "user = \"libvirt-qemu\"");

            EmbedRoot.prepare(base.resolve("e"), "other", "kvm");
            assertThat(root.qemuConf()).content().contains("user = \"other\"");

            Files.writeString(root.qemuConf(), "user = \"mine\"\n");
            EmbedRoot.prepare(base.resolve("e"), "other", "kvm");
            assertThat(root.qemuConf()).content().isEqualTo("user = \"mine\"\n");
        } finally {
            EmbedLab.delete(base);
        }
    }

    @Test
    void pathsThatLibvirtCannotUseAreRefusedBeforeAnythingIsMade() {
        assertThatThrownBy(() -> EmbedRoot.prepare(Path.of("/tmp/" + "long".repeat(20)), "a", "b"))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("longer than 50 bytes");
        assertThatThrownBy(() -> EmbedRoot.prepare(Path.of("/tmp/a?b=c"), "a", "b"))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("quoted");
    }
}
