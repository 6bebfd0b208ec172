package org.novabridge.driver.host.tuning;

import java.util.Arrays;
import java.util.List;

/**
 * A file in which the kernel lists what there is and marks what it has: {@code [mq-deadline] none}. One without a mark,
 * as a queue without any scheduler has it, has its only word selected.
 */
record Choice(List<String> offered, String selected) {
    Choice {
        offered = List.copyOf(offered);
    }

    static Choice of(String text) {
        String selected = "";
        List<String> offered = new java.util.ArrayList<>();
        for (String word : Arrays.asList(text.strip().split("\\s+", -1))) {
            if (word.startsWith("[") && word.endsWith("]")) {
                selected = word.substring(1, word.length() - 1);
                offered.add(selected);
            } else if (!word.isEmpty()) {
                offered.add(word);
            }
        }
        return new Choice(offered, selected.isEmpty() && !offered.isEmpty() ? offered.get(0) : selected);
    }

    boolean offers(String word) {
        return offered.contains(word);
    }
}
