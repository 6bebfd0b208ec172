package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.RescueSpec;

class RescueImageRuleTest {
    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            # asked, rescue_image_id, which
            mine,     theirs,          mine
            mine,     -,               mine
            -,        theirs,          theirs
            -,        '',              img
            -,        -,               img
            """)
    void theOneThatIsAskedForElseTheConfiguredElseTheGuestsOwn(
            @Nullable String asked, @Nullable String configured, String which) {
        ConfigSnapshot.Builder config = ConfigSnapshot.builder();
        if (configured != null) {
            config.set(LibvirtOptions.RESCUE_IMAGE_ID, configured);
        }
        ImageMeta image = new ImageMeta(asked, null, null, null, null, 0, 0, Map.of());
        RescueSpec decided =
                RescueImageRule.decide(config.build(), Specs.plain(), new RescueSpec(image, "file", "drive"));
        assertThat(decided.imageMeta().id()).isEqualTo(which);
        assertThat(decided.imageFile()).isEqualTo("file");
        assertThat(decided.configDriveFile()).isEqualTo("drive");
    }
}
