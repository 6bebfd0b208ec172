package org.novabridge.driver.storage.lvm;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A filter of lvm.conf: each pattern accepts ({@code a}) or rejects ({@code r}) the names it is found in, and the first
 * that is found in a name counts. One accepted name is enough for a device; one without any match passes
 * (lvm.conf, {@code devices/filter}).
 */
record DeviceFilter(List<String> patterns) {
    DeviceFilter {
        patterns = List.copyOf(patterns);
    }

    /** @param names all paths of one device */
    boolean accepts(Collection<String> names) {
        boolean rejected = false;
        for (String name : names) {
            Boolean verdict = verdict(name);
            if (Boolean.TRUE.equals(verdict)) {
                return true;
            }
            rejected |= Boolean.FALSE.equals(verdict);
        }
        return !rejected;
    }

    private @Nullable Boolean verdict(String name) {
        for (String pattern : patterns) {
            if (pattern.length() > 3 && found(pattern.substring(2, pattern.length() - 1), name)) {
                return pattern.charAt(0) == 'a';
            }
        }
        return null;
    }

    /** LVM's expressions are a part of Java's; what is none here matches nothing, which the check takes for open. */
    private static boolean found(String expression, String name) {
        try {
            return Pattern.compile(expression).matcher(name).find();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
