package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.Option;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class ThinPoolShapeTest {
    private static final long EXTENT = 4 << 20;

    private static ThinPoolSettings settings(String size, String chunk, String metadata) {
        ConfigSnapshot.Builder config = ConfigSnapshot.builder();
        put(config, LibvirtOptions.IMAGES_LVM_POOL_SIZE, size);
        put(config, LibvirtOptions.IMAGES_LVM_CHUNK_SIZE, chunk);
        put(config, LibvirtOptions.IMAGES_LVM_POOL_METADATA_SIZE, metadata);
        return ThinPoolSettings.of(config.build(), "nova");
    }

    private static void put(ConfigSnapshot.Builder config, Option<String> option, String value) {
        if (!value.equals("-")) {
            config.set(option, value);
        }
    }

    /** Sizes in MiB, the chunk in KiB. */
    @ParameterizedTest
    @CsvFileSource(resources = "/lvm/thin-pool-shape.csv", useHeadersInDisplayName = true)
    void tableOfShapes(long group, String size, String chunk, String metadata, long data, long meta, long chunkKib) {
        long bytes = group << 20;
        ThinPoolShape shape = ThinPoolShape.of(bytes, bytes, EXTENT, settings(size, chunk, metadata));
        assertThat(shape.data() >> 20).as("data").isEqualTo(data);
        assertThat(shape.metadata() >> 20).as("metadata").isEqualTo(meta);
        assertThat(shape.chunk() >> 10).as("chunk").isEqualTo(chunkKib);
        assertThat(shape.data() + 2 * shape.metadata()).isLessThanOrEqualTo(bytes);
        assertThat(List.of(shape.data() % EXTENT, shape.metadata() % EXTENT)).containsOnly(0L);
    }

    /** What LVM takes for the growth of data, of metadata, and of its spare. */
    @ParameterizedTest
    @CsvSource({"700,20", "102400,20", "102400,50", "41943040,20", "41943040,100"})
    void aPoolThatIsGrownLeavesRoomToGrowOnce(long group, int percent) {
        long bytes = group << 20;
        ThinPoolSettings settings = ThinPoolSettings.of(
                ConfigSnapshot.builder()
                        .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD, 70)
                        .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT, percent)
                        .build(),
                "nova");
        ThinPoolShape shape = ThinPoolShape.of(bytes, bytes, EXTENT, settings);
        long left = bytes - shape.data() - 2 * shape.metadata();
        assertThat(left)
                .isGreaterThanOrEqualTo(settings.growth().step(shape.data())
                        + 2 * settings.growth().step(shape.metadata()));
        assertThat(left).isLessThan((long) (bytes * (0.02 + percent / (100.0 + percent))));
    }

    @Test
    void aPoolThatDoesNotFitIsRefused() {
        for (String size : List.of("2T", "100%")) {
            assertThatThrownBy(() -> ThinPoolShape.of(1L << 40, 1L << 40, EXTENT, settings(size, "-", "-")))
                    .as(size)
                    .isInstanceOfSatisfying(BridgeException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
                        assertThat(e.remedy()).contains("images_lvm_pool_size");
                    });
        }
    }

    /** LVM says so when it makes one: 64 KiB chunks address 15.88 TiB. */
    @Test
    void chunksThatCannotAddressThePoolAreRefused() {
        assertThatThrownBy(() -> ThinPoolShape.of(40L << 40, 40L << 40, EXTENT, settings("-", "64K", "-")))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
                    assertThat(e).hasMessageContaining("images_lvm_chunk_size");
                });
    }

    @Test
    void sizesOutsideWhatDeviceMapperTakesAreNamedWithTheirOption() {
        for (String chunk : List.of("32K", "100K", "2G")) {
            assertThatThrownBy(() -> settings("-", chunk, "-")).as(chunk).hasMessageContaining("images_lvm_chunk_size");
        }
        for (String metadata : List.of("1M", "16G")) {
            assertThatThrownBy(() -> settings("-", "-", metadata))
                    .as(metadata)
                    .hasMessageContaining("images_lvm_pool_metadata_size");
        }
        for (String pool : List.of("nb-base-x", "-x", "a b", "../x")) {
            ConfigSnapshot config = ConfigSnapshot.builder()
                    .set(LibvirtOptions.IMAGES_LVM_POOL, pool)
                    .build();
            assertThatThrownBy(() -> ThinPoolSettings.of(config, "nova"))
                    .as(pool)
                    .hasMessageContaining("images_lvm_pool");
        }
    }
}
