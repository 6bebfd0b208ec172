/**
 * Tests of the house as a whole.
 */
@NullMarked
package org.novabridge.bridge;

import org.jspecify.annotations.NullMarked;
