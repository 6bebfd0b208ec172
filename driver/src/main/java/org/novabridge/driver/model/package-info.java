/**
 * The values everybody speaks of: instance, flavor, image, disks, host facts, errors. Depends on nothing of ours.
 */
@NullMarked
package org.novabridge.driver.model;

import org.jspecify.annotations.NullMarked;
