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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    private static final String SIZED = BASE + "-314572800";
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final long MIB = Recorded.MIB;
    private static final CachedImage IMAGE =
            new CachedImage("i", Path.of("/n/_base/" + DIGEST), "qcow2", 10 * MIB + 512);

    @TempDir
    Path state;

    private static final String NO_TAGS = "\"lv_tags\":\"\"";
    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> filled = new ArrayList<>();

    private ThinBackend backend() {
        return new ThinBackend(
                executor,
                Recorded.settings(),
                ThinPoolSettings.of(ConfigSnapshot.builder().build(), "nova"),
                Recorded.contents((content, device, before, progress) ->
                        filled.add(content.getClass().getSimpleName() + " on " + device
                                + " that holds " + before + " after "
                                + Recorded.changes(executor).size() + " commands")),
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
            long named = executor.lines().stream()
                    .filter(line -> line.startsWith("lvrename"))
                    .count();
            String base = Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")
                    .replace(NO_TAGS, "\"lv_tags\":\"nb-allocated=1,nb-sha256=" + Recorded.CHECKSUM + "\"");
            String rows = (named > 0 ? base : "") + (named > 1 ? Recorded.thinRow(SIZED, 300 * MIB, "Vri---tz-k") : "");
            return RecordingExecutor.result(command, 0, Recorded.pool(rows), "");
        });
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE);
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        "lvcreate --yes --type thin --virtualsize 12582912b --thinpool nova-pool --name " + FILL
                                + " nova",
                        "lvchange --yes --permission r --setactivationskip y nova/" + FILL
                                + " --addtag nb-allocated=10486272 --addtag nb-sha256=" + Recorded.CHECKSUM,
                        "lvchange --yes --activate n nova/" + FILL,
                        "lvrename --yes nova " + FILL + " " + BASE,
                        "lvcreate --yes --snapshot --permission r --setactivationskip y --name " + FILL
                                + "-314572800 nova/" + BASE + " --addtag nb-allocated=0 --addtag nb-sha256="
                                + Recorded.CHECKSUM,
                        "lvextend --yes --size 314572800b nova/" + FILL + "-314572800",
                        "lvrename --yes nova " + FILL + "-314572800 " + SIZED,
                        "lvcreate --yes --snapshot --permission rw --setactivationskip n --activate y --name " + VOLUME
                                + " nova/" + SIZED + " --addtag nova-bridge");
        assertThat(filled).containsExactly("FromImage on /dev/nova/" + FILL + " that holds ZERO after 1 commands");
        assertThat(executor.commands().stream()
                        .filter(c -> c.program().startsWith("lv"))
                        .filter(c -> !c.program().equals("lvs")))
                .allMatch(c -> c.effect() == Effect.MUST_FINISH);
    }

    /** An operator who reads the log has to find the volume, and the image. */
    @ParameterizedTest
    @CsvSource({
        "lvcreate --yes --type thin, cannot create",
        "lvchange --yes --permission r, cannot make read-only",
        "lvchange --yes --activate n, cannot deactivate",
        "lvrename, cannot rename",
    })
    void aBaseThatCannotBeMadeIsNamedWithItsImageAndARemedy(String command, String said) {
        executor.printing("lvs", Recorded.pool("")).failing(command, 5, "  No.");
        assertThatThrownBy(() ->
                        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e).hasMessageContaining(said + " nova/" + FILL + ", the base of image i: No.");
                    assertThat(e.remedy()).contains("nova-bridge vg check", "lvs --all nova");
                });
    }

    @ParameterizedTest
    @CsvSource({"lvcreate --yes --snapshot, cannot clone nova/nb-base-", "lvextend, cannot grow nova/nb-fill-"})
    void soIsOneOfAnotherSize(String command, String said) {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")))
                .failing(command, 5, "  No.");
        assertThatThrownBy(() -> backend()
                        .create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE))
                .hasMessageContaining(said)
                .hasMessageContaining(", the base of image i: No.");
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

    /** What a guest costs once there was one of its image and size: one question, and one command. */
    @Test
    void everyFurtherGuestIsASnapshot() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(SIZED, 300 * MIB, "Vri---tz-k")));
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE);
        assertThat(executor.lines().stream().map(line -> line.replaceAll(" .*", "")))
                .containsExactly("lvs", "lvcreate");
        assertThat(filled).isEmpty();
    }

    /** 299 MiB and a byte are as many extents: the sizes of flavors that LVM rounds to one share a base. */
    @Test
    void sizesThatLvmRoundsToOneShareABase() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(SIZED, 300 * MIB, "Vri---tz-k")));
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 299 * MIB + 1), Progress.NONE);
        assertThat(Recorded.changes(executor)).hasSize(1).first().asString().contains(" nova/" + SIZED + " ");
    }

    @Test
    void aBaseOfAnotherSizeThanItsNameSaysIsNotUsed() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(SIZED, 296 * MIB, "Vri---tz-k")));
        assertThatThrownBy(() -> backend()
                        .create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE))
                .hasMessageContaining("not the 314572800 that it was made with of image i");
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    /** It shares all that it has with the image's base. */
    @Test
    void aGrownBasePromisesNothingToThePool() {
        String row =
                Recorded.thinRow(SIZED, 300 * MIB, "Vri---tz-k").replace(NO_TAGS, "\"lv_tags\":\"nb-allocated=0\"");
        executor.printing("lvs", Recorded.pool(row));
        assertThat(new LvmReport(executor, java.time.Duration.ofMinutes(1))
                        .pool("nova", "nova-pool")
                        .orElseThrow()
                        .promised())
                .isZero();
    }

    /** A picture of which LVM knows more than its tag, and one that has no tag: an older bridge has taken it. */
    @ParameterizedTest
    @CsvSource({
        "nb-fill-x, Vwi-aotz--, '', 1.00, 300",
        "nb-fill-x, Vri-aotz--, nb-allocated=3145728, 1.00, 3",
        "nb-base-x, Vri---tz-k, nb-allocated=3145728, '', 3",
        "nb-base-x, Vri---tz--, '', 1.00, 3",
        "nb-snap-x, Vri---tz-k, nb-allocated=3145728, '', 3",
        "nb-snap-x, Vri-aotz-k, nb-allocated=3145728, 2.00, 6",
        "nb-snap-x, Vri---tz-k, '', '', 300",
        "nb-keep-x, Vri---tz-k, nova-bridge, '', 300",
    })
    void aPoolPromisesWhatEachVolumeMayComeToTake(
            String name, String attributes, String tags, String percent, long mebibytes) {
        String row = Recorded.thinRow(name, 300 * MIB, attributes)
                .replace(NO_TAGS, "\"lv_tags\":\"" + tags + "\"")
                .replace("100.00", percent);
        executor.printing("lvs", Recorded.pool(row));
        assertThat(new LvmReport(executor, java.time.Duration.ofMinutes(1))
                        .pool("nova", "nova-pool")
                        .orElseThrow()
                        .promised())
                .isEqualTo(mebibytes * MIB);
    }

    /** The recorded pool has 4 GiB. The disk alone would fit, and so it does beside a base that is there. */
    @Test
    void theFirstGuestOfAnImageIsRefusedBeforeItsBaseIsWritten() throws IOException {
        Path file = Files.write(state.resolve(DIGEST), new byte[(int) (8 * MIB)]);
        long size = (4L << 30) - 4 * MIB;
        DiskContent content = new DiskContent.FromImage(new CachedImage("i", file, "raw", 8 * MIB), size);
        List<String> rows = new ArrayList<>(List.of(""));
        executor.on("lvs", command -> RecordingExecutor.result(command, 0, Recorded.pool(rows.get(0)), ""));
        code(ErrorCode.STORAGE_FULL, () -> backend().create(Recorded.UUID, "disk", content, Progress.NONE));
        assertThat(Recorded.changes(executor)).isEmpty();
        assertThat(filled).isEmpty();

        String tag = "\"lv_tags\":\"nb-allocated=4194304\"";
        String there = Recorded.thinRow(BASE, 8 * MIB, "Vri---tz-k").replace(NO_TAGS, tag)
                + Recorded.thinRow(BASE + "-" + size, size, "Vri---tz-k")
                        .replace(NO_TAGS, "\"lv_tags\":\"nb-allocated=0\"");
        rows.set(0, there);
        backend().create(Recorded.UUID, "disk", content, Progress.NONE);
        assertThat(Recorded.changes(executor)).hasSize(1);
    }

    /**
     * A pool of 4 GiB whose disks are promised all of it: what is deleted makes room for another as large, and not for a base
     * beside that. What others have does not count, nor does a base that is there.
     */
    @ParameterizedTest
    @CsvSource({
        // own MiB, another's MiB, percent of data and metadata, health, whether the base is there, why it is refused
        "4088, 0, 50.00, 10.40, '', false, ''",
        "4092, 0, 50.00, 10.40, '', false, STORAGE_FULL",
        "4092, 0, 50.00, 10.40, '', true, ''",
        "64, 4024, 50.00, 10.40, '', false, ''",
        "64, 4032, 50.00, 10.40, '', false, STORAGE_FULL",
        // Full: what is deleted may be shared with a base that stays.
        "64, 64, 100.00, 10.40, '', false, STORAGE_FULL",
        "64, 64, 100.00, 10.40, '', true, ''",
        // A pool that would take nothing any more, though the base is there.
        "64, 64, 50.00, 95.00, '', true, STORAGE_FULL",
        "64, 64, 50.00, 10.40, failed, true, VOLUME_GROUP_UNUSABLE",
    })
    void aRebuildIsRefusedWhereThePoolWouldNotTakeIt(
            long own, long others, String data, String metadata, String health, boolean there, String refused)
            throws IOException {
        Path file = Files.write(state.resolve(DIGEST), new byte[(int) (8 * MIB)]);
        CachedImage image = new CachedImage("i", file, "raw", 8 * MIB);
        String base = Recorded.thinRow(BASE, 8 * MIB, "Vri---tz-k").replace(NO_TAGS, "\"lv_tags\":\"nb-allocated=1\"");
        String rows = Recorded.thinRow(VOLUME, own * MIB, "Vwi-aotz--")
                + (others == 0 ? "" : Recorded.thinRow("other", others * MIB, "Vwi-aotz--"))
                + (there ? base : "");
        executor.printing(
                "lvs",
                Recorded.pool(rows)
                        .replace("12.50", data)
                        .replace("10.40", metadata)
                        .replace("\"lv_health_status\":\"\"", "\"lv_health_status\":\"" + health + "\"")
                        .replace("\"monitored\"", "\"not monitored\""));
        if (refused.isEmpty()) {
            backend().demandReplaceable(Recorded.UUID, image);
        } else {
            code(ErrorCode.valueOf(refused), () -> backend().demandReplaceable(Recorded.UUID, image));
        }
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    /** The note that keeps a base from growing old is a file, no command. */
    @Test
    void aGuestNotesThatItsBaseIsNeeded() throws IOException {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(SIZED, 300 * MIB, "Vri---tz-k")));
        Instant before = Instant.now().minusSeconds(1);
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE);
        for (String base : List.of(BASE, SIZED)) {
            assertThat(new BaseTimes(state).last(base))
                    .hasValueSatisfying(last -> assertThat(last).isAfter(before));
        }
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
    void aBaseThatCannotBeGrownIsTakenAwayAndNoGuestIsMade() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 12 * MIB, "Vri---tz-k")))
                .failing("lvextend", 5, "  Failed");
        code(
                ErrorCode.STORAGE_FAILED,
                () -> backend()
                        .create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 64 * MIB), Progress.NONE));
        assertThat(Recorded.changes(executor)).last().isEqualTo("lvremove --yes --force nova/" + FILL + "-" + 64 * MIB);
        assertThat(Recorded.changes(executor)).noneMatch(line -> line.contains(VOLUME));
    }

    @Test
    void aBaseOfAnotherSizeIsNotUsed() {
        executor.printing("lvs", Recorded.pool(Recorded.thinRow(BASE, 8 * MIB, "Vri---tz-k")));
        assertThatThrownBy(() ->
                        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE))
                .hasMessageContaining("not the 12582912 that it was made with of image i");
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
