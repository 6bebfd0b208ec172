package org.novabridge.driver.storage.lvm;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.Option;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * What the configuration says about the thin pool.
 *
 * @param name of the pool ({@code images_lvm_pool}; {@code <volume group>-pool} when not set)
 * @param size how much of the group it takes ({@code images_lvm_pool_size}); null for nearly all of it
 * @param chunkBytes {@code images_lvm_chunk_size}; null for what fits the size
 * @param metadataBytes {@code images_lvm_pool_metadata_size}; null for what fits the size
 * @param ratio bytes promised to guests for each byte of the pool ({@code
 *     images_lvm_max_over_subscription_ratio})
 * @param growth when dmeventd grows it
 */
record ThinPoolSettings(
        String name,
        @Nullable Share size,
        @Nullable Long chunkBytes,
        @Nullable Long metadataBytes,
        double ratio,
        PoolGrowth growth) {

    private static final long CHUNK_STEP = 64 << 10;
    private static final long CHUNK_LARGEST = 1L << 30;
    private static final long METADATA_SMALLEST = 2L << 20;
    /** The most that device-mapper addresses (lvmthin(7)). */
    static final long METADATA_LARGEST = 15L << 30;

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]{0,100}");

    /** A part of the group: bytes, or percent of its size. */
    record Share(long bytes, int percent) {
        long of(long whole) {
            return percent > 0 ? whole / 100 * percent : bytes;
        }
    }

    static ThinPoolSettings of(ConfigSnapshot config, String group) {
        String name = config.find(LibvirtOptions.IMAGES_LVM_POOL)
                .filter(text -> !text.isEmpty())
                .orElse(group + "-pool");
        if (!NAME.matcher(name).matches()
                || LvmNames.reserved(name)
                || LvmNames.instance(name).isPresent()) {
            throw bad(config, LibvirtOptions.IMAGES_LVM_POOL, "is no name that a thin pool of ours can have");
        }
        Share size = config.find(LibvirtOptions.IMAGES_LVM_POOL_SIZE)
                .filter(text -> !text.isEmpty())
                .map(ThinPoolSettings::share)
                .orElse(null);
        Long chunk = bytes(config, LibvirtOptions.IMAGES_LVM_CHUNK_SIZE);
        if (chunk != null && (chunk < CHUNK_STEP || chunk > CHUNK_LARGEST || chunk % CHUNK_STEP != 0)) {
            throw bad(config, LibvirtOptions.IMAGES_LVM_CHUNK_SIZE, "is no multiple of 64K between 64K and 1G");
        }
        Long metadata = bytes(config, LibvirtOptions.IMAGES_LVM_POOL_METADATA_SIZE);
        if (metadata != null && (metadata < METADATA_SMALLEST || metadata > METADATA_LARGEST)) {
            throw bad(config, LibvirtOptions.IMAGES_LVM_POOL_METADATA_SIZE, "is not between 2M and 15G");
        }
        double ratio = config.find(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO)
                .orElse(1.0);
        return new ThinPoolSettings(name, size, chunk, metadata, ratio, PoolGrowth.of(config));
    }

    private static @Nullable Long bytes(ConfigSnapshot config, Option<String> option) {
        return config.find(option)
                .filter(text -> !text.isEmpty())
                .map(text -> share(text).bytes())
                .orElse(null);
    }

    /** The option's declaration has seen to the form. */
    private static Share share(String text) {
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (Character.toUpperCase(text.charAt(text.length() - 1))) {
            case '%' -> new Share(0, (int) number);
            case 'K' -> new Share(number << 10, 0);
            case 'M' -> new Share(number << 20, 0);
            case 'G' -> new Share(number << 30, 0);
            default -> new Share(number << 40, 0);
        };
    }

    private static BridgeException bad(ConfigSnapshot config, Option<String> option, String why) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                option.display() + " (" + config.resolve(option).origin().describe() + ") " + why,
                "see the option's page in the reference");
    }
}
