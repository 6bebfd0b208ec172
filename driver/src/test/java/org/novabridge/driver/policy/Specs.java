package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;

/** Specs and facts for tests of rules. */
final class Specs {
    static final String UUID = "6f70656e-7374-4163-8b00-6272696467e5";

    private Specs() {}

    static HostFacts facts() {
        return HostFacts.builder()
                .put(HostFact.ARCH, "x86_64")
                .put(HostFact.DIRECT_IO, true)
                .put(HostFact.LIBVIRT_VERSION, 9_000_000)
                .put(HostFact.QEMU_VERSION, 7_002_000)
                .put(HostFact.RBD_MONITORS, List.of(new DiskSource.HostPort("10.0.0.1", "6789")))
                .build();
    }

    static InstanceSpec plain() {
        return spec(0, 0, Map.of(), Map.of(), BlockDeviceInfo.NONE, "");
    }

    static InstanceSpec spec(
            int ephemeralGb,
            int swapMb,
            Map<String, String> extraSpecs,
            Map<String, String> imageProperties,
            BlockDeviceInfo devices,
            String configDrive) {
        Flavor flavor = new Flavor("m1", 1, 512, 10, ephemeralGb, swapMb, extraSpecs);
        Instance instance = new Instance(
                UUID,
                "instance-00000001",
                "test",
                "p",
                "u",
                1,
                512,
                10,
                ephemeralGb,
                flavor,
                "img",
                null,
                null,
                "linux",
                null,
                configDrive,
                Map.of(),
                Map.of());
        ImageMeta image = new ImageMeta("img", "img", "qcow2", "bare", 1L, 0, 0, imageProperties);
        return new InstanceSpec(instance, image, devices, List.of(), null, null, true, null);
    }
}
