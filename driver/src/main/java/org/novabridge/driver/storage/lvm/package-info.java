/**
 * Thick logical volumes as disks, and the volume group they live in: reports, commands, the backend, wiping, bootstrap. Depends on storage, model, exec and conf.
 */
@NullMarked
package org.novabridge.driver.storage.lvm;

import org.jspecify.annotations.NullMarked;
