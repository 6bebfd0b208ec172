/**
 * Facts about this host, probed and read back. Depends on model, exec, conf and storage, and asks the
 * hypervisor port.
 */
@NullMarked
package org.novabridge.driver.host;

import org.jspecify.annotations.NullMarked;
