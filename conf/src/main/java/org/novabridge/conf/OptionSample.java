package org.novabridge.conf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The annotated sample file: every option with its help, type and default, all commented out. */
public final class OptionSample {
    private static final int WIDTH = 96;

    private OptionSample() {}

    /** The text of {@code etc/nova-compute.conf.sample}. */
    public static String render() {
        StringBuilder text = new StringBuilder();
        comment(
                text,
                "Every option that nova-bridge reads, with its default. Options marked \"nova-bridge\" are ours: Nova"
                        + " ignores them. All others mean what they mean in Nova, which may read the same file."
                        + " Made from the declarations by \"nova-bridge config sample\"; do not edit.");
        sections().forEach((group, tables) -> {
            text.append("\n[").append(group).append("]\n");
            for (OptionSection table : tables) {
                text.append('\n');
                comment(text, table.help());
                table.options().forEach(option -> option(text, option));
            }
        });
        return text.toString();
    }

    private static Map<String, List<OptionSection>> sections() {
        Map<String, List<OptionSection>> sections = new LinkedHashMap<>();
        for (OptionSection section : OptionRegistry.schema().sections()) {
            sections.computeIfAbsent(section.group(), group -> new ArrayList<>())
                    .add(section);
        }
        return sections;
    }

    private static void option(StringBuilder text, Option<?> option) {
        text.append('\n');
        comment(text, option.help());
        comment(text, facts(option));
        option.elsewhere().ifPresent(actor -> comment(text, "Acted on by " + actor.words() + "."));
        option.notActedOn().ifPresent(reason -> comment(text, "Not acted on: " + reason + "."));
        text.append('#').append(option.name()).append(" = ");
        text.append(option.defaultText().orElse("<not set>")).append('\n');
        int end = text.length();
        while (text.charAt(end - 2) == ' ') {
            text.deleteCharAt(end - 2);
            end--;
        }
    }

    /** {@code (integer, 0 or more; nova-bridge; restart)}. */
    private static String facts(Option<?> option) {
        List<String> facts = new ArrayList<>();
        facts.add(option.type().describe());
        if (option.ours()) {
            facts.add("nova-bridge");
        }
        if (!option.since().isEmpty()) {
            facts.add("since Nova " + option.since());
        }
        if (option.deprecated()) {
            facts.add("deprecated in Nova");
        }
        if (!option.reloadable()) {
            facts.add("takes a restart");
        }
        for (Option.OldName old : option.oldNames()) {
            facts.add("old name [" + old.group() + "]" + old.name());
        }
        return "(" + String.join("; ", facts) + ")";
    }

    private static void comment(StringBuilder text, String words) {
        StringBuilder line = new StringBuilder("#");
        for (String word : words.split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH) {
                text.append(line).append('\n');
                line = new StringBuilder("#");
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }
}
