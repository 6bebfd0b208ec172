package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class ConfigHolderTest {
    @TempDir
    Path folder;

    private Path file;
    private ConfigHolder holder;

    @BeforeEach
    void load() throws IOException {
        file = folder.resolve("nova.conf");
        write("[libvirt]", "images_type = raw");
        holder = ConfigHolder.load(ConfigSource.ofFile(file));
    }

    private void write(String... lines) throws IOException {
        Files.write(file, java.util.List.of(lines));
    }

    @Test
    void aReloadSwapsTheConfiguration() throws IOException {
        write("[libvirt]", "images_type = qcow2");
        holder.reload();
        assertThat(holder.snapshot().get(LibvirtOptions.IMAGES_TYPE)).isEqualTo("qcow2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[libvirt]\nimages_type = rbd\nimages_rbd_pool = vms", "[nova_bridge]\nstate_path = /elsewhere"})
    void aReloadThatTheRunningServiceCannotFollowIsRefusedAndTheOldOneStays(String written) throws IOException {
        Files.writeString(file, written);

        assertThatThrownBy(holder::reload)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION));

        assertThat(holder.snapshot().get(LibvirtOptions.IMAGES_TYPE)).isEqualTo("raw");
    }
}
