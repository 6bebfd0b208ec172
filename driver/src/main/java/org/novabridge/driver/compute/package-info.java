/**
 * The use cases of the driver: spawn, reboot, destroy and the operations, journal, locks and settlement they run under. Depends on all of driver.
 */
@NullMarked
package org.novabridge.driver.compute;

import org.jspecify.annotations.NullMarked;
