package org.novabridge.driver.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskPlan;

/**
 * What an instance keeps for life once it was decided, as image properties in its system metadata, so that
 * another default of a later day does not change the guest's hardware (nova/virt/libvirt/driver.py 26.2.2,
 * {@code _register_undefined_instance_details} with {@code REGISTER_IMAGE_PROPERTY_DEFAULTS}).
 */
final class FrozenProperties {
    private FrozenProperties() {}

    /**
     * The properties that neither the image nor the instance has, by their name in the system metadata
     * ({@code image_hw_machine_type}); null for "decided, and there is none", as Nova's None.
     */
    static Map<String, @Nullable String> of(GuestContext guest, String machine, DiskPlan disks) {
        Optional<String> tablet = InputRule.tabletBus(guest);
        Map<String, Supplier<@Nullable String>> decided = new LinkedHashMap<>();
        decided.put("hw_machine_type", () -> machine);
        decided.put("hw_cdrom_bus", disks::cdromBus);
        decided.put("hw_disk_bus", disks::diskBus);
        decided.put("hw_input_bus", () -> tablet.orElse(null));
        decided.put("hw_pointer_model", () -> tablet.isPresent() ? "usbtablet" : null);
        decided.put("hw_video_model", () -> VideoRule.model(guest));
        decided.put("hw_vif_model", () -> VifRule.model(guest));

        Map<String, @Nullable String> frozen = new LinkedHashMap<>();
        decided.forEach((property, value) -> {
            String kept = "image_" + property;
            if (guest.image().find(property).isEmpty()
                    && !guest.instance().systemMetadata().containsKey(kept)) {
                frozen.put(kept, value.get());
            }
        });
        return frozen;
    }
}
