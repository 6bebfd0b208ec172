package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/** Which bases are removed, when, and with which commands. */
class BaseAgingTest {
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final Path CACHED = Path.of("/n/_base/" + DIGEST);
    private static final String BASE = "nb-base-" + DIGEST;
    private static final String FILL = "nb-fill-" + DIGEST;
    private static final String REMOVE = "lvremove --config devices/issue_discards=0 nova/";
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(3600);
    private static final String ORIGINS = "lvs --reportformat json --units b --nosuffix --options lv_name,origin --all";

    @TempDir
    Path state;

    private final RecordingExecutor executor = new RecordingExecutor();

    private BaseAging aging(boolean removing) {
        return new BaseAging(executor, Recorded.settings(), new BaseTimes(state), removing, Duration.ofSeconds(3600));
    }

    private BaseAging aging() {
        return aging(true);
    }

    private static final String SIZED = BASE + "-314572800";

    private static String origin(String... origins) {
        StringBuilder rows = new StringBuilder();
        for (String origin : origins) {
            rows.append(rows.isEmpty() ? "" : ",").append("{\"lv_name\":\"x\", \"origin\":\"%s\"}".formatted(origin));
        }
        return "{\"report\": [ {\"lv\": [" + rows + "]} ]}";
    }

    private void group(String origins, String... volumes) {
        executor.printing(ORIGINS, origins).printing("lvs", Recorded.volumes(volumes));
    }

    private void baseAlone() {
        group(origin(), BASE, "12582912", "nb-allocated=1", "Vri---tz-k");
    }

    @Test
    void aBaseThatNobodyNeededForLongGoesAndItsTimeWithIt() throws IOException {
        baseAlone();
        new BaseTimes(state).needed(BASE, NOW);
        assertThat(aging().unused(Set.of(), LATER.minusSeconds(1))).isEmpty();
        assertThat(aging().unused(Set.of(), LATER)).containsExactly(BASE);
        assertThat(aging().remove(BASE, LATER)).isTrue();
        // No --yes: whatever LVM would ask about is a reason to keep it.
        assertThat(Recorded.changes(executor)).containsExactly(REMOVE + BASE);
        assertThat(new BaseTimes(state).last(BASE)).isEmpty();
    }

    @Test
    void theAgeOfABaseThatNothingIsKnownOfBeginsNow() {
        baseAlone();
        assertThat(aging().unused(Set.of(), NOW)).isEmpty();
        assertThat(aging().unused(Set.of(), LATER)).containsExactly(BASE);
    }

    @Test
    void theTimeOfABaseThatWasRemovedByHandIsForgotten() throws IOException {
        new BaseTimes(state).needed(BASE, NOW);
        new BaseTimes(state).needed("nb-base-gone", NOW);
        baseAlone();
        assertThat(aging().unused(Set.of(), NOW)).isEmpty();
        assertThat(new BaseTimes(state).last("nb-base-gone")).isEmpty();
        assertThat(new BaseTimes(state).last(BASE)).contains(NOW);
    }

    @Test
    void anInstanceWithTheImageKeepsItsBaseYoung() {
        baseAlone();
        new BaseTimes(state).needed(BASE, NOW);
        assertThat(aging().unused(Set.of(CACHED), LATER)).isEmpty();
        assertThat(aging().unused(Set.of(), LATER.plusSeconds(3599))).isEmpty();
        assertThat(aging().unused(Set.of(), LATER.plusSeconds(3600))).containsExactly(BASE);
    }

