package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ManualClock;

class DiskKeysTest {
    private static final String GUEST = "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";
    private static final String OTHER = "4f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";

    private final ManualClock clock = new ManualClock();
    private final DiskKeys keys = new DiskKeys(clock);

    private void bring(String instance, @Nullable String disk, int each) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) each);
        try (DiskKey key = DiskKey.of(bytes)) {
            keys.bring(instance, disk, key);
        }
    }

    private String found(String disk) {
        return keys.find(GUEST, disk)
                .map(key -> new String(key.passphrase(), StandardCharsets.US_ASCII).substring(0, 2))
                .orElse("none");
    }

    @Test
    void aDiskHasItsOwnKeyElseThatOfItsInstance() {
        bring(GUEST, null, 0x1f);
        bring(GUEST, "disk.eph0", 0xe2);
        assertThat(found("disk")).isEqualTo("1f");
        assertThat(found("disk.eph0")).isEqualTo("e2");
        bring(GUEST, null, 3);
        assertThat(found("disk")).isEqualTo("03");
        bring(OTHER, null, 4);
        keys.forget(GUEST);
        assertThat(found("disk") + found("disk.eph0")).isEqualTo("nonenone");
        assertThat(keys.find(OTHER, "disk")).isPresent();
    }

    @Test
    void aKeyThatIsOldGoesThoughNobodyAsksForOne() {
        bring(GUEST, null, 1);
        clock.pass(Duration.ofMinutes(59));
        keys.forgetOld();
        assertThat(keys.count()).isEqualTo(1);
        clock.pass(Duration.ofMinutes(1));
        keys.forgetOld();
        assertThat(keys.count()).isZero();
    }

    @Test
    void aKeyThatNobodyUsesGoesAfterAnHour() {
        bring(GUEST, null, 1);
        clock.pass(Duration.ofMinutes(59));
        assertThat(found("disk")).isEqualTo("01");
        bring(OTHER, null, 2);
        clock.pass(Duration.ofMinutes(1));
        assertThat(found("disk")).isEqualTo("none");
        assertThat(keys.find(OTHER, "disk")).isPresent();
    }

    @Test
    void aKeyThatIsBroughtAgainLivesAsLongAgain() {
        bring(GUEST, null, 1);
        bring(OTHER, null, 2);
        clock.pass(Duration.ofMinutes(30));
        bring(GUEST, null, 3);
        clock.pass(Duration.ofMinutes(30));
        assertThat(keys.find(OTHER, "disk")).isEmpty();
        assertThat(found("disk")).isEqualTo("03");
    }

    @Test
    void whatIsForgottenDoesNotBecomeZeroesInTheHandsOfWhoUsesIt() {
        bring(GUEST, null, 7);
        DiskKey inUse = keys.find(GUEST, "disk").orElseThrow();
        keys.forget(GUEST);
        assertThat(inUse.passphrase()).startsWith('0', '7');
        inUse.close();
        assertThat(inUse.passphrase()).containsOnly('0');
    }

    @Test
    void aKeyHasNoTextAndALength() {
        assertThat(DiskKey.of(new byte[16]) + " " + keys).isEqualTo("DiskKey(***) DiskKeys(***)");
        for (int length : new int[] {0, 15, 513}) {
            assertThatThrownBy(() -> DiskKey.of(new byte[length]))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        }
    }

    @Test
    void theMemoryIsNotFilledWithKeys() {
        for (int i = 0; i < DiskKeys.MOST; i++) {
            bring(String.format("%08x-8a4b-4c57-9f0c-5b1f6a2d7e11", i), null, 1);
        }
        assertThatThrownBy(() -> bring(GUEST, null, 1))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_OPERATIONS));
    }
}
