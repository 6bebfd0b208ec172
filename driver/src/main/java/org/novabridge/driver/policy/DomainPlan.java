package org.novabridge.driver.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DomainDefinition;

/**
 * A domain decided in full: the definition for the hypervisor, and the disks with all that makes them.
 *
 * @param frozen system metadata for the caller to save, so that the guest keeps its hardware; null values
 *     are Nova's None
 */
public record DomainPlan(DomainDefinition definition, DiskPlan disks, Map<String, @Nullable String> frozen) {
    public DomainPlan {
        frozen = Collections.unmodifiableMap(new LinkedHashMap<>(frozen));
    }

    /** What the caller saves of it (design 4.3). */
    public Map<String, Object> updates() {
        Map<String, Object> updates = new LinkedHashMap<>();
        if (disks.rootDeviceName() != null) {
            updates.put("root_device_name", disks.rootDeviceName());
        }
        updates.put("device_names", disks.updates());
        updates.put("system_metadata", frozen);
        return updates;
    }
}
