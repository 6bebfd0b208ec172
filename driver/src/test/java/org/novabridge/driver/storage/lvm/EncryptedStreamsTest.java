package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.FileOwner;

/** What another host says of an encrypted disk is taken only when it is what we would have written ourselves. */
class EncryptedStreamsTest {
    private static final String CHECK = "nb-key-check=" + "a".repeat(32) + "-" + "b".repeat(32);

    private static DiskStreams streams(String... words) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .build();
        return new EncryptedBackend(
                        new LvmBackend(config, new RecordingExecutor(), FileOwner.ofThisHost()),
                        config,
                        new DiskKeys(Clock.systemUTC()))
                .streams()
                .orElseThrow()
                .taking(Arrays.stream(words).filter(word -> !word.isEmpty()).toList());
    }

    @Test
    void theFormatOfTheDiskCountsAndNotTodaysOption() {
        assertThat(streams("nb-crypt=luks2:512:aes-xts-plain64", CHECK).size(1 << 30))
                .isEqualTo((1 << 30) + (16 << 20));
        assertThat(streams("nb-crypt=plain:512:aes-xts-plain64").size(1 << 30)).isEqualTo(1 << 30);
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', comes unencrypted",
        "nb-crypt=plain:256:aes-xts-plain64, '', a key of 256 bits",
        "nb-crypt=plain:512:serpent-xts-plain64, '', serpent",
        "nb-crypt=luks1:512:aes-xts-plain64, '', not known here",
        "nb-crypt=plain:512:aes-xts-plain64, nb-clean, not known here",
        "nb-crypt=plain:512:aes-xts-plain64, nb-key-check=short, not known here",
        "nb-crypt=plain:512:aes-xts-plain64, nb-crypt=luks2:512:aes-xts-plain64, not known here",
    })
    void whatIsNotLikeHereIsRefused(String first, String second, String why) {
        assertThatThrownBy(() -> streams(first, second))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
                .hasMessageContaining(why);
    }

    @Test
    void anUnencryptedDiskIsNotMadeOfAnEncryptedOne() {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .build();
        DiskStreams plain = new LvmBackend(config, new RecordingExecutor(), FileOwner.ofThisHost())
                .streams()
                .orElseThrow();
        assertThat(plain.taking(List.of())).isSameAs(plain);
        assertThatThrownBy(() -> plain.taking(List.of("nb-crypt=plain:512:aes-xts-plain64")))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED));
    }
}
