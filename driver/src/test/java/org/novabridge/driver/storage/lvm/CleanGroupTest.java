package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/**
 * A group that is taken for clean has nothing in its free extents, whoever died where and whoever else was at it; and
 * no guest ever gets an extent that holds something of another.
 */
class CleanGroupTest {
    private static final long MIB = 1 << 20;
    private static final CachedImage IMAGE = new CachedImage("i", Path.of("/n/_base/abc"), "qcow2", 9 * MIB);
    private static final String OTHER = "99999999-aaaa-4bbb-8ccc-000000000009";

    @TempDir
    Path folder;

    private int stillClean;
    private ToyLvm lvm = new ToyLvm(40);
    private final List<QemuImg.Before> befores = new ArrayList<>();

    private LvmSettings settings(LvmSettings.Clear clear) {
        return new LvmSettings(
                "nova", clear, 0, 0, false, false, Duration.ZERO, Duration.ofSeconds(60), folder.resolve("clean"));
    }

    private LvmBackend backend(LvmSettings.Clear clear) {
        return new LvmBackend(lvm, settings(clear), (content, device, before, progress) -> {
            befores.add(before);
            if (content instanceof DiskContent.FromImage) {
                lvm.write(String.valueOf(device.getFileName()));
            }
        });
    }

    private LvmBackend backend() {
        return backend(LvmSettings.Clear.ZERO);
    }

    private boolean clean() {
        LockedGroup group = new LockedGroup(lvm, settings(LvmSettings.Clear.ZERO));
        return group.extents(group.usable()).clean();
    }

    private void wipe() {
        FreeSpaceWipe wipe = new FreeSpaceWipe(lvm, settings(LvmSettings.Clear.ZERO), Progress.NONE);
        LockedGroup group = new LockedGroup(lvm, settings(LvmSettings.Clear.ZERO));
        wipe.steps(Optional.of(group.usable())).forEach(step -> step.work().run());
    }

    private void image(String uuid) {
        backend().create(uuid, "disk", new DiskContent.FromImage(IMAGE, 24 * MIB), Progress.NONE);
    }

    private void blank(String uuid, String disk) {
        backend().create(uuid, disk, new DiskContent.Blank(20 * MIB), Progress.NONE);
        assertThat(lvm.holdsSomething(LvmNames.volume(uuid, disk))).isFalse();
    }

    private void believedOnlyWhenTrue() {
        assertThat(clean() && lvm.freeHoldsSomething()).isFalse();
    }

    @Test
    void onACleanGroupNothingIsZeroedAndImagesAreWrittenWithoutTheirHoles() {
        wipe();
        assertThat(clean()).isTrue();
        lvm.done.clear();
        image(Recorded.UUID);
        blank(OTHER, "disk.local");
        backend().grow(OTHER, "disk.local", 40 * MIB, Progress.NONE);
        assertThat(lvm.holdsSomething(LvmNames.volume(OTHER, "disk.local"))).isFalse();
        assertThat(lvm.done)
                .hasSize(3)
                .noneMatch(line -> line.startsWith("blkdiscard"))
                .noneMatch(line -> line.contains("nb-clean-to"));
        assertThat(befores).containsExactly(QemuImg.Before.ZERO, QemuImg.Before.ZERO);
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        backend().remove(OTHER, "disk.local", Progress.NONE);
        assertThat(clean()).isTrue();
        assertThat(lvm.freeHoldsSomething()).isFalse();
    }

    @Test
    void onADirtyGroupNothingIsBelieved() {
        assertThat(clean()).isFalse();
        blank(OTHER, "disk.local");
        assertThat(lvm.done).anyMatch(line -> line.startsWith("blkdiscard"));
        assertThat(befores).containsExactly(QemuImg.Before.UNKNOWN);
    }

