package org.novabridge.driver.compute;

import org.novabridge.driver.model.Flavor;

/**
 * What an instance is to become.
 *
 * @param online its disks grow while it runs; nothing is kept, and nothing is to be confirmed
 * @param dryRun only what would be done
 */
public record ResizeRequest(Flavor flavor, boolean online, boolean dryRun) {}
