/**
 * The libvirt domain document: JAXB beans and their mapper, the only code that knows XML. Depends on model.
 */
@NullMarked
package org.novabridge.driver.xml;

import org.jspecify.annotations.NullMarked;
