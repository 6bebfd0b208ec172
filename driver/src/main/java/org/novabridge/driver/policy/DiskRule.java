package org.novabridge.driver.policy;

/**
 * A rule that looks at one disk: it reads the context, writes its attributes to the draft once, and
 * says why. The rules and their order stand in {@link DiskPolicy}.
 */
public non-sealed interface DiskRule extends Rule {
    void apply(DiskContext context, DiskDraft draft);
}
