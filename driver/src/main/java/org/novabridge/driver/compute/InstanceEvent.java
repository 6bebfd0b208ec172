package org.novabridge.driver.compute;

import java.time.Instant;

/**
 * What happened to an instance, for {@code nova.virt.event}. A stop that an operation of ours
 * caused is not told; another stop is told late, so that a reboot from inside the guest is not taken
 * for a stop (as Nova does).
 *
 * @param kind {@code started}, {@code stopped}, {@code paused}, {@code resumed}, {@code suspended};
 *     {@code resync} (with an empty uuid) means that events may have been lost: ask again; {@code
 *     thin-pool-data-…} and {@code thin-pool-metadata-…} (with an empty uuid) with {@code warning}, {@code critical} or
 *     {@code ok} are alarms of the host's thin pool; {@code out-of-space} is the alarm that a write of the instance found
 *     it full: the instance is paused, and resumed when there is room again
 */
public record InstanceEvent(String instance, String kind, Instant at) {}
