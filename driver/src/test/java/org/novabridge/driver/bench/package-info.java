/**
 * The measurements of tools/bench: who makes a root disk how fast, with how many bytes written (inside tools/lvm-lab); how
 * fast documents are written; what io modes and I/O threads give. Times are compared here and nowhere asserted; what is
 * tested is the arithmetic.
 */
@NullMarked
package org.novabridge.driver.bench;

import org.jspecify.annotations.NullMarked;
