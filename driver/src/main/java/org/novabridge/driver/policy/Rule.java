package org.novabridge.driver.policy;

import java.util.Set;
import org.novabridge.driver.model.DiskAttribute;

/** One decision about disks: pure, stateless, and the only one that decides its attributes. */
public sealed interface Rule permits DiskRule, DiskListRule, PlacementRule {

    /** Its name in explanations, which is the name of its class. */
    default String id() {
        return RuleName.of(getClass());
    }

    /** The attributes that it and no other rule decides. */
    Set<DiskAttribute> decides();

    /** For the reference page. */
    RuleCard card();
}
