package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtentsRuleTest {
    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            # tags,                clear, clear MiB, one tenant, remembered, extents, lost,  why
              nova-bridge+nb-clean, ZERO,  0,         false,      u 7,        CLEAN,   false, was wiped with zeroes
              nova-bridge,          ZERO,  0,         false,      u 7,        DIRTY,   false, vg init --wipe
              -,                    ZERO,  0,         false,      -,          DIRTY,   false, vg init --wipe
              nova-bridge+nb-clean, ZERO,  0,         false,      -,          DIRTY,   true,  does not know of that
              nova-bridge+nb-clean, ZERO,  0,         false,      u 6,        DIRTY,   true,  somebody else
              nova-bridge+nb-clean, ZERO,  0,         false,      u 8,        DIRTY,   true,  somebody else
              nova-bridge+nb-clean, ZERO,  0,         false,      other 7,    DIRTY,   true,  somebody else
              nova-bridge+nb-clean, NONE,  0,         false,      u 7,        DIRTY,   false, volume_clear
              nova-bridge+nb-clean, SHRED, 0,         false,      u 7,        DIRTY,   false, volume_clear
              nova-bridge+nb-clean, ZERO,  4,         false,      u 7,        DIRTY,   false, volume_clear_size
              nova-bridge+nb-clean, ZERO,  0,         true,       u 7,        SHARED,  false, one tenant
              nova-bridge+nb-clean, ZERO,  0,         true,       u 6,        SHARED,  true,  one tenant
              -,                    NONE,  0,         true,       -,          SHARED,  false, one tenant
            """)
    void cleanOnlyWhenNothingElseIsPossible(
            @Nullable String tags,
            LvmSettings.Clear clear,
            long clearMib,
            boolean oneTenant,
            @Nullable String remembered,
            Extents.State state,
            boolean lost,
            String why) {
        VolumeGroup group = new VolumeGroup(
                "nova",
                1 << 30,
                1 << 20,
                4 << 20,
                tags == null ? List.of() : List.of(tags.split("\\+")),
                0,
                1 << 20,
                1 << 19,
                false,
                new VolumeGroup.Revision("u", 7));
        Optional<VolumeGroup.Revision> last = Optional.ofNullable(remembered)
                .map(text -> text.split(" "))
                .map(words -> new VolumeGroup.Revision(words[0], Long.parseLong(words[1])));
        LvmSettings settings = Recorded.settings(clear, clearMib << 20, oneTenant, false);

        Extents extents = ExtentsRule.decide(settings, group, last);

        assertThat(extents.state()).isEqualTo(state);
        assertThat(extents.why()).contains(why);
        assertThat(ExtentsRule.lost(group, last)).isEqualTo(lost);
    }
}
