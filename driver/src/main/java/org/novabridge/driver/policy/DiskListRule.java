package org.novabridge.driver.policy;

import java.util.List;

/** A rule that needs to see all disks of the guest at once, in the order of the domain document. */
public non-sealed interface DiskListRule extends Rule {
    void apply(DiskContext context, List<DiskDraft> drafts);
}
