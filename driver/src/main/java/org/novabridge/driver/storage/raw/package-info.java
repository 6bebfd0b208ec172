/**
 * The raw backend: disks as files in the instance's folder. Depends on storage, exec, conf and model.
 */
@NullMarked
package org.novabridge.driver.storage.raw;

import org.jspecify.annotations.NullMarked;
