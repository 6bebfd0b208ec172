package org.novabridge.driver.policy;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;

/**
 * Everything a disk rule may look at.
 *
 * @param recorded disks that exist already, by Nova's disk name
 */
public record DiskContext(
        ConfigSnapshot config, InstanceSpec spec, HostFacts facts, Map<String, RecordedDisk> recorded) {
    public DiskContext {
        recorded = Map.copyOf(recorded);
    }

    String virtType() {
        return config.get(LibvirtOptions.VIRT_TYPE);
    }

    /** virt_type is one that QEMU serves. */
    boolean qemu() {
        return virtType().equals("kvm") || virtType().equals("qemu");
    }

    /** The property as Nova reads it: old names count, and a value Nova refuses is refused. */
    @Nullable
    String imageProperty(String key) {
        return ImageProperties.of(spec.imageMeta()).find(key).orElse(null);
    }

    /** The same with the properties of another image. */
    DiskContext withImage(ImageMeta image) {
        return new DiskContext(config, spec.with(image, spec.blockDeviceInfo()), facts, recorded);
    }

    Optional<RecordedDisk> recorded(String diskName) {
        return Optional.ofNullable(recorded.get(diskName));
    }
}
