/**
 * Tests of the command line, run in process.
 */
@NullMarked
package org.novabridge.bridge.cli;

import org.jspecify.annotations.NullMarked;
