package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

/** A group that somebody made with LVM's own small metadata area; tags stand for its many volumes. */
@Tag("lab")
class MetadataRoomLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String LATER = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final Path DISK = Lab.disk(0);
    private static final Path MORE = Lab.disk(3);
    private static final long MIB = 1 << 20;

    private int tags;

    @BeforeEach
    void smallArea() {
        Lab.clean();
        Lab.sh("vgcreate", "--yes", Lab.GROUP, DISK.toString());
    }

    @AfterEach
    void clean() {
        Lab.clean();
    }

    private static LvmBackend backend() {
        return new LvmBackend(Lab.config(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost());
    }

    private static MetadataRoom room() {
        return Lab.report().group(Lab.GROUP).orElseThrow().metadata();
    }

    private static List<VolumeGroupFinding> check() {
        return VolumeGroups.of(Lab.config(DISK).build(), Lab.EXECUTOR).check().stream()
                .filter(finding -> finding.sentence().contains("metadata of volume group"))
                .toList();
    }

    private void fillTo(double percent) {
        MetadataRoom now = room();
        long missing = (long) (now.most() * percent / 100) - now.used();
        List<String> arguments = new ArrayList<>();
        for (long i = 0; i < missing / 1004; i++) {
            arguments.add("--addtag");
            // With its quotes, comma and blank a tag takes four bytes more.
            arguments.add(String.format("t%04d", tags++) + "x".repeat(995));
        }
        arguments.add(Lab.GROUP);
        Lab.sh("vgchange", arguments.toArray(String[]::new));
        assertThat(room().percent()).isBetween(percent - 2, percent + 1);
    }

    @Test
    void creationEndsInTimeDeletionDoesNotAndTheRemedyHelps() {
        assertThat(check()).isEmpty();
        backend().create(GUEST, "disk", new DiskContent.Blank(4 * MIB), Progress.NONE);
        fillTo(85);
        assertThat(check()).extracting(VolumeGroupFinding::severity).containsExactly(Severity.WARNING);
        backend().create(GUEST, "disk.swap", new DiskContent.Blank(4 * MIB), Progress.NONE);

        fillTo(97);
        assertThat(check()).extracting(VolumeGroupFinding::severity).contains(Severity.UNUSABLE);
        assertThatThrownBy(() -> backend().create(LATER, "disk", new DiskContent.Blank(4 * MIB), Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
        // With its rename and its tags, which there is still room for.
        backend().remove(GUEST, "disk.swap", Progress.NONE);
        assertThat(backend().list(GUEST)).containsExactly("disk");

        Lab.sh("pvcreate", "--yes", "--metadatasize", "64m", MORE.toString());
        Lab.sh("vgextend", Lab.GROUP, MORE.toString());
        Lab.sh("pvchange", "--metadataignore", "y", DISK.toString());
        assertThat(room().percent()).isLessThan(5);
        backend().create(LATER, "disk", new DiskContent.Blank(4 * MIB), Progress.NONE);
        assertThat(check()).isEmpty();
    }

    /** Where our limit lies below LVM's own: it still writes a text that fills an area to more than ours. */
    @Test
    void lvmItselfGoesOnALittleLonger() {
        fillTo(97.5);
        Lab.sh("lvcreate", "--yes", "--size", "4M", "--name", "by-hand", Lab.GROUP);
        assertThat(Lab.report().volume(Lab.GROUP, "by-hand")).isPresent();
    }
}
