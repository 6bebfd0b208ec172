package org.novabridge.driver.policy;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Names of rules in explanations. A class looks its simple name up anew each time, and every attribute of every disk asks. */
final class RuleName {
    private static final Map<Class<?>, String> KEPT = new ConcurrentHashMap<>();

    private RuleName() {}

    static String of(Class<?> rule) {
        return KEPT.computeIfAbsent(rule, Class::getSimpleName);
    }
}
