package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real guests through the real service: configuration file in, QEMU process out. */
@Tag("embed")
@Timeout(180)
class EmbedLifeTest extends EmbedGuest {
    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "raw"})
    void aGuestIsMadeRebootedWithAnotherCacheModeAndRemoved(String imagesType) throws Exception {
        bridge.configure(imagesType, "disk_cachemodes = file=writeback");
        ConfigHolder config = bridge.load();
        try (ComputeDriver driver = bridge.open(config)) {
            InstanceService service = driver.instances();
            done(driver, service.create(OPERATOR, bridge.spec(uuid), RequestKey.NONE));
            InstanceView made = service.show(uuid);
            assertThat(made.state()).isEqualTo("running");
            assertThat(made.backend()).isEqualTo(imagesType);
            assertThat(made.disks()).singleElement().satisfies(disk -> {
                assertThat(disk.exists()).isTrue();
                assertThat(disk.format()).isEqualTo(imagesType);
                assertThat(disk.target()).isEqualTo("vda");
            });
            assertThat(made.driftUnknown()).isNull();
            assertThat(made.drift()).isEmpty();
            assertThat(driver.hypervisor().xml(uuid, false)).contains("cache='writeback'");

            bridge.configure(imagesType, "disk_cachemodes = file=directsync");
            config.reload();
            assertThat(service.show(uuid).drift())
                    .contains(new InstanceView.Drift(
                            "vda", "cache", "writeback", "directsync", InstanceView.Remedy.HARD_REBOOT));
            done(driver, service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE));
            assertThat(driver.hypervisor().xml(uuid, false)).contains("cache='directsync'");
            assertThat(service.show(uuid).drift()).isEmpty();

            done(driver, service.suspend(OPERATOR, uuid, RequestKey.NONE));
            assertThat(service.show(uuid).state()).isEqualTo("suspended");
            done(driver, service.resume(OPERATOR, uuid, RequestKey.NONE));
            done(driver, service.pause(OPERATOR, uuid, RequestKey.NONE));
            done(driver, service.unpause(OPERATOR, uuid, RequestKey.NONE));
            done(driver, service.powerOff(OPERATOR, uuid, Duration.ofSeconds(2), Duration.ZERO, RequestKey.NONE));
            assertThat(service.show(uuid).state()).isEqualTo("shutdown");
            done(driver, service.powerOn(OPERATOR, uuid, RequestKey.NONE));

            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
            assertThat(service.list()).isEmpty();
            assertThat(bridge.instances().resolve(uuid)).doesNotExist();
            assertThat(driver.hypervisor().find(uuid)).isEmpty();
        }
    }

    @Test
    void aReloadWithAnErrorKeepsTheOldConfiguration() throws Exception {
        bridge.configure("qcow2", "disk_cachemodes = file=writeback");
        ConfigHolder config = bridge.load();
        bridge.configure("nonsense");
        org.assertj.core.api.Assertions.assertThatThrownBy(config::reload).hasMessageContaining("images_type");
        assertThat(config.snapshot().get(org.novabridge.conf.LibvirtOptions.IMAGES_TYPE))
                .isEqualTo("qcow2");
    }

    @Test
    void aSecondBridgeOnTheSameStatePathIsRefused() throws Exception {
        bridge.configure("qcow2");
        ConfigHolder config = bridge.load();
        try (ComputeDriver driver = bridge.open(config)) {
            assertThat(driver.instances().list()).isEmpty();
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> bridge.open(config))
                    .hasMessageContaining("in use by another bridge");
        }
    }

    @Test
    void aRebootReportsAMissingDiskAndLeavesTheGuestRunning() throws Exception {
        bridge.configure("raw");
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            done(driver, service.create(OPERATOR, bridge.spec(uuid), RequestKey.NONE));
            Path disk = bridge.instances().resolve(uuid).resolve("disk");
            Files.move(disk, disk.resolveSibling("elsewhere"));
            Operation reboot = OperationsTest.Awaited.ended(
                    driver.operations(),
                    service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE)
                            .id());
            assertThat(reboot.problem())
                    .isNotNull()
                    .extracting(Problem::code)
                    .isEqualTo(org.novabridge.driver.model.ErrorCode.DISK_NOT_FOUND);
            assertThat(service.show(uuid).state()).isEqualTo("running");
            assertThat(disk).doesNotExist();
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
        }
    }
}
