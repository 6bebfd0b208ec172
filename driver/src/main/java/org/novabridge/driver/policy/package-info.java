/**
 * Pure rules: options, request and host facts in; disk and domain definitions with their provenance out. Depends on model and conf.
 */
@NullMarked
package org.novabridge.driver.policy;

import org.jspecify.annotations.NullMarked;
