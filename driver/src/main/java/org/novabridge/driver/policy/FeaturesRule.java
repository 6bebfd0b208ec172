package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import org.novabridge.conf.WorkaroundsOptions;
import org.novabridge.driver.model.GuestFeature;

/** Features of the virtual machine, in Nova's order (driver.py 26.2.2, _set_features). */
final class FeaturesRule {
    /** What the KVM people advise for Windows guests, says Nova. */
    private static final int SPINLOCK_RETRIES = 8191;

    private FeaturesRule() {}

    static List<GuestFeature> decide(GuestContext guest) {
        boolean hidden = guest.extraFlag("hide_hypervisor_id").orElse(false)
                || guest.extraFlag("hw:hide_hypervisor_id").orElse(false)
                || guest.image().flag("img_hide_hypervisor_id").orElse(false);
        List<GuestFeature> features = new ArrayList<>();
        features.add(new GuestFeature.Plain("acpi"));
        if (!guest.config().get(WorkaroundsOptions.LIBVIRT_DISABLE_APIC)) {
            features.add(new GuestFeature.Plain("apic"));
        }
        if (guest.windows()) {
            features.add(new GuestFeature.HyperV(SPINLOCK_RETRIES, hidden));
        }
        features.add(new GuestFeature.Plain("vmcoreinfo"));
        if (hidden) {
            features.add(new GuestFeature.KvmHidden());
        }
        Boolean pmu = guest.agreed("hw:pmu", "hw_pmu");
        if (pmu != null) {
            features.add(new GuestFeature.Pmu(pmu));
        }
        return features;
    }
}
