/**
 * The command line. Depends on driver.compute and, for the running bridge, on its REST contract.
 */
@NullMarked
package org.novabridge.bridge.cli;

import org.jspecify.annotations.NullMarked;