    @Test
    void theOriginOfAnyVolumeStaysAlsoWhenItBecameOneMeanwhile() {
        new BaseTimes(state).needed(BASE, NOW);
        group(origin("somebody-elses", BASE), BASE, "12582912", "", "Vri---tz-k");
        assertThat(aging().remove(BASE, LATER)).isFalse();
        assertThat(aging().unused(Set.of(), LATER)).isEmpty();
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    /** One that was grown for disks of a flavor ages as the image's own does, and does not keep that. */
    @Test
    void whatWasGrownOfABaseGoesTogetherWithIt() {
        BaseTimes times = new BaseTimes(state);
        times.needed(BASE, NOW);
        times.needed(SIZED, NOW);
        String rows = origin(BASE).replace("\"x\"", "\"" + SIZED + "\"");
        group(rows, BASE, "12582912", "", "Vri---tz-k", SIZED, "314572800", "nb-allocated=0", "Vri---tz-k");
        assertThat(aging().unused(Set.of(CACHED), NOW)).isEmpty();
        assertThat(aging().unused(Set.of(), LATER)).containsExactlyInAnyOrder(BASE, SIZED);
        try (BaseClaim cloning = BaseClaim.need("nova", BASE, Progress.NONE)) {
            assertThat(CompletableFuture.supplyAsync(() -> aging().remove(SIZED, LATER))
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join())
                    .as("while a disk of the image is made")
                    .isFalse();
        }
        assertThat(aging().remove(BASE, LATER)).isTrue();
        assertThat(aging().remove(SIZED, LATER)).isTrue();
        assertThat(Recorded.changes(executor)).containsExactly(REMOVE + BASE, REMOVE + SIZED);
    }

    @Test
    void theGrownBaseOfAGuestStays() {
        new BaseTimes(state).needed(SIZED, NOW);
        group(origin(SIZED), SIZED, "314572800", "nb-allocated=0", "Vri---tz-k");
        assertThat(aging().remove(SIZED, LATER)).isFalse();
        assertThat(aging().unused(Set.of(), LATER)).isEmpty();
    }

    @Test
    void anActiveBaseStaysSinceSomebodyLooksAtIt() {
        new BaseTimes(state).needed(BASE, NOW);
        group(origin(), BASE, "12582912", "", "Vri-a-tz-k");
        assertThat(aging().remove(BASE, LATER)).isFalse();
        assertThat(aging().unused(Set.of(), LATER)).isEmpty();
    }

    @Test
    void withRemoveUnusedBaseImagesOffOnlyHalfFilledOnesGo() {
        new BaseTimes(state).needed(BASE, NOW);
        group(origin(), BASE, "12582912", "", "Vri---tz-k", FILL, "12582912", "", "Vwi-a-tz--");
        assertThat(aging(false).unused(Set.of(), LATER)).containsExactly(FILL);
    }

    @Test
    void aHalfFilledBaseGoesAtOnceUnlessSomebodyFillsIt() {
        group(origin(), FILL, "12582912", "", "Vwi-a-tz--");
        assertThat(aging().unused(Set.of(CACHED), NOW)).containsExactly(FILL);
        CompletableFuture.runAsync(() -> {
                    try (BaseClaim filler = BaseClaim.need("nova", BASE, Progress.NONE)) {
                        assertThat(CompletableFuture.supplyAsync(() -> aging().remove(FILL, NOW))
                                        .orTimeout(20, TimeUnit.SECONDS)
                                        .join())
                                .isFalse();
                    }
                })
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        assertThat(Recorded.changes(executor)).isEmpty();
        assertThat(aging().remove(FILL, NOW)).isTrue();
        assertThat(Recorded.changes(executor)).containsExactly("lvremove --yes --force nova/" + FILL);
    }

    @Test
    void aBaseThatSomebodyIsCloningStays() {
        baseAlone();
        new BaseTimes(state).needed(BASE, NOW);
        try (BaseClaim cloning = BaseClaim.need("nova", BASE, Progress.NONE)) {
            assertThat(CompletableFuture.supplyAsync(() -> aging().remove(BASE, LATER))
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join())
                    .isFalse();
        }
        assertThat(aging().remove(BASE, LATER)).isTrue();
    }

    @Test
    void whatIsGoneAlreadyIsSuccess() {
        executor.printing("lvs", Recorded.volumes());
        assertThat(aging().remove(BASE, LATER)).isTrue();
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aRefusalOfLvmKeepsTheBaseAndItsTime() throws IOException {
        baseAlone();
        executor.failing("lvremove", 5, "  Logical volume nova/x in use.");
        new BaseTimes(state).needed(BASE, NOW);
        assertThatThrownBy(() -> aging().remove(BASE, LATER)).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
            assertThat(e.remedy()).contains("lvremove nova/" + BASE);
        });
        assertThat(new BaseTimes(state).last(BASE)).isEqualTo(Optional.of(NOW));
    }

    @Test
    void aTimeThatCannotBeWrittenKeepsTheBase() throws IOException {
        baseAlone();
        Path file = Files.createFile(state.resolve("no-folder"));
        BaseAging blind = new BaseAging(
                executor, Recorded.settings(), new BaseTimes(file.resolve("x")), true, Duration.ofSeconds(3600));
        assertThat(blind.unused(Set.of(), NOW)).isEmpty();
        assertThat(blind.unused(Set.of(), LATER)).isEmpty();
    }

    @Test
    void theOptionsAreThoseOfTheImageCache() {
        assertThat(BaseAging.of(ConfigSnapshot.builder().build(), executor)).isEmpty();
        baseAlone();
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .set(BridgeOptions.STATE_PATH, state.toString())
                .set(ImageCacheOptions.REMOVE_UNUSED_ORIGINAL_MINIMUM_AGE_SECONDS, 10)
                .build();
        BaseAging aging = BaseAging.of(config, executor).orElseThrow();
        assertThat(aging.unused(Set.of(), NOW)).isEmpty();
        assertThat(state.resolve("bases/nova/" + BASE)).exists();
        assertThat(aging.unused(Set.of(), NOW.plusSeconds(10))).containsExactly(BASE);
    }
}
