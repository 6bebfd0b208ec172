package org.novabridge.driver.policy;

import java.util.List;

/**
 * What the reference page says of a rule.
 *
 * @param summary the rule in one or two sentences
 * @param reads options, extra specs, image properties and host facts that it reads
 * @param source where Nova (file, release) or another authority has the rule
 */
public record RuleCard(String summary, List<String> reads, String source) {
    public RuleCard {
        reads = List.copyOf(reads);
    }
}
