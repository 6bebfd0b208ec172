package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeCensus.Role;
import org.novabridge.driver.storage.lvm.VolumeCensus.Volume;

class VolumeCensusTest {
    private static final String DISK = Recorded.UUID + "_disk";
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final String BASE = "nb-base-" + DIGEST;
    private static final String OPERATION = "6f70656e-7374-4163-8b00-6272696467e5";
    private static final long MIB = Recorded.MIB;

    @TempDir
    Path state;

    private final RememberedGroup group = new RememberedGroup(1L << 33);

    private VolumeCensus census() {
        return new VolumeCensus(
                group.executor,
                Recorded.settings(),
                new BaseAging(group.executor, Recorded.settings(), new BaseTimes(state), true, Duration.ofDays(1)));
    }

    private Map<String, Volume> take(Path... images) {
        return census().take(Set.of(images)).stream().collect(Collectors.toMap(Volume::name, Function.identity()));
    }

    private Volume one(String name, Path... images) {
        return Objects.requireNonNull(take(images).get(name), name);
    }

    @ParameterizedTest
    @CsvSource({
        "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11_disk, DISK, 3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11, disk, false",
        "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11_disk.eph0, DISK, 3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11, disk.eph0, false",
        "nb-keep-3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11_disk, KEPT, 3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11, disk, true",
        "nb-copy-3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11_disk, KEPT, 3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11, disk, true",
        "nb-snap-6f70656e-7374-4163-8b00-6272696467e5, SNAPSHOT, 6f70656e-7374-4163-8b00-6272696467e5, '', true",
        "nb-wipe-0123-3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11_disk, WIPE, '', '', true",
        "nb-base-0123456789abcdef0123456789abcdef01234567, BASE, '', '', true",
        "nb-fill-0123456789abcdef0123456789abcdef01234567, BASE, '', '', true",
        "volume-3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11, OTHER, '', '', false",
        "3F0D9F2E-8a4b-4c57-9f0c-5b1f6a2d7e11_disk, OTHER, '', '', false",
        "root, OTHER, '', '', false",
    })
    void aVolumeIsWhatItsNameSays(String name, Role role, String subject, String disk, boolean ours) {
        group.thick(name, 8 * MIB, "data").attributes = "-wi-------";
        assertThat(one(name)).isEqualTo(new Volume(name, role, subject, disk, ours, 8 * MIB, false));
    }

    @ParameterizedTest
    @CsvSource({
        "nova-bridge, true",
        "nb-crypt=plain:512:aes-xts-plain64, true",
        "nb-clean-to=4194304, true",
        "cinder, false",
    })
    void aDiskIsOursByItsTags(String tag, boolean ours) {
        group.thick(DISK, 8 * MIB, "data").tags.add(tag);
        assertThat(one(DISK).ours()).isEqualTo(ours);
    }

    /** So that whoever finds it without its instance knows that we may remove it. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aDiskThatWeMakeIsOursFromItsFirstMomentOn(boolean thin) {
        group.dieAt(2);
        VolumeBackend backend = group.backend(thin, state);
        assertThatThrownBy(() -> backend.create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE))
                .isInstanceOf(RememberedGroup.Dead.class);
        group.live();
        assertThat(one(DISK).ours()).isTrue();
    }

    @Test
    void whoIsOpenOrNeededIsInUse() {
        group.thick(DISK, 8 * MIB, "data").attributes = "-wi-ao----";
        group.thin(BASE, 8 * MIB, "image").attributes = "Vri---tz-k";
        assertThat(one(DISK).inUse()).isTrue();
        assertThat(one(BASE).inUse()).isFalse();
        assertThat(one(BASE, Path.of("/n/_base", DIGEST)).inUse()).isTrue();
    }

    @Test
    void aWipeIsInUseWhileSomebodyIsAtIt() {
        group.thick("nb-wipe-1", 8 * MIB, "dirt");
        try (WipeClaim claim = WipeClaim.take("nova", "nb-wipe-1").orElseThrow()) {
            assertThat(claim).isNotNull();
            assertThat(one("nb-wipe-1").inUse()).isTrue();
        }
        assertThat(one("nb-wipe-1").inUse()).isFalse();
    }

    @Test
    void aDiskIsWipedBeforeItGoes() {
        group.thick(DISK, 8 * MIB, "dirt").tags.add("nova-bridge");
        group.thick("nb-keep-" + DISK, 8 * MIB, "dirt");
        take().values().forEach(volume -> census().remove(volume, Progress.NONE));
        assertThat(group.volumes).isEmpty();
        assertThat(Recorded.changes(group.executor))
                .filteredOn(line -> line.startsWith("blkdiscard --zeroout"))
                .hasSize(2);
    }

    @Test
    void aBaseGoesHoweverYoungItIs() {
        group.thin(BASE, 8 * MIB, "image").attributes = "Vri---tz-k";
        census().remove(one(BASE), Progress.NONE);
        assertThat(group.volumes).isEmpty();
    }

    @Test
    void aBaseThatSomebodyIsCloningStays() {
        group.thin(BASE, 8 * MIB, "image").attributes = "Vri---tz-k";
        Volume base = one(BASE);
        try (BaseClaim claim = BaseClaim.need("nova", BASE, Progress.NONE)) {
            assertThat(claim).isNotNull();
            assertThatThrownBy(() -> onAnotherThread(() -> census().remove(base, Progress.NONE)))
                    .hasRootCauseInstanceOf(BridgeException.class)
                    .rootCause()
                    .hasMessageContaining("somebody needs base");
        }
        assertThat(group.volumes).containsKey(BASE);
    }

    /** A claim is a thread's. */
    private static void onAnotherThread(Runnable work) {
        CompletableFuture.runAsync(work).join();
    }

    @Test
    void aPictureOfADiskAndAWipeThatWaitsGo() {
        group.thin("nb-snap-" + OPERATION, 8 * MIB, "data");
        group.thick("nb-wipe-1", 8 * MIB, "dirt");
        take().values().forEach(volume -> census().remove(volume, Progress.NONE));
        assertThat(group.volumes).isEmpty();
    }

    @Test
    void aGroupThatIsNotThereIsNotAnEmptyOne() {
        RecordingExecutor nothing =
                new RecordingExecutor().printing("vgs", Recorded.noGroup()).printing("lvs", Recorded.volumes());
        VolumeCensus census = VolumeCensus.of(
                        ConfigSnapshot.builder()
                                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                                .set(BridgeOptions.STATE_PATH, state.toString())
                                .build(),
                        nothing)
                .orElseThrow();
        assertThatThrownBy(() -> census.take(Set.of()))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE));
    }
}
