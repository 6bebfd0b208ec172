package org.novabridge.driver.policy;

/** A rule that {@link DiskSetRule} asks while it places the disks, one after the other. */
public non-sealed interface PlacementRule extends Rule {}
