package org.novabridge.driver.host.tuning;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of {@code /proc/meminfo} and of its like for one NUMA node. */
final class MemoryInfo {
    private static final Pattern LINE = Pattern.compile("(?:Node [0-9]+ )?(\\w+):\\s+([0-9]{1,15}) kB");

    private MemoryInfo() {}

    /** @param name as MemAvailable */
    static OptionalLong bytes(HostTree tree, String file, String name) {
        return tree.text(file).stream()
                .flatMap(String::lines)
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .filter(line -> line.group(1).equals(name))
                .mapToLong(line -> Long.parseLong(line.group(2)) * 1024)
                .findFirst();
    }
}
