package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Provenance;

class DiskPolicyTest {

    @Test
    void aPlainGuestHasOneQcow2DiskOnVirtio() {
        DiskPlan plan = DiskPolicy.plan(ConfigSnapshot.defaults(), Specs.plain(), Specs.facts());

        assertThat(plan.disks()).hasSize(1);
        DiskDefinition root = plan.disks().get(0);
        assertThat(root.name()).isEqualTo("disk");
        assertThat(root.format()).isEqualTo("qcow2");
        assertThat(root.targetDev()).isEqualTo("vda");
        assertThat(root.targetBus()).isEqualTo("virtio");
        assertThat(root.cache()).isEqualTo("none");
        assertThat(root.io()).isNull();
        assertThat(root.sizeBytes()).isEqualTo(10L << 30);
        assertThat(plan.bootDevices()).containsExactly("hd");
        assertThat(plan.rootDeviceName()).isEqualTo("/dev/vda");
    }

    @Test
    void theDocumentListsTheConfigDriveBeforeVolumesAndNamesFollowNovasOrder() {
        BlockDevice volume = new BlockDevice(
                null,
                null,
                null,
                null,
                0,
                null,
                Map.of("driver_volume_type", "iscsi", "serial", "v", "data", Map.of("device_path", "/dev/sdx")));
        DiskPlan plan = DiskPolicy.plan(
                ConfigSnapshot.defaults(),
                Specs.spec(
                        1,
                        64,
                        Map.of(),
                        Map.of(),
                        new BlockDeviceInfo("/dev/vda", List.of(), List.of(), null, List.of(volume)),
                        "True"),
                Specs.facts());

        assertThat(plan.disks())
                .extracting(DiskDefinition::name)
                .containsExactly("disk", "disk.local", "disk.swap", "disk.config", "/dev/vdd");
        assertThat(plan.disks())
                .extracting(DiskDefinition::targetDev)
                .containsExactly("vda", "vdb", "vdc", "hda", "vdd");
    }

    /** nova-compute's side takes them for the volumes by their places. */
    @Test
    void theNamesOfVolumesAreToldInTheOrderOfTheVolumes() {
        List<BlockDevice> volumes = IntStream.range(0, 9)
                .mapToObj(i -> new BlockDevice(null, null, null, null, 0, null, Map.of()))
                .toList();
        DiskPlan plan = DiskPolicy.plan(
                ConfigSnapshot.defaults(),
                Specs.spec(
                        1,
                        0,
                        Map.of(),
                        Map.of(),
                        new BlockDeviceInfo("/dev/vda", List.of(), List.of(), null, volumes),
                        ""),
                Specs.facts());

        List<String> names = IntStream.rangeClosed('c', 'k')
                .mapToObj(letter -> "/dev/vd" + (char) letter)
                .toList();
        assertThat(plan.updates().keySet().stream().filter(key -> key.startsWith("device:/dev/")))
                .containsExactlyElementsOf(
                        names.stream().map(name -> "device:" + name).toList());
        assertThat(plan.updates().values()).containsSubsequence(names);
    }

    @Test
    void everyAttributeOfEveryDiskIsExplainedOnce() {
        DiskPlan plan = DiskPolicy.plan(
                ConfigSnapshot.defaults(),
                Specs.spec(
                        1,
                        64,
                        Map.of("quota:disk_read_iops_sec", "10"),
                        Map.of("hw_scsi_model", "virtio-scsi"),
                        BlockDeviceInfo.NONE,
                        "True"),
                Specs.facts());
        for (DiskDefinition disk : plan.disks()) {
            assertThat(disk.provenance())
                    .extracting(Provenance::attribute)
                    .containsExactlyInAnyOrder(DiskAttribute.values());
            assertThat(disk.provenance()).allSatisfy(p -> {
                assertThat(p.sentence()).endsWith(".");
                assertThat(p.origins()).isNotEmpty();
            });
        }
    }

    @Test
    void everyAttributeIsDecidedByExactlyOneRule() {
        Set<DiskAttribute> decided = EnumSet.noneOf(DiskAttribute.class);
        Set<String> ids = new HashSet<>();
        for (Rule rule : DiskPolicy.rules()) {
            assertThat(ids.add(rule.id())).as(rule.id()).isTrue();
            for (DiskAttribute attribute : rule.decides()) {
                assertThat(decided.add(attribute))
                        .as(rule.id() + " " + attribute)
                        .isTrue();
            }
        }
        assertThat(decided).containsExactlyInAnyOrder(DiskAttribute.values());
    }

    @Test
    void aSecondWriteNeedsAReason() {
        DiskDraft draft = new DiskDraft(org.novabridge.driver.model.DiskRole.ROOT, "disk", null);
        DiskRule rule = new SerialRule();
        draft.decide(rule, DiskAttribute.SERIAL, Decision.of(null, "First.", Origins.rule("x")));
        assertThatThrownBy(() -> draft.decide(rule, DiskAttribute.SERIAL, Decision.of("a", "Second.")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("without a reason");
        draft.override(rule, DiskAttribute.SERIAL, Decision.of("a", "A reason."));
        assertThat(draft.text(DiskAttribute.SERIAL)).isEqualTo("a");
    }

    @Test
    void ideCarriesFourDisks() {
        List<BlockDevice> ephemerals =
                java.util.Collections.nCopies(4, new BlockDevice(null, null, null, null, 1, null, Map.of()));
        assertThatThrownBy(() -> DiskPolicy.plan(
                        ConfigSnapshot.defaults(),
                        Specs.spec(
                                0,
                                0,
                                Map.of(),
                                Map.of("hw_disk_bus", "ide"),
                                new BlockDeviceInfo(null, List.of(), ephemerals, null, List.of()),
                                ""),
                        Specs.facts()))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_DISK_DEVICES));
    }

    @Test
    void nativeBecomesThreadsWithoutODirect() {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "vg")
                .set(LibvirtOptions.DISK_CACHEMODES, List.of("block=writeback"))
                .build();
        DiskDefinition root =
                DiskPolicy.plan(config, Specs.plain(), Specs.facts()).disks().get(0);
        assertThat(root.io()).isEqualTo("threads");
        assertThat(root.source()).hasToString("BlockSource[device=/dev/vg/" + Specs.UUID + "_disk]");
    }

    @Test
    void lettersCountAsTheKernelDoes() {
        assertThat(TargetDeviceRule.letters(0)).isEqualTo("a");
        assertThat(TargetDeviceRule.letters(25)).isEqualTo("z");
        assertThat(TargetDeviceRule.letters(26)).isEqualTo("aa");
        assertThat(TargetDeviceRule.letters(18277)).isEqualTo("zzz");
    }
}
