/**
 * The hypervisor port and its libvirt adapter, the only code that knows libvirt. Depends on model and xml.
 */
@NullMarked
package org.novabridge.driver.hypervisor;

import org.jspecify.annotations.NullMarked;
