package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.Progress;

/** The command lines of thin disks, in order, and what happens when one of them fails. */
class ThinBackendTest {
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final String BASE = "nb-base-" + DIGEST;
    private static final String FILL = "nb-fill-" + DIGEST;
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final long MIB = Recorded.MIB;
    private static final CachedImage IMAGE =
            new CachedImage("i", Path.of("/n/_base/" + DIGEST), "qcow2", 10 * MIB + 512);

    @TempDir
    Path state;

    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> filled = new ArrayList<>();

    private ThinBackend backend() {
        return new ThinBackend(
                executor,
                Recorded.settings(),
                ThinPoolSettings.of(ConfigSnapshot.builder().build(), "nova"),
                (content, device, before, progress) ->
                        filled.add(content.getClass().getSimpleName() + " on " + device
                                + " that holds " + before + " after "
                                + Recorded.changes(executor).size() + " commands"),
                new BaseTimes(state));
    }

    private void code(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theFirstGuestOfAnImageFillsItsBase() {
        executor.on("lvs", command -> {
            boolean named = executor.lines().stream().anyMatch(line -> line.startsWith("lvrename"));
            String base = named ? Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k") : "";
            return RecordingExecutor.result(command, 0, Recorded.pool(base), "");
        });
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE);
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        "lvcreate --yes --type thin --virtualsize 12582912b --thinpool nova-pool --name " + FILL
                                + " nova",
                        "lvchange --yes --permission r --setactivationskip y --addtag nb-allocated=10486272 nova/"
                                + FILL,
                        "lvchange --yes --activate n nova/" + FILL,
                        "lvrename --yes nova " + FILL + " " + BASE,
                        "lvcreate --yes --snapshot --permission rw --setactivationskip n --activate n --name " + VOLUME
                                + " nova/" + BASE + " --addtag nova-bridge",
                        "lvextend --yes --size 314572800b nova/" + VOLUME,
                        "lvchange --yes --activate y nova/" + VOLUME);
        assertThat(filled).containsExactly("FromImage on /dev/nova/" + FILL + " that holds ZERO after 1 commands");
        assertThat(executor.commands().stream()
                        .filter(c -> c.program().startsWith("lv"))
                        .filter(c -> !c.program().equals("lvs")))
                .allMatch(c -> c.effect() == Effect.MUST_FINISH);
    }

    /** LVM says that the base is named, and nobody ever sees it: somebody removes it. */
    @Test
    void aBaseThatVanishesEachTimeIsNotMadeForEver() {
        executor.printing("lvs", Recorded.pool(""));
        assertThatThrownBy(() ->
                        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE))
                .hasMessageContaining("taken away by somebody else");
        assertThat(filled).hasSize(3);
    }

    /** What a guest costs once its image is there: one question, and three commands, of which only the last activates. */
    @Test
    void everyFurtherGuestIsASnapshot() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")));
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE);
        assertThat(executor.lines().stream().map(line -> line.replaceAll(" .*", "")))
                .containsExactly("lvs", "lvcreate", "lvextend", "lvchange");
        assertThat(filled).isEmpty();
    }

    /** The note that keeps a base from growing old is a file, no command. */
    @Test
    void aGuestNotesThatItsBaseIsNeeded() throws IOException {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")));
        Instant before = Instant.now().minusSeconds(1);
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE);
        assertThat(new BaseTimes(state).last(BASE))
                .hasValueSatisfying(last -> assertThat(last).isAfter(before));
    }

    @Test
    void anImageAsLargeAsTheFlavorNeedsNoGrowth() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")));
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE);
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 12 * MIB), Progress.NONE);
        assertThat(Recorded.changes(executor))
                .hasSize(2)
                .allMatch(line -> line.startsWith("lvcreate --yes --snapshot") && line.contains("--activate y"));
    }

    @Test
    void aFailedFillLeavesNoHalfBase() {
        executor.printing("lvs", Recorded.pool("")).failing("lvrename", 5, "  Failed");
        code(
                ErrorCode.STORAGE_FAILED,
                () -> backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE));
        assertThat(Recorded.changes(executor)).last().isEqualTo("lvremove --yes --force nova/" + FILL);
    }

    /** The ratio allows more than the pool has; an image that would fill it for certain stops all guests in it. */
    @Test
    void aBaseThatTheFreePartOfThePoolDoesNotTakeIsRefusedBeforeItIsMade() throws IOException {
        Path file = Files.write(state.resolve(DIGEST), new byte[(int) MIB]);
        CachedImage image = new CachedImage("i", file, "raw", 8 * MIB);
        DiskContent content = new DiskContent.FromImage(image, null);
        // Of 4 GiB 0.01 % are free, and 4 MiB of the group for growth, if anybody grows it.
        String full = Recorded.pool("").replace("12.50", "99.99");
        executor.printing("lvs", full.replace("\"monitored\"", "\"not monitored\""));
        assertThatThrownBy(() -> backend().create(Recorded.UUID, "disk", content, Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
                    assertThat(e)
                            .hasMessageContaining("nova/nova-pool")
                            .hasMessageContaining("the base of image i takes at least " + MIB);
                    assertThat(e.remedy()).contains("lvextend --size +SIZE nova/nova-pool");
                });
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void whatDmeventdCanGrowThePoolByCounts() throws IOException {
        Path file = Files.write(state.resolve(DIGEST), new byte[(int) MIB]);
        executor.printing("lvs", Recorded.pool("").replace("12.50", "99.99"));
        DiskContent content = new DiskContent.FromImage(new CachedImage("i", file, "raw", 8 * MIB), null);
        assertThatThrownBy(() -> backend().create(Recorded.UUID, "disk", content, Progress.NONE))
                .hasMessageContaining("taken away by somebody else");
        assertThat(filled).isNotEmpty();
    }

    @Test
    void aFailedGrowthTakesTheCloneAway() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")))
                .failing("lvextend", 5, "  Failed");
        code(
                ErrorCode.STORAGE_FAILED,
                () -> backend()
                        .create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 64 * MIB), Progress.NONE));
        assertThat(Recorded.changes(executor)).last().isEqualTo("lvremove --yes --force nova/" + VOLUME);
    }

    @Test
    void aBaseOfAnotherSizeIsNotUsed() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 8 * MIB, "Vri---tz-k")));
        assertThatThrownBy(() ->
                        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE))
                .hasMessageContaining("not the size of image i");
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aGroupWithoutThePoolSaysHowToMakeOne() {
        executor.printing("vgs", Recorded.group(1L << 33, "", 0)).printing("lvs", Recorded.volumes());
        assertThatThrownBy(() -> backend().create(Recorded.UUID, "disk", new DiskContent.Blank(1), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE);
                    assertThat(e).hasMessageContaining("nova-pool");
                    assertThat(e.remedy()).contains("vg init").contains("images_lvm_pool");
                });
    }

    @Test
    void aThinDiskIsRemovedWithoutAWipe() {
        executor.printing("lvs", Recorded.thin(VOLUME, 12 * MIB));
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor)).containsExactly("lvremove --yes --force nova/" + VOLUME);
    }

    @Test
    void eachBackendListsItsOwnKind() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(VOLUME, 12 * MIB, "Vwi-a-tz--")));
        assertThat(backend().list(Recorded.UUID)).containsExactly("disk");
        assertThat(new LvmBackend(executor, Recorded.settings(), (content, device, before, progress) -> {})
                        .list(Recorded.UUID))
                .isEmpty();
    }
}
