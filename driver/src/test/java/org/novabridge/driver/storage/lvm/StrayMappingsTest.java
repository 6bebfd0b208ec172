package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.RecordingExecutor;

/** Mappings of dm-crypt on a host with several groups, as {@code dmsetup deps} of lvm2 2.03.16 lists them. */
class StrayMappingsTest {
    private static final String HERE = Recorded.UUID;
    private static final String GONE = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String DEVICES = """
            nova-%1$s_disk: 1 dependencies	: (sdb)
            %2$s_disk-dmcrypt: 1 dependencies	: (nova-%1$s_disk)
            %3$s_disk-dmcrypt: 1 dependencies	: (nova-%4$s_disk)
            %2$s_disk.swap-dmcrypt: 1 dependencies	: (nova-nb--wipe--0123)
            %3$s_disk.eph0-dmcrypt: 1 dependencies	: (nova--two-%4$s_disk.eph0)
            home-dmcrypt: 1 dependencies	: (nova-home)
            nova-nova--pool_tdata: 2 dependencies	: (sdc) (sdb)
            """.formatted(HERE.replace("-", "--"), HERE, GONE, GONE.replace("-", "--"));

    private final RecordingExecutor executor = new RecordingExecutor();

    private StrayMappings of(String group) {
        return new StrayMappings(executor, group, Set.of(HERE)::contains);
    }

    @Test
    void thoseOfUnknownInstancesAndOfOtherVolumesAreStray() {
        executor.printing("dmsetup deps", DEVICES);
        assertThat(of("nova").find())
                .extracting(VolumeGroupStatus.StrayMapping::name, VolumeGroupStatus.StrayMapping::volume)
                .containsExactly(
                        tuple(GONE + "_disk-dmcrypt", GONE + "_disk"),
                        tuple(HERE + "_disk.swap-dmcrypt", "nb-wipe-0123"));
        assertThat(of("nova-two").find())
                .extracting(VolumeGroupStatus.StrayMapping::volume)
                .containsExactly(GONE + "_disk.eph0");
    }

    @Test
    void eachIsAWarningWithItsRemedy() {
        executor.printing("dmsetup deps", DEVICES);
        List<VolumeGroupFinding> findings = of("nova").findings();
        assertThat(findings).hasSize(2).allMatch(finding -> finding.severity() == VolumeGroupFinding.Severity.WARNING);
        assertThat(findings.get(0).sentence())
                .contains("nova/" + GONE + "_disk")
                .contains("no instance " + GONE)
                .contains("[DEFAULT]instances_path");
        assertThat(findings.get(0).remedy()).endsWith("cryptsetup close " + GONE + "_disk-dmcrypt");
        assertThat(findings.get(1).sentence()).contains("nova/nb-wipe-0123").contains("another disk's");
    }

    @Test
    void aHostWithoutDevicesOrDeviceMapperHasNone() {
        executor.printing("dmsetup deps", "No devices found\n");
        assertThat(of("nova").find()).isEmpty();
        RecordingExecutor broken = new RecordingExecutor();
        broken.failing("dmsetup", 1, "/dev/mapper/control: open failed: No such device");
        assertThat(new StrayMappings(broken, "nova", uuid -> false).find()).isEmpty();
    }
}
