package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoomRuleTest {
    /** In extents of 4 MiB; wipes named x are those that failed. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            # free, needed, wipes,     decision, said
              10,   10,     '',        now,      ''
              10,   11,     '',        never,    46137344 are needed
              10,   11,     'a=1',     wait,     give back 4194304 more
              10,   11,     'a=1 b=5', wait,     give back 25165824 more
              10,   13,     'a=1 b=1', never,    give back 8388608 more
              10,   11,     'x=9',     never,    the wipe of nb-wipe-x failed
              10,   12,     'a=1 x=9', never,    the wipe of nb-wipe-x failed
              10,   10,     'x=9',     now,      ''
            """)
    void roomNowLaterOrNever(int free, int needed, String wipes, String decision, String said) {
        long extent = 4L << 20;
        VolumeGroup group = new VolumeGroup(
                "nova",
                100 * extent,
                free * extent,
                extent,
                List.of(),
                0,
                1 << 20,
                1 << 19,
                false,
                new VolumeGroup.Revision("u", 1));
        List<LogicalVolume> volumes = new ArrayList<>();
        volumes.add(new LogicalVolume("guest", 50 * extent, List.of(), "-wi-ao----", "", 0));
        for (String wipe : wipes.isEmpty() ? new String[0] : wipes.split(" ")) {
            String[] parts = wipe.split("=");
            volumes.add(new LogicalVolume(
                    "nb-wipe-" + parts[0], Long.parseLong(parts[1]) * extent, List.of(), "-wi-a-----", "", 0));
        }

        RoomRule.Room room = RoomRule.decide(
                group, needed * extent, volumes, volume -> !volume.name().equals("nb-wipe-x"));

        assertThat(room.enough() ? "now" : room.hopeless() ? "never" : "wait").isEqualTo(decision);
        assertThat(room.sentence()).contains(said);
        assertThat(room.wipes()).doesNotContain("guest", "nb-wipe-x");
    }
}
