package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.KeptDisks.Demand;
import org.novabridge.driver.storage.KeptDisks.Way;
import org.novabridge.driver.storage.Progress;

/**
 * A group or pool that is full: what is asked for ends with STORAGE_FULL and a remedy, and all is as before. Mostly that
 * is seen beforehand; when somebody else has taken the space in between, LVM says it, at any of the commands that take some.
 */
class FullStorageTest {
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final long MIB = Recorded.MIB;
    private static final CachedImage IMAGE =
            new CachedImage("i", Path.of("/n/_base/0123456789abcdef0123456789abcdef01234567"), "raw", 12 * MIB);

    /** What lvm2 2.03.16 says of a thick volume and of one in a pool. */
    private static String words(boolean thin) {
        return thin
                ? "Cannot create new thin volume, free space in thin pool nova/nova-pool reached threshold."
                : "Volume group \"nova\" has insufficient free space (1 extents): 2 required.";
    }

    @TempDir
    Path state;

    /** @param there the disk exists already */
    private record Asked(String what, boolean thin, boolean there) {}

    private static Stream<Asked> asked() {
        return Stream.of(true, false)
                .flatMap(thin -> Stream.of(
                        new Asked("create of an image", thin, false),
                        new Asked("create of an empty disk", thin, false),
                        new Asked("growth", thin, true),
                        new Asked("keeping for a resize", thin, true),
                        new Asked("snapshot", thin, true)));
    }

    private RememberedGroup group(long free, boolean thin, boolean there) {
        RememberedGroup group = new RememberedGroup(free);
        if (there && thin) {
            group.thin(VOLUME, 8 * MIB, "old");
        } else if (there) {
            group.thick(VOLUME, 8 * MIB, "old");
        }
        return group;
    }

    private static void run(String what, VolumeBackend backend) {
        switch (what) {
            case "create of an image" ->
                backend.create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 64 * MIB), Progress.NONE);
            case "create of an empty disk" ->
                backend.create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
            case "growth" -> backend.grow(Recorded.UUID, "disk", 64 * MIB, Progress.NONE);
            case "keeping for a resize" -> backend.kept().orElseThrow().keep(Recorded.UUID, "disk", Progress.NONE);
            case "snapshot" -> Recorded.picture(backend, Recorded.UUID, ID);
            default -> throw new AssertionError(what);
        }
    }

    /** Names and sizes; images that stay for the next guest, and wipes, left out. */
    private static Map<String, Long> sizes(RememberedGroup group) {
        Map<String, Long> sizes = new TreeMap<>();
        group.volumes.forEach((name, volume) -> {
            if (!name.startsWith(LvmNames.BASE_PREFIX)) {
                sizes.put(name, volume.size);
            }
        });
        return sizes;
    }

    private static void full(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
            assertThat(e).hasMessageContaining("nova");
            assertThat(e.remedy()).contains("delete guests");
        });
    }

    @ParameterizedTest
    @MethodSource("asked")
    void whicheverCommandFindsNoSpaceAllIsAsBefore(Asked asked) {
        int refusals = 0;
        while (true) {
            RememberedGroup group = group(1L << 33, asked.thin(), asked.there());
            Map<String, Long> before = sizes(group);
            group.refuse(refusals + 1, words(asked.thin()));
            VolumeBackend backend = group.backend(asked.thin(), state);
            try {
                run(asked.what(), backend);
                assertThat(group.refused()).isFalse();
                break;
            } catch (BridgeException e) {
                refusals++;
                full(() -> {
                    throw e;
                });
                assertThat(sizes(group)).as("%s, command %d", asked, refusals).isEqualTo(before);
            }
        }
        // The base, what is grown of it, its growth, and the disk.
        assertThat(refusals).isEqualTo(asked.thin() && asked.what().equals("create of an image") ? 4 : 1);
    }

    @Test
    void aFullGroupIsSeenBeforeAnythingIsChanged() {
        for (String what : List.of("create of an image", "create of an empty disk", "growth")) {
            RememberedGroup group = group(0, false, what.equals("growth"));
            full(() -> run(what, group.backend(false, state)));
            assertThat(Recorded.changes(group.executor)).as(what).isEmpty();
        }
        RememberedGroup group = group(4 * MIB, false, true);
        full(() -> group.backend(false, state)
                .kept()
                .orElseThrow()
                .demandRoom(Recorded.UUID, List.of(new Demand("disk", Way.BESIDE, 16 * MIB))));
        // An image is made in another way then; the answer says why.
        DiskSnapshots.Choice choice = group.backend(false, state)
                .snapshots()
                .orElseThrow()
                .choose(Recorded.UUID, "disk", Function.identity());
        assertThat(choice.taking()).isNull();
        assertThat(choice.reason()).contains("4194304 free");
        assertThat(Recorded.changes(group.executor)).isEmpty();
    }

    /** Its promises, its data, its metadata. */
    @ParameterizedTest
    @ValueSource(strings = {"promises", "data", "metadata"})
    void aFullPoolIsSeenBeforeAnythingIsChanged(String full) {
        for (String what : List.of("create of an image", "create of an empty disk", "growth")) {
            RememberedGroup group = group(1L << 33, true, what.equals("growth"));
            switch (full) {
                case "promises" -> group.thin("other", 4L << 30, "");
                case "data" -> group.health = "out_of_data";
                default -> group.metadataPercent = "95.10";
            }
            assertThatThrownBy(() -> run(what, group.backend(true, state)))
                    .isInstanceOfSatisfying(BridgeException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
                        assertThat(e).hasMessageContaining("thin pool nova/nova-pool");
                        assertThat(e.remedy()).contains("lvextend --");
                    });
            assertThat(Recorded.changes(group.executor)).as(what).isEmpty();
        }
    }
}
