package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.Provenance;

/** What holds for every guest on every configuration. */
class DiskPolicyPropertyTest {

    @Provide
    Arbitrary<String> guests() {
        return Arbitraries.of(
                        "flavor.ephemeral_gb=1",
                        "flavor.swap=64",
                        "config_drive",
                        "iso",
                        "launched",
                        "buffered",
                        "image.hw_disk_bus=scsi",
                        "image.hw_disk_bus=ide",
                        "image.hw_scsi_model=virtio-scsi",
                        "image.hw_machine_type=q35",
                        "extra.quota:disk_total_iops_sec=100",
                        "eph=1,guest_format:xfs",
                        "eph=2,device_name:/dev/vdc",
                        "swap=64,disk_bus:sata",
                        "volume=iscsi,serial:a",
                        "volume=local,boot_index:0",
                        "volume=nfs,mount_device:/dev/vdb",
                        "volume=rbd,discard:true",
                        "volume=iscsi,multiattach:true,disk_bus:scsi")
                .list()
                .ofMaxSize(7)
                .uniqueElements()
                .map(words -> String.join(" ", words));
    }

    @Property(tries = 400)
    void everyPlanIsExplainedOnceAndTheSameTwice(
            @ForAll("guests") String guest, @ForAll("types") String type, @ForAll("modes") String mode) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, "/srv")
                .set(DefaultOptions.PREALLOCATE_IMAGES, guest.contains("iso") ? "space" : "none")
                .set(LibvirtOptions.IMAGES_TYPE, type)
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "vg")
                .set(LibvirtOptions.DISK_CACHEMODES, mode.isEmpty() ? List.of() : List.of(mode))
                .build();
        InstanceSpec spec = TableGuest.read(TableGuest.of(guest));
        DiskPlan plan = plan(config, spec, guest);
        if (plan == null) {
            return;
        }
        assertThat(plan(config, spec, guest)).isEqualTo(plan);
        Set<String> targets = new HashSet<>();
        for (DiskDefinition disk : plan.disks()) {
            assertThat(targets.add(disk.targetDev())).as(disk.targetDev()).isTrue();
            assertThat(disk.provenance())
                    .extracting(Provenance::attribute)
                    .containsExactlyInAnyOrder(DiskAttribute.values());
            assertThat(disk.provenance()).allSatisfy(why -> {
                assertThat(why.origins()).isNotEmpty();
                assertThat(why.sentence()).endsWith(".");
            });
            if ("native".equals(disk.io())) {
                assertThat(disk.cache())
                        .as("QEMU refuses native AIO without O_DIRECT")
                        .isIn("none", "directsync");
            }
            if (disk.shareable()) {
                assertThat(disk.cache()).isEqualTo("none");
            }
        }
    }

    private static @Nullable DiskPlan plan(ConfigSnapshot config, InstanceSpec spec, String guest) {
        try {
            return DiskPolicy.plan(config, spec, TableGuest.facts(guest));
        } catch (BridgeException refused) {
            assertThat(refused.code().exitCode()).isIn(2, 3);
            return null;
        }
    }

    @Provide
    Arbitrary<String> types() {
        return Arbitraries.of("default", "raw", "qcow2", "lvm", "rbd");
    }

    @Provide
    Arbitrary<String> modes() {
        return Arbitraries.of("", "file=writeback", "block=directsync", "network=unsafe", "file=default", "bad");
    }
}
