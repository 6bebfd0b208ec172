package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskSnapshots.Choice;
import org.novabridge.driver.storage.DiskSnapshots.Taking;
import org.novabridge.driver.storage.KeptDisks.Demand;
import org.novabridge.driver.storage.KeptDisks.Way;
import org.novabridge.driver.storage.Progress;

/** A pool of 4 GiB with two disks of 8 MiB that has 12 MiB left to promise: a picture of either, and half of another. */
class PromisedPictureTest {
    private static final String OTHER = "4a1e0a3f-9b5c-4d68-8a1d-6c2a7b3e8f22";
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000010";
    private static final long MIB = Recorded.MIB;
    private static final int ROUNDS = 200;

    @TempDir
    Path state;

    private final RememberedGroup group = new RememberedGroup(1L << 33);
    private @Nullable VolumeBackend backend;
    private int made;

    @BeforeEach
    void pool() {
        group.thin(Recorded.UUID + "_disk", 8 * MIB, "old");
        group.thin(OTHER + "_disk", 8 * MIB, "old");
        group.thin("rest", (4L << 30) - 28 * MIB, "");
        backend = group.backend(true, state);
    }

    @AfterEach
    void nothingIsClaimedThatNobodyWants() {
        assertThat(PictureClaim.of("nova", "nova-pool")).isZero();
    }

    private VolumeBackend backend() {
        return Objects.requireNonNull(backend);
    }

    /** Whether it is promised, and why. */
    private Choice choice(String uuid) {
        return backend().snapshots().orElseThrow().choose(uuid, "disk", Function.identity());
    }

    private void promised(String uuid, Consumer<Taking> use) {
        String reason = backend().snapshots().orElseThrow().choose(uuid, "disk", choice -> {
            use.accept(Objects.requireNonNull(choice.taking(), choice.reason()));
            return choice.reason();
        });
        assertThat(reason).contains("thin volume");
    }

    private void create(long mib) {
        backend().create(Recorded.UUID, "disk.eph" + made++, new DiskContent.Blank(mib * MIB), Progress.NONE);
    }

    private void full(Runnable call) {
        List<String> before = List.copyOf(group.volumes.keySet());
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
        assertThat(group.volumes.keySet()).containsExactlyElementsOf(before);
    }

    @Test
    void whatAPictureWasPromisedNobodyElseIsUntilNobodyWantsIt() {
        promised(Recorded.UUID, first -> {
            assertThat(choice(OTHER).taking()).isNull();
            assertThat(choice(OTHER).reason()).contains("has promised 4290772992 bytes, and 8388608 more");
            full(() -> create(8));
            full(() -> backend().grow(OTHER, "disk", 16 * MIB, Progress.NONE));
            full(() ->
                    backend().kept().orElseThrow().demandRoom(OTHER, List.of(new Demand("disk", Way.BESIDE, 8 * MIB))));
        });
        create(8);
        assertThat(choice(OTHER).taking()).isNull();
    }

    @Test
    void oneThatIsTakenCountsOnceAndAsksLvmNothingWhileItsGuestStandsStill() {
        promised(Recorded.UUID, first -> {
            group.executor.clear();
            first.take(ID);
            assertThat(group.executor.lines()).singleElement().asString().startsWith("lvcreate --yes --snapshot");
            full(() -> create(8));
            create(4);
        });
        full(() -> create(4));
    }

    @Test
    void whoeverKeepsTheChoiceTakesNoPictureWithIt() {
        Taking kept = Objects.requireNonNull(choice(Recorded.UUID).taking());
        create(8);
        group.executor.clear();
        assertThatThrownBy(() -> kept.take(ID)).isInstanceOf(IllegalStateException.class);
        assertThat(group.executor.lines()).isEmpty();
    }

    @Test
    void oneThatCannotBeTakenLeavesItsRoomToOthers() {
        promised(Recorded.UUID, first -> {
            group.refuse(1, "told to fail");
            assertThatThrownBy(() -> first.take(ID)).isInstanceOf(BridgeException.class);
            create(8);
        });
    }

    /** Both look at the pool before either has its picture. */
    @Test
    void ofTwoThatAskAtOnceOneIsPromisedIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                CyclicBarrier both = new CyclicBarrier(2);
                List<CompletableFuture<Boolean>> asked = Stream.of(Recorded.UUID, OTHER)
                        .map(uuid -> CompletableFuture.supplyAsync(() -> together(both, uuid), threads))
                        .toList();
                assertThat(asked.stream().map(CompletableFuture::join))
                        .as("round %d", round)
                        .containsExactlyInAnyOrder(true, false);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Whether it is promised; whoever it is keeps it until both have been answered. */
    private boolean together(CyclicBarrier both, String uuid) {
        await(both);
        return backend().snapshots().orElseThrow().choose(uuid, "disk", choice -> {
            await(both);
            return choice.taking() != null;
        });
    }

    private static void await(CyclicBarrier both) {
        try {
            both.await(1, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
