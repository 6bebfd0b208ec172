package org.novabridge.driver.policy;

import java.time.Instant;
import java.util.List;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.NovaMetadata;
import org.novabridge.driver.model.NovaMetadata.MetadataFlavor;
import org.novabridge.driver.model.NovaMetadata.MetadataOwner;

/** What Nova records about the instance inside its domain (driver.py 26.2.2, _get_guest_config_meta). */
final class MetadataRule {
    /** The release of Nova whose documents we write. */
    static final String NOVA_RELEASE = "26.2.2";

    private static final String UNKNOWN = "N/A";

    private MetadataRule() {}

    static NovaMetadata decide(GuestContext guest, List<Vif> vifs, Instant now) {
        Instance instance = guest.instance();
        Flavor flavor = guest.flavor();
        String image = instance.imageRef();
        return new NovaMetadata(
                NOVA_RELEASE,
                instance.displayName(),
                now,
                new MetadataFlavor(
                        flavor.name(),
                        flavor.memoryMb(),
                        flavor.rootGb(),
                        flavor.swapMb(),
                        flavor.ephemeralGb(),
                        flavor.vcpus()),
                new MetadataOwner(
                        instance.userId(),
                        instance.systemMetadata().getOrDefault("owner_user_name", UNKNOWN),
                        instance.projectId(),
                        instance.systemMetadata().getOrDefault("owner_project_name", UNKNOWN)),
                image == null || image.isEmpty() ? null : image,
                vifs.stream().map(Vif::metadata).toList());
    }
}
