package org.novabridge.driver.policy;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;

/** Everything a disk rule may look at, for one plan on one thread. */
public final class DiskContext {
    private final ConfigSnapshot config;
    private final InstanceSpec spec;
    private final HostFacts facts;
    private final Map<String, RecordedDisk> recorded;

    /** Read when the first rule asks: a value that Nova refuses is refused then. Null before. */
    private @Nullable ImageProperties image;

    /** @param recorded disks that exist already, by Nova's disk name */
    public DiskContext(ConfigSnapshot config, InstanceSpec spec, HostFacts facts, Map<String, RecordedDisk> recorded) {
        this.config = config;
        this.spec = spec;
        this.facts = facts;
        this.recorded = Map.copyOf(recorded);
    }

    public ConfigSnapshot config() {
        return config;
    }

    public InstanceSpec spec() {
        return spec;
    }

    public HostFacts facts() {
        return facts;
    }

    public Map<String, RecordedDisk> recorded() {
        return recorded;
    }

    /** Whether the guest is there already, by Nova's word or by its disks. */
    boolean launched() {
        return spec.instance().launched() || !recorded.isEmpty();
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
        ImageProperties properties = image;
        if (properties == null) {
            properties = ImageProperties.of(spec.imageMeta());
            image = properties;
        }
        return properties.find(key).orElse(null);
    }

    /** The same with the properties of another image. */
    DiskContext withImage(ImageMeta image) {
        return new DiskContext(config, spec.with(image, spec.blockDeviceInfo()), facts, recorded);
    }

    Optional<RecordedDisk> recorded(String diskName) {
        return Optional.ofNullable(recorded.get(diskName));
    }
}
