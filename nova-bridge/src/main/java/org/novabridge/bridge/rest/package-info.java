/**
 * The HTTP face: Jersey resources, problem mapper, server, and the one HK2 binder. Depends on driver.compute.
 */
@NullMarked
package org.novabridge.bridge.rest;

import org.jspecify.annotations.NullMarked;
