package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskInventory;
import org.novabridge.driver.model.StorageSpace;

/** The decision table {@code inventory.csv}, and that placement never gives what admission refuses. */
class InventoryPolicyTest {
    private static final double GIB = 1L << 30;

    private static ConfigSnapshot config(@Nullable String options) {
        ConfigSnapshot.Builder builder = ConfigSnapshot.builder();
        for (String option : options == null ? new String[0] : options.split(" ")) {
            String[] parts = option.split("=");
            switch (parts[0]) {
                case "reserved_host_disk_mb" ->
                    builder.set(DefaultOptions.RESERVED_HOST_DISK_MB, Integer.valueOf(parts[1]));
                case "disk_allocation_ratio" ->
                    builder.set(DefaultOptions.DISK_ALLOCATION_RATIO, Double.valueOf(parts[1]));
                case "initial_disk_allocation_ratio" ->
                    builder.set(DefaultOptions.INITIAL_DISK_ALLOCATION_RATIO, Double.valueOf(parts[1]));
                case "max_over" ->
                    builder.set(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO, Double.valueOf(parts[1]));
                default -> throw new AssertionError(option);
            }
        }
        return builder.build();
    }

    private static StorageSpace space(StorageSpace.Kind kind, long total, @Nullable Long reserved) {
        return new StorageSpace(kind, "x", total, 5, 7, reserved == null ? null : 0L, reserved);
    }

    private static StorageSpace.Kind kind(String word) {
        return Arrays.stream(StorageSpace.Kind.values())
                .filter(kind -> kind.word().equals(word))
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable Long bytes(String text) {
        if (text.equals("-")) {
            return null;
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return number << (text.endsWith("G") ? 30 : 20);
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/inventory.csv", delimiter = '|')
    void theTableHolds(
            String kind,
            double gib,
            String reserved,
            @Nullable String options,
            String total,
            @Nullable Long expected,
            @Nullable Double ratio) {
        Optional<DiskInventory> found =
                InventoryPolicy.inventory(config(options), space(kind(kind), (long) (gib * GIB), bytes(reserved)));
        if (total.equals("none")) {
            assertThat(found).isEmpty();
            return;
        }
        long all = Long.parseLong(total);
        assertThat(found)
                .contains(new DiskInventory(
                        all, Objects.requireNonNull(expected), Objects.requireNonNull(ratio), 1, all, 1, 5, 7));
    }

    /** What placement can give is never more than what the pool admits beside its base images. */
    @Test
    void placementGivesNothingThatAdmissionRefuses() {
        for (double host : new double[] {0.1, 0.5, 0.9, 1, 1.5, 4}) {
            for (double ours : new double[] {1, 1.5, 10}) {
                for (long bases : new long[] {0, 1, 3L << 30, 77L << 30, 99L << 30}) {
                    long size = (100L << 30) + 12345;
                    DiskInventory inventory = InventoryPolicy.inventory(
                                    config("disk_allocation_ratio=" + host + " max_over=" + ours),
                                    space(StorageSpace.Kind.THIN_POOL, size, bases))
                            .orElseThrow();
                    double given = (inventory.total() - inventory.reserved()) * inventory.allocationRatio() * GIB;
                    assertThat(given + bases)
                            .as("%s %s %s", host, ours, bases)
                            .isLessThanOrEqualTo(Math.max(bases, size * ours));
                }
            }
        }
    }
}
