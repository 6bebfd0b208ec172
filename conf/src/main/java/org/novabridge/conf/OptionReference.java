package org.novabridge.conf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reference page of all options, in Markdown. */
public final class OptionReference {
    private OptionReference() {}

    /** The text of {@code nova-bridge/docs/reference/options.md}. */
    public static String render() {
        List<Option<?>> options = OptionRegistry.all();
        List<Option<?>> waiting = new ArrayList<>();
        for (Option<?> option : options) {
            if (option.notActedOn().isPresent()) {
                waiting.add(option);
            }
        }
        long elsewhere = options.stream()
                .filter(option -> option.elsewhere().isPresent())
                .count();
        StringBuilder text = new StringBuilder();
        text.append("# Options\n\n");
        text.append("Made from the declarations by `nova-bridge config reference`; do not edit.\n\n");
        text.append("nova-bridge reads ").append(options.size()).append(" options. The bridge acts on ");
        text.append(options.size() - waiting.size() - elsewhere)
                .append(" of them; ")
                .append(elsewhere)
                .append(" are a matter of the shim and of Nova's own services, which read the same file. The other ")
                .append(waiting.size());
        text.append(" are read and checked, and `config check` names those that a file sets");
        text.append(" ([list](#declared-but-not-acted-on)). *Ours* marks options that Nova does not have and");
        text.append(" ignores. A value may hold `$name` of another option; `$$` is a dollar.\n");
        Map<String, List<Option<?>>> byGroup = new LinkedHashMap<>();
        for (Option<?> option : options) {
            byGroup.computeIfAbsent(option.group(), group -> new ArrayList<>()).add(option);
        }
        byGroup.forEach((group, members) -> {
            text.append("\n## [").append(group).append("]\n\n");
            text.append("| option | type | default | what it does |\n|---|---|---|---|\n");
            members.forEach(option -> row(text, option));
        });
        text.append("\n## Declared, but not acted on\n\n| option | why |\n|---|---|\n");
        for (Option<?> option : waiting) {
            text.append("| `").append(option.display()).append("` | ");
            text.append(cell(option.notActedOn().orElse(""))).append(" |\n");
        }
        return text.toString();
    }

    private static void row(StringBuilder text, Option<?> option) {
        text.append("| `")
                .append(option.name())
                .append("` | ")
                .append(cell(option.type().describe()));
        text.append(" | ")
                .append(option.defaultText().map(OptionReference::code).orElse("not set"));
        text.append(" | ").append(cell(option.help()));
        if (option.ours()) {
            text.append(" *Ours.*");
        }
        if (!option.since().isEmpty()) {
            text.append(" Since Nova ").append(option.since()).append('.');
        }
        if (option.deprecated()) {
            text.append(" Deprecated in Nova.");
        }
        if (!option.reloadable()) {
            text.append(" Takes a restart.");
        }
        for (Option.OldName old : option.oldNames()) {
            text.append(" Old name `[")
                    .append(old.group())
                    .append(']')
                    .append(old.name())
                    .append("`.");
        }
        option.elsewhere()
                .ifPresent(actor ->
                        text.append(" *Acted on by ").append(actor.words()).append(".*"));
        option.notActedOn().ifPresent(reason -> text.append(" **Not acted on.**"));
        text.append(" |\n");
    }

    private static String code(String value) {
        return value.isEmpty() ? "empty" : "`" + value.replace("|", "\\|") + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
    }
}
