package org.novabridge.driver.host.tuning;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a plan. */
public sealed interface TuningChange {

    /**
     * A value of the kernel, from now until the next boot.
     *
     * @param path below /sys or /proc/sys
     * @param found what it has now
     * @param value what is written
     * @param check that wants it
     */
    record KernelWrite(String path, String found, String value, String check) implements TuningChange {}

    /**
     * A file of ours below /etc, for after the next boot.
     *
     * @param before its text now; null when it is not there
     * @param content empty when nothing is wanted in it any more
     */
    record FileWrite(String path, @Nullable String before, String content) implements TuningChange {
        public boolean removes() {
            return content.isEmpty();
        }

        /** Lines that it has now and is to lose. */
        public List<String> dropped() {
            return before == null
                    ? List.of()
                    : before.lines()
                            .filter(line ->
                                    !line.startsWith("#") && content.lines().noneMatch(line::equals))
                            .toList();
        }
    }

    /** Something that an operator does by hand. */
    record Advice(String subject, String text) implements TuningChange {}
}
