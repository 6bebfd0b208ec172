/**
 * Options of nova-compute.conf, each declared once, and the reading of oslo.config files with the origin of every value. Depends on nothing of ours.
 */
@NullMarked
package org.novabridge.conf;

import org.jspecify.annotations.NullMarked;
