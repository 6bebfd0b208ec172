/**
 * Disks on the wire between two bridges: frames with limits on everything, their sender and their receiver over plain
 * streams. Depends on model and storage; knows neither processes nor hosts.
 */
@NullMarked
package org.novabridge.driver.transfer;

import org.jspecify.annotations.NullMarked;
