package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.EphemeralStorageEncryptionOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.policy.DiskPolicy;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackends;

/** The rule that names a disk's place and the backend that makes it there are two places for one fact. */
class DiskPlacesTest {
    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2", "lvm", "lvm-crypt"})
    void theRuleAndTheBackendNameTheSamePlace(String imagesType) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, "/srv//instances/")
                .set(LibvirtOptions.IMAGES_TYPE, imagesType.replace("-crypt", ""))
                .set(EphemeralStorageEncryptionOptions.ENABLED, imagesType.endsWith("-crypt"))
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova-vg")
                .build();
        ImageBackends backends = ImageBackends.of(
                config, new ProcessExecutor(), FileOwner.ofThisHost(), new DiskKeys(Clock.systemUTC()));

        List<DiskDefinition> disks = DiskPolicy.plan(
                        config,
                        FakeHost.spec(OperationsTest.UUID_A),
                        HostFacts.builder()
                                .put(HostFact.ARCH, "x86_64")
                                .put(HostFact.DIRECT_IO, true)
                                .put(HostFact.LIBVIRT_VERSION, 9_000_000)
                                .put(HostFact.QEMU_VERSION, 7_002_000)
                                .build())
                .disks();

        assertThat(disks)
                .hasSize(2)
                .allSatisfy(disk -> assertThat(
                                backends.find(disk.backend()).orElseThrow().locate(OperationsTest.UUID_A, disk.name()))
                        .isEqualTo(disk.source()));
    }
}
