package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskState;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/** What is left when the bridge dies in the middle of a wipe or of growing, and what the next start makes of it. */
@Tag("lab")
class InterruptedWipeLabTest {
    private static final String GUEST = "33333333-aaaa-4bbb-8ccc-000000000003";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(3);

    @BeforeAll
    static void group() {
        Lab.clean();
        Lab.init(DISK);
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @AfterEach
    void removeAll() {
        Lab.tidy("lvremove", "--yes", "--force", Lab.GROUP);
    }

    /** A bridge that wipes slowly, to be killed. */
    public static final class SlowRemoval {
        private SlowRemoval() {}

        public static void main(String[] arguments) {
            new LvmBackend(
                            Lab.config(DISK)
                                    .set(LibvirtOptions.VOLUME_CLEAR_RATE, 4)
                                    .build(),
                            new ProcessExecutor(),
                            FileOwner.ofThisHost())
                    .remove(GUEST, "disk", Progress.NONE);
        }
    }

    private static LvmBackend backend(boolean singleTenant) {
        return new LvmBackend(
                Lab.config(DISK)
                        .set(LibvirtOptions.IMAGES_LVM_SINGLE_TENANT, singleTenant)
                        .build(),
                Lab.EXECUTOR,
                FileOwner.ofThisHost());
    }

    private static void finishAll() {
        LvmBackend backend = backend(false);
        assertThat(backend.interruptedWipes()).hasSize(1);
        backend.interruptedWipes().forEach(volume -> backend.finishWipe(volume, Progress.NONE));
        assertThat(backend.interruptedWipes()).isEmpty();
    }

    private static Path device(String volume) {
        return LvmNames.device(Lab.GROUP, volume);
    }

    @Test
    void aKilledWipeIsFoundAndFinished() throws IOException, InterruptedException {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(128 * MIB), Progress.NONE);
        Lab.fillWithPattern(device(volume));
        Process bridge = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SlowRemoval.class.getName())
                .inheritIO()
                .start();
        try {
            Optional<LogicalVolume> waiting = Optional.empty();
            for (int i = 0; i < 300 && waiting.isEmpty() && bridge.isAlive(); i++) {
                waiting = Lab.report().volumes(Lab.GROUP).stream()
                        .filter(LogicalVolume::waitsForWipe)
                        .findFirst();
                TimeUnit.MILLISECONDS.sleep(100);
            }
            assertThat(waiting).isPresent();
            assertThat(bridge.isAlive()).isTrue();
        } finally {
            bridge.destroyForcibly().waitFor();
        }
        List<LogicalVolume> left = Lab.report().volumes(Lab.GROUP);
        assertThat(left).hasSize(1);
        assertThat(left.get(0).name()).startsWith(LvmNames.WIPE_PREFIX).endsWith(volume);
        // 4 MiB a second: the end cannot have been reached.
        assertThat(Lab.sectorsWithPattern(device(left.get(0).name()))).isPositive();
        assertThat(backend(false).list(GUEST)).isEmpty();
        assertThat(VolumeGroups.of(Lab.config(DISK).build(), Lab.EXECUTOR)
                        .status()
                        .pendingWipes())
                .hasSize(1);

        finishAll();