    /** A volume of others may be made and removed between two looks of ours. */
    @Test
    void whatOthersDoMeanwhileEndsIt() {
        wipe();
        lvm.visit(30);
        blank(OTHER, "disk.local");
        assertThat(befores).containsExactly(QemuImg.Before.UNKNOWN);
        assertThat(lvm.tags()).containsExactly("nova-bridge");

        wipe();
        assertThat(clean()).isTrue();
        image(Recorded.UUID);
        lvm.removeByHand(LvmNames.volume(Recorded.UUID, "disk"));
        // A change of ours behind it must not hide it.
        backend().remove(OTHER, "disk.local", Progress.NONE);
        assertThat(lvm.freeHoldsSomething()).isTrue();
        assertThat(clean()).isFalse();
        blank(OTHER, "disk.eph0");
    }

    @Test
    void aDeleteThatLeavesSomethingTakesTheTagOffFirst() {
        wipe();
        image(Recorded.UUID);
        backend(LvmSettings.Clear.NONE).remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(lvm.done)
                .endsWith(
                        "vgchange --deltag nb-clean nova",
                        "lvremove --yes --force nova/" + LvmNames.volume(Recorded.UUID, "disk"));
        assertThat(clean()).isFalse();
        blank(OTHER, "disk");
    }

    @Test
    void aCreateThatFailsGivesItsExtentsBackWiped() {
        wipe();
        LvmBackend failing =
                new LvmBackend(lvm, settings(LvmSettings.Clear.ZERO), (content, device, before, progress) -> {
                    lvm.write(String.valueOf(device.getFileName()));
                    throw new BridgeException(ErrorCode.STORAGE_FAILED, "half written");
                });
        assertThatThrownBy(
                        () -> failing.create(OTHER, "disk", new DiskContent.FromImage(IMAGE, 24 * MIB), Progress.NONE))
                .hasMessage("half written");
        assertThat(lvm.volumes()).isEmpty();
        assertThat(clean()).isTrue();
        assertThat(lvm.freeHoldsSomething()).isFalse();
    }

    @Test
    void wipingTwiceDoesNothingTheSecondTime() {
        wipe();
        lvm.done.clear();
        wipe();
        assertThat(lvm.done).isEmpty();
    }

    /** A life of a group, to be ended at each of its changes, before and behind it. */
    private void life() {
        wipe();
        image(Recorded.UUID);
        blank(OTHER, "disk.local");
        backend().grow(Recorded.UUID, "disk", 40 * MIB, Progress.NONE);
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        image(Recorded.UUID);
        backend(LvmSettings.Clear.NONE).remove(OTHER, "disk.local", Progress.NONE);
        blank(OTHER, "disk.eph0");
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        wipe();
        image(OTHER);
    }

    @Test
    void whereverTheBridgeDiesACleanGroupIsCleanAndNoGuestSeesAnother() throws IOException {
        life();
        int changes = lvm.done.size();
        assertThat(changes).isGreaterThan(20);
        for (int at = 0; at < changes; at++) {
            for (boolean before : List.of(true, false)) {
                killed(at, before);
            }
        }
        // Else nothing would have been shown: who dies before a command, or in a wipe, leaves it clean.
        assertThat(stillClean).isGreaterThan(5);
    }

    private void killed(int at, boolean before) throws IOException {
        lvm = new ToyLvm(40);
        Path memory = folder.resolve("clean/nova");
        Path copy = folder.resolve("copy");
        Files.deleteIfExists(memory);
        Files.deleteIfExists(copy);
        lvm.killAt(at, before, () -> copy(memory, copy));
        assertThatThrownBy(this::life).isInstanceOf(ToyLvm.Killed.class);
        // What the dying bridge did after its death did not happen.
        Files.deleteIfExists(memory);
        copy(copy, memory);
        lvm.restart();

        believedOnlyWhenTrue();
        stillClean += clean() ? 1 : 0;
        LvmBackend again = backend();
        again.interruptedWipes().forEach(volume -> again.finishWipe(volume, Progress.NONE));
        believedOnlyWhenTrue();
        again.remove(OTHER, "disk.swap", Progress.NONE);
        blank(OTHER, "disk.rescue");
        believedOnlyWhenTrue();
        for (String disk : again.list(Recorded.UUID)) {
            again.remove(Recorded.UUID, disk, Progress.NONE);
        }
        believedOnlyWhenTrue();
        blank(Recorded.UUID, "disk.rescue");
    }

    private static void copy(Path from, Path to) {
        try {
            if (Files.exists(from)) {
                Files.copy(from, to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
