package org.novabridge.driver.model;

import java.util.List;

/**
 * Why an attribute has its value.
 *
 * @param value the value as the domain document has it, or {@code (not set)}
 * @param rule name of the rule class that decided
 * @param origins what it decided from, the decisive one first
 * @param sentence one sentence for the operator
 */
public record Provenance(
        DiskAttribute attribute, String value, String rule, List<ValueOrigin> origins, String sentence) {
    public Provenance {
        origins = List.copyOf(origins);
    }
}
