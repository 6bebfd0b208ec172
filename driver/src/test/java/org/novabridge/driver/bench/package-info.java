/**
 * The measurements of tools/bench, run inside tools/lvm-lab: who makes a root disk how fast, with how many
 * bytes written. Times are compared here and nowhere asserted; what is tested is the arithmetic.
 */
@NullMarked
package org.novabridge.driver.bench;

import org.jspecify.annotations.NullMarked;
