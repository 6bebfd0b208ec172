package org.novabridge.driver.host.tuning;

import java.util.Optional;
import java.util.stream.Stream;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.Option;
import org.novabridge.driver.model.DiskFeature;

/**
 * Whether any disk of a new guest could take a feature, by what the rest of the configuration makes of disks. The bus is no question:
 * an image may choose any.
 */
final class FeatureReach {
    private FeatureReach() {}

    /** Why no new disk can take it, as a sentence; empty where one could. */
    static Optional<String> none(DiskFeature feature, ConfigSnapshot config) {
        return switch (feature) {
            case DISCARD_NO_UNREF, METADATA_CACHE ->
                format(config).equals("qcow2")
                        ? Optional.empty()
                        : Optional.of("Only qcow2 disks that Nova makes take it, and images_type makes "
                                + format(config) + "; of guests that were made before, only one on qcow2 is refused.");
            case IOTHREAD_MAPPING, SCSI_IOTHREAD_MAPPING ->
                !several(config, LibvirtOptions.DISK_IOTHREADS, IoProfileOptions.IOTHREADS)
                        ? Optional.of("It shares queues out among I/O threads, and no guest gets more than one.")
                        : !several(config, LibvirtOptions.DISK_QUEUES, IoProfileOptions.QUEUES)
                                ? Optional.of("It shares queues out, and no disk is given more than one: neither"
                                        + " disk_queues nor a profile says how many.")
                                : Optional.empty();
            case ROTATION_RATE, QUEUE_SIZE -> Optional.empty();
        };
    }

    private static String format(ConfigSnapshot config) {
        String type = config.get(LibvirtOptions.IMAGES_TYPE);
        return type.equals("default") ? (config.get(DefaultOptions.USE_COW_IMAGES) ? "qcow2" : "raw") : type;
    }

    /** A profile of the guest may have the count where the option has none, and the other way round. */
    private static boolean several(ConfigSnapshot config, Option<String> option, Option<String> ofProfile) {
        return Stream.concat(
                        config.find(option).stream(),
                        config.ioProfiles().values().stream().flatMap(profile -> profile.find(ofProfile).stream()))
                .anyMatch(count -> count.equals("auto") || Integer.parseInt(count) > 1);
    }
}
