package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import org.junit.jupiter.api.Test;

/** Devices that are given to guests whole. */
class VfioCheckTest extends CheckedHost {
    private static final String GROUP = "/sys/kernel/iommu_groups/14/devices";
    private static final String PCI = "/sys/bus/pci/devices/";

    @Test
    void aHostWithoutIommuIsANoteWithWhatToSwitchOn() {
        host.folder("/sys/kernel/iommu_groups").file("/proc/cpuinfo", "vendor_id\t: GenuineIntel");
        assertThat(only("vfio"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(Severity.NOTE, "off: no IOMMU groups");
        assertThat(only("vfio").remedy()).contains("intel_iommu=on iommu=pt");
        host.file("/proc/cpuinfo", "vendor_id\t: AuthenticAMD");
        assertThat(only("vfio").remedy()).doesNotContain("intel_iommu");
    }

    @Test
    void aDeviceOfVfioHasItsGroupForItselfAndCanBeReset() {
        host.folder(GROUP)
                .folder("/sys/module/vfio_pci")
                .file("/proc/cmdline", "intel_iommu=on iommu=pt")
                .folder(PCI + "0000:03:00.0/iommu_group/devices/0000:03:00.0")
                .folder(PCI + "0000:03:00.0/iommu_group/devices/0000:03:00.1")
                .folder(PCI + "0000:03:00.0/iommu_group/devices/0000:00:01.0")
                .file(PCI + "0000:00:01.0/class", "0x060400")
                .file(PCI + "0000:03:00.0/reset_method", "flr bus")
                .file(PCI + "0000:03:00.1/class", "0x010802")
                .folder("/sys/bus/pci/drivers/nvme")
                .link("/sys/bus/pci/drivers/vfio-pci/0000:03:00.0", "../../devices/0000:03:00.0")
                .link(PCI + "0000:00:01.0/driver", "../../drivers/pcieport");
        assertThat(host.findings("vfio"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(Severity.OK, "1 groups, vfio-pci loaded"), tuple(Severity.OK, "so"));
        host.link(PCI + "0000:03:00.1/driver", "../../drivers/nvme");
        assertThat(host.findings("vfio").get(1).found()).isEqualTo("shares its group with 0000:03:00.1 (nvme)");
    }

    @Test
    void aDeviceThatCannotBeResetIsAWarning() {
        host.folder(GROUP)
                .folder(PCI + "0000:04:00.0")
                .link("/sys/bus/pci/drivers/vfio-pci/0000:04:00.0", "../../devices/0000:04:00.0");
        assertThat(host.findings("vfio").get(0).remedy()).contains("modprobe vfio-pci", "iommu=pt");
        assertThat(host.findings("vfio").get(1))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(Severity.WARNING, "no way to reset it");
    }

    @Test
    void aDeviceThatCarriesTheHostIsNotGivenAway() {
        String nvme = "0000:01:00.0";
        host.folder(GROUP)
                .diskBehind("0000:05:00.0", "sdb", true, "[mq-deadline] none", "naa.7")
                .diskBehind("0000:05:00.0", "sdc", true, "[mq-deadline] none", "naa.8")
                .file("/proc/swaps", "Filename Type Size Used Priority\n/dev/sdb partition 1 0 -2")
                .file(PCI + "0000:05:00.0/driver_override", "vfio-pci")
                .file(PCI + nvme + "/driver_override", "(null)");
        assertThat(host.findings("vfio"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(
                        tuple(Severity.WARNING, "1 groups, vfio-pci not loaded, iommu=pt not set"),
                        tuple(Severity.UNUSABLE, "meant for vfio-pci, and carries sdb (swap)"));
        assertThat(host.tuning().plan().afterBoot())
                .filteredOn(change -> change.path().equals(OwnFile.MODULES.path()))
                .singleElement()
                .satisfies(change -> assertThat(change.content()).endsWith("\nvfio-pci\n"));
        host.file("/proc/swaps", "Filename Type Size Used Priority");
        assertThat(host.findings("vfio")).hasSize(1);
    }

    @Test
    void aNeighbourThatCarriesTheHostCannotGoWithItsGroup() {
        String card = "0000:03:00.0";
        host.folder(GROUP)
                .diskBehind("0000:03:00.1", "sdb", true, "[mq-deadline] none", "naa.7")
                .mount("sdb", "/srv", "ext4", "rw")
                .folder(PCI + card + "/iommu_group/devices/" + card)
                .folder(PCI + card + "/iommu_group/devices/0000:03:00.1")
                .file(PCI + "0000:03:00.1/class", "0x010601")
                .folder("/sys/bus/pci/drivers/ahci")
                .link(PCI + "0000:03:00.1/driver", "../../drivers/ahci")
                .link("/sys/bus/pci/drivers/vfio-pci/" + card, "../../devices/" + card);
        assertThat(host.findings("vfio").get(1))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(
                        Severity.UNUSABLE, "shares its group with 0000:03:00.1 (ahci), which carries sdb (/srv)");
    }
}
