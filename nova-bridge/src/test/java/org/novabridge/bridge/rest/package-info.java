/**
 * Tests of the HTTP face, on real sockets.
 */
@NullMarked
package org.novabridge.bridge.rest;

import org.jspecify.annotations.NullMarked;
