package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.IoThreads;

/** What an explanation says beyond the value: what a setting does there, and what it lacks. */
class DiskSentencesTest {
    private static final String LVM = "libvirt.images_type=lvm libvirt.images_volume_group=vg ";
    private static final String CRYPT = "ephemeral_storage_encryption.enabled=true ";
    private static final String MAPPED =
            "libvirt.disk_iothreads=4 libvirt.disk_iothread_mapping=true libvirt.disk_queues=2";
    private static final String SCSI = "flavor.vcpus=8 image.hw_disk_bus=scsi image.hw_scsi_model=virtio-scsi";

    @TempDir
    Path folder;

    private DiskPlan plan(String conf, String guest, HostFacts facts) throws IOException {
        return DiskPolicy.plan(TableGuest.config(folder, conf), TableGuest.read(TableGuest.of(guest)), facts);
    }

    private String sentence(String conf, String guest, DiskAttribute attribute) throws IOException {
        return sentence(plan(conf, guest, TableGuest.facts(guest)), attribute);
    }

    private static String sentence(DiskPlan plan, DiskAttribute attribute) {
        return plan.disks().get(0).why(attribute).orElseThrow().sentence();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "qcow2||The file gives discarded blocks back to its file system. On bus virtio a guest discards from Linux 5.0 on.",
                "raw|image.hw_disk_bus=sata image.hw_machine_type=q35|The file gives discarded blocks back to its file system.",
                "raw|image.hw_disk_bus=usb|back to its file system. Few guests discard on bus usb.",
                "thick|image.hw_disk_bus=scsi|It gives nothing back to the volume group: a thick volume keeps its extents, and only the device below them learns of it.",
                "thin|image.hw_disk_bus=scsi|Whole chunks go back to the thin pool, unless its --discards is ignore; a smaller discard gives nothing back.",
                "crypt|image.hw_disk_bus=scsi|It gives nothing back: dm-crypt does not pass discards on."
            })
    void discardSaysWhatItFrees(String storage, String guest, String end) throws IOException {
        String conf = switch (storage) {
            case "thick" -> LVM;
            case "thin" -> LVM + "libvirt.images_lvm_type=thin ";
            case "crypt" -> LVM + CRYPT;
            default -> "libvirt.images_type=" + storage + " ";
        };
        assertThat(sentence(conf + "libvirt.hw_disk_discard=unmap", guest == null ? "" : guest, DiskAttribute.DISCARD))
                .startsWith("hw_disk_discard sets it. ")
                .endsWith(end);
        assertThat(sentence(conf + "libvirt.hw_disk_discard=ignore", guest == null ? "" : guest, DiskAttribute.DISCARD))
                .isEqualTo("hw_disk_discard sets it.");
    }

    @Test
    void aNameOfAnotherBusIsSaidToBeNotTheGuests() throws IOException {
        assertThat(sentence("", "root=/dev/sda", DiskAttribute.TARGET))
                .isEqualTo(
                        "The name was chosen before and is kept. It only orders the disks: a guest names those on bus"
                                + " virtio itself, vda and so on.");
        assertThat(sentence("", "root=/dev/vda image.hw_disk_bus=scsi", DiskAttribute.TARGET))
                .endsWith("on bus scsi itself, sda and so on.");
        assertThat(sentence("", "root=/dev/vdc", DiskAttribute.TARGET))
                .isEqualTo("The name was chosen before and is kept.");
    }

    @Test
    void severalThreadsOfAControllerAreSaidToNeedANewerHost() throws IOException {
        assertThat(sentence(MAPPED, SCSI + " one_scsi_thread", DiskAttribute.IOTHREAD))
                .contains("The SCSI controller of the disk has thread 1 of 1")
                .contains(
                        " Several for one controller need libvirt 11.2.0 and QEMU 10.0.0, which this host is not known"
                                + " to have.");
        assertThat(sentence(MAPPED, SCSI, DiskAttribute.IOTHREAD))
                .startsWith("Threads 1,2 of 2 serve the queues of the disk's SCSI controller")
                .doesNotContain("need libvirt");
        DiskPlan plan = plan(MAPPED, SCSI, TableGuest.facts(""));
        assertThat(plan.scsiDriver()).isNotNull();
        assertThat(plan.scsiDriver().ioThreads()).containsExactly(1, 2);
        assertThat(plan.scsiDriver().queues()).isEqualTo(2);
        assertThat(plan.ioThreads()).isEqualTo(new IoThreads(2, null));
    }

    @ParameterizedTest
    @CsvSource({"9000000, false", "9001000, true", "10000003, true", "10001000, false"})
    void limitsAreWarnedOfWithTheQemuThatLocksGuestsUp(int qemu, boolean warned) throws IOException {
        HostFacts facts = TableGuest.facts("").toBuilder()
                .put(HostFact.QEMU_VERSION, qemu)
                .build();
        String words = "Guests have locked up under limits with QEMU 9.1 to 10.0 (qemu#3144), and this host has ";
        assertThat(sentence(plan("", "extra.quota:disk_read_iops_sec=5", facts), DiskAttribute.IOTUNE)
                        .contains(words))
                .as(String.format(Locale.ROOT, "QEMU %d", qemu))
                .isEqualTo(warned);
        assertThat(sentence(plan("", "extra.quota:disk_read_iops_sec=0", facts), DiskAttribute.IOTUNE))
                .doesNotContain(words);
    }
}
