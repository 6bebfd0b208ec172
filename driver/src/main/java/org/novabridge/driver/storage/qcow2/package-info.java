/**
 * The qcow2 backend: disks as files in the instance's folder. Depends on storage, exec, conf and model.
 */
@NullMarked
package org.novabridge.driver.storage.qcow2;

import org.jspecify.annotations.NullMarked;
