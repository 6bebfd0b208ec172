/**
 * What a host should be like for the guests' disks: checks, each one decision; a plan of exact changes; applying it and
 * taking it back from a durable record. Reads {@code /proc}, {@code /sys} and {@code /etc} through {@link
 * org.novabridge.driver.host.tuning.HostTree} alone; depends on model, conf, exec and storage.
 */
@NullMarked
package org.novabridge.driver.host.tuning;

import org.jspecify.annotations.NullMarked;
