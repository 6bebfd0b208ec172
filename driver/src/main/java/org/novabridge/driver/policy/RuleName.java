package org.novabridge.driver.policy;

/** Names of rules in explanations. A class looks its simple name up anew each time, and every attribute of every disk asks. */
final class RuleName {
    private static final ClassValue<String> KEPT = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> rule) {
            return rule.getSimpleName();
        }
    };

    private RuleName() {}

    static String of(Class<?> rule) {
        return KEPT.get(rule);
    }
}
