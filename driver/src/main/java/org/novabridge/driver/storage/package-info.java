/**
 * Image backends, image cache and image inspector: what makes, grows, wipes and removes disks. Depends on model, exec and conf.
 */
@NullMarked
package org.novabridge.driver.storage;

import org.jspecify.annotations.NullMarked;