        assertThat(Lab.report().volumes(Lab.GROUP)).isEmpty();
        backend(true).create(GUEST, "disk", new DiskContent.Blank(128 * MIB), Progress.NONE);
        assertThat(Lab.sectorsWithPattern(device(volume))).isZero();
    }

    /** The note is written before the size changes, so this is what a crash between the two and the zeroes leaves. */
    @Test
    void growthThatWasInterruptedIsFinished() throws IOException {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(64 * MIB), Progress.NONE);
        Lab.fillWithPattern(device(volume));
        Lab.sh("lvreduce", "--yes", "--force", "--size", "16m", Lab.GROUP + "/" + volume);
        LvmCommands commands = new LvmCommands(Duration.ofMinutes(1));
        Lab.EXECUTOR.run(commands.addTag(Lab.GROUP, volume, LvmNames.CLEAN_TO_TAG + 16 * MIB));
        Lab.EXECUTOR.run(commands.extendVolume(Lab.GROUP, volume, 64 * MIB));
        assertThat(Lab.sectorsWithPattern(device(volume))).isEqualTo(64 * MIB / 512);
        assertThat(backend(false).interruptedWipes()).isEmpty();
        assertThat(backend(false).state(GUEST, "disk")).isEqualTo(DiskState.GROWING);

        backend(false).grow(GUEST, "disk", 0, Progress.NONE);

        assertThat(backend(false).state(GUEST, "disk")).isEqualTo(DiskState.READY);

        assertThat(Lab.sectorsWithPattern(device(volume))).isEqualTo(16 * MIB / 512);
        assertThat(Lab.report().volume(Lab.GROUP, volume).orElseThrow().tags()).containsExactly("nova-bridge");
    }

    @Test
    void aSuspendedDeviceIsResumed() {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        Lab.sh("dmsetup", "suspend", LvmCommands.mapperName(Lab.GROUP, volume));
        assertThat(VolumeGroups.of(Lab.config(DISK).build(), Lab.EXECUTOR).check())
                .anyMatch(finding -> finding.severity() == VolumeGroupFinding.Severity.UNUSABLE
                        && finding.sentence().contains("is suspended"));
        assertThat(SuspendedDevices.resume(Lab.config(DISK).build(), Lab.EXECUTOR))
                .isEmpty();
        assertThat(Lab.report().volume(Lab.GROUP, volume).orElseThrow().suspended())
                .isFalse();
    }

    /** Two that come upon one volume at the same time: one wipes it, the other learns that it is being wiped. */
    @Test
    void oneVolumeIsWipedByOneWorker() throws Exception {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(64 * MIB), Progress.NONE);
        String waiting = LvmNames.WIPE_PREFIX + "0";
        Lab.EXECUTOR.run(new LvmCommands(Duration.ofMinutes(1)).renameVolume(Lab.GROUP, volume, waiting));
        LvmBackend slow = new LvmBackend(
                Lab.config(DISK).set(LibvirtOptions.VOLUME_CLEAR_RATE, 16).build(),
                Lab.EXECUTOR,
                FileOwner.ofThisHost());
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> slow.finishWipe(waiting, new Progress() {
            @Override
            public void report(String phase, double percent) {
                begun.countDown();
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        }));
        assertThat(begun.await(180, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> backend(false).finishWipe(waiting, Progress.NONE))
                .hasMessageContaining("is being wiped already");
        first.get(60, TimeUnit.SECONDS);
        assertThat(Lab.report().volumes(Lab.GROUP)).isEmpty();
        backend(false).finishWipe(waiting, Progress.NONE);
    }

    /** The second disk has room only in what the first gives back. */
    @Test
    void aCreateThatNeedsTheSpaceWaitsForTheWipe() throws Exception {
        backend(true).create(GUEST, "disk", new DiskContent.Blank(600 * MIB), Progress.NONE);
        LvmBackend slow = new LvmBackend(
                Lab.config(DISK).set(LibvirtOptions.VOLUME_CLEAR_RATE, 150).build(),
                Lab.EXECUTOR,
                FileOwner.ofThisHost());
        CompletableFuture<Void> wipe = CompletableFuture.runAsync(() -> slow.remove(GUEST, "disk", Progress.NONE));
        for (int i = 0; i < 300 && slow.interruptedWipes().isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        List<String> phases = new CopyOnWriteArrayList<>();
        backend(true).create(GUEST, "disk", new DiskContent.Blank(300 * MIB), new Progress() {
            @Override
            public void report(String phase, double percent) {
                phases.add(phase);
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        });
        assertThat(phases).anyMatch(phase -> phase.startsWith("wait for the wipe of nb-wipe-"));
        wipe.get(60, TimeUnit.SECONDS);
        assertThat(backend(false).list(GUEST)).containsExactly("disk");
    }

    /** Where a note says that zeroes are on the disk, they are not written again. */
    @Test
    void aWipeGoesOnWhereItWasNotedToBeDone() throws IOException {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(32 * MIB), Progress.NONE);
        Lab.fillWithPattern(device(volume));
        LvmCommands commands = new LvmCommands(Duration.ofMinutes(1));
        String waiting = LvmNames.wiped(Lab.GROUP, volume, "0");
        Lab.EXECUTOR.run(commands.renameVolume(Lab.GROUP, volume, waiting));
        String first = LvmNames.WIPED_TO_TAG + 8 * MIB;
        Lab.EXECUTOR.run(commands.replaceTags(Lab.GROUP, waiting, List.of(), first));
        Lab.EXECUTOR.run(commands.replaceTags(Lab.GROUP, waiting, List.of(first), LvmNames.WIPED_TO_TAG + 16 * MIB));

        finishAll();

        backend(true).create(GUEST, "disk", new DiskContent.Blank(32 * MIB), Progress.NONE);
        // LVM itself zeroes the first 4 KiB of a new volume.
        assertThat(Lab.sectorsWithPattern(device(volume))).isBetween(16 * MIB / 512 - 16, 16 * MIB / 512);
    }

    /** After a start of the host that left it out, a volume has no device; a wipe of it needs one. */
    @Test
    void aVolumeThatIsNotActiveIsWipedToo() throws IOException {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(32 * MIB), Progress.NONE);
        Lab.fillWithPattern(device(volume));
        Lab.sh("lvchange", "--activate", "n", Lab.GROUP + "/" + volume);

        backend(false).remove(GUEST, "disk", Progress.NONE);

        assertThat(Lab.report().volumes(Lab.GROUP)).isEmpty();
        backend(true).create(GUEST, "disk", new DiskContent.Blank(32 * MIB), Progress.NONE);
        assertThat(Lab.sectorsWithPattern(device(volume))).isZero();
    }

    @Test
    void anOpenDiskIsNeitherWipedNorRemoved() throws IOException {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        Lab.fillWithPattern(device(volume));
        try (var held = java.nio.channels.FileChannel.open(device(volume))) {
            assertThat(held.isOpen()).isTrue();
            heldBy("process " + ProcessHandle.current().pid(), "end process");
        }
        assertThat(Lab.sectorsWithPattern(device(volume))).isEqualTo(8 * MIB / 512);
        backend(false).remove(GUEST, "disk", Progress.NONE);
        assertThat(Lab.report().volumes(Lab.GROUP)).isEmpty();
    }

    private static void heldBy(String who, String remedy) {
        assertThatThrownBy(() -> backend(false).remove(GUEST, "disk", Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
                    assertThat(e).hasMessageContaining("it is held by " + who);
                    assertThat(e.remedy()).contains(remedy);
                });
    }

    @Test
    void aStrayMappingThatHoldsADiskIsNamed() {
        String volume = LvmNames.volume(GUEST, "disk");
        backend(true).create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        Lab.sh("dmsetup", "create", "stray", "--table", "0 8192 linear " + device(volume) + " 0");
        try {
            heldBy("the mapping stray", "dmsetup remove stray");
        } finally {
            Lab.sh("dmsetup", "remove", "stray");
        }
        backend(false).remove(GUEST, "disk", Progress.NONE);
        assertThat(Lab.report().volumes(Lab.GROUP)).isEmpty();
    }

    @Test
    void aFullGroupSaysSoAndStaysAsItWas() {
        assertThatThrownBy(
                        () -> backend(false).create(GUEST, "disk", new DiskContent.Blank(10_000 * MIB), Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
        backend(true).create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        assertThatThrownBy(() -> backend(false).grow(GUEST, "disk", 10_000 * MIB, Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
        // LVM's own answer, when somebody else took the space between our question and our command.
        assertThatThrownBy(() -> {
                    try {
                        Lab.EXECUTOR.run(
                                new LvmCommands(Duration.ofMinutes(1)).createVolume(Lab.GROUP, "x", 10_000 * MIB));
                    } catch (org.novabridge.driver.exec.CommandFailedException e) {
                        throw LvmFailures.of(e, "cannot create x", Lab.GROUP);
                    }
                })
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
        assertThat(Lab.report().volumes(Lab.GROUP))
                .singleElement()
                .satisfies(v -> assertThat(v.tags()).containsExactly("nova-bridge"));
    }

    @Test
    void releaseTakesOurTagsOffAndLeavesGuestsAlone() {
        backend(false).create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        VolumeGroups groups = VolumeGroups.of(Lab.config(DISK).build(), Lab.EXECUTOR);
        assertThat(groups.planRelease())
                .containsExactly(
                        "lvchange --yes --deltag nova-bridge nova/" + GUEST + "_disk",
                        "vgchange --deltag nova-bridge nova");
        try {
            groups.release(Progress.NONE);
            assertThat(Lab.report().group(Lab.GROUP).orElseThrow().tags()).isEmpty();
            assertThat(Lab.report().volumes(Lab.GROUP))
                    .allSatisfy(volume -> assertThat(volume.tags()).isEmpty());
            assertThat(backend(false).list(GUEST)).containsExactly("disk");
        } finally {
            Lab.sh("vgchange", "--addtag", "nova-bridge", Lab.GROUP);
        }
    }
}
