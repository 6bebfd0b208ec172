package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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

    @Test
    void anOperationKeepsTheConfigurationItBeganWith() throws IOException {
        List<String> seen = new CopyOnWriteArrayList<>();
        Journal journal = new Journal(folder.resolve("state"), CrashPoint.NONE);
        Work work = steps -> {
            seen.add(holder.inForce().get(LibvirtOptions.IMAGES_TYPE));
            holder.reload();
            seen.add(holder.inForce().get(LibvirtOptions.IMAGES_TYPE));
            return Map.of();
        };
        try (Operations operations = new Operations(journal, Clock.systemUTC(), 1, OperationsTest.ROOMY)) {
            write("[libvirt]", "images_type = qcow2");
            for (int run = 0; run < 2; run++) {
                Operation submitted = operations.submit(
                        Operation.Kind.PAUSE, OperationsTest.UUID_A, OperationsTest.OPERATOR, RequestKey.NONE, work);
                OperationsTest.Awaited.ended(operations, submitted.id());
            }
        }
        assertThat(seen).containsExactly("raw", "raw", "qcow2", "qcow2");
        assertThat(holder.inForce().get(LibvirtOptions.IMAGES_TYPE)).isEqualTo("qcow2");
    }
}
