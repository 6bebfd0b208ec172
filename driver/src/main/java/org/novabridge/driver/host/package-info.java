/**
 * Facts about this host, probed and read back. Depends on model, exec and conf.
 */
@NullMarked
package org.novabridge.driver.host;

import org.jspecify.annotations.NullMarked;
