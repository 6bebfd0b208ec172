package org.novabridge.conf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A set of declared options, found by section and name. The bridge's own is {@link OptionRegistry}. */
final class OptionSchema {
    private final List<OptionSection> sections;
    private final Map<String, Map<String, Option<?>>> byName = new LinkedHashMap<>();
    private final Map<String, Map<String, Option<?>>> byOldName = new LinkedHashMap<>();

    OptionSchema(List<OptionSection> sections) {
        this.sections = List.copyOf(sections);
        for (OptionSection section : sections) {
            Map<String, Option<?>> names = byName.computeIfAbsent(section.group(), group -> new LinkedHashMap<>());
            for (Option<?> option : section.options()) {
                if (names.put(option.name(), option) != null) {
                    throw new IllegalStateException(option.display() + " is declared twice");
                }
                for (Option.OldName old : option.oldNames()) {
                    byOldName
                            .computeIfAbsent(old.group(), group -> new LinkedHashMap<>())
                            .putIfAbsent(old.name(), option);
                }
            }
        }
    }

    /** Tables of declarations; a section of the file may have several. */
    List<OptionSection> sections() {
        return sections;
    }

    List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>();
        sections.forEach(section -> options.addAll(section.options()));
        return options;
    }

    Set<String> groups() {
        return byName.keySet();
    }

    Optional<Option<?>> find(String group, String name) {
        return Optional.ofNullable(byName.getOrDefault(group, Map.of()).get(name));
    }

    Optional<Option<?>> findOld(String group, String name) {
        return Optional.ofNullable(byOldName.getOrDefault(group, Map.of()).get(name));
    }

    /** Current names of a section. */
    Set<String> names(String group) {
        return byName.getOrDefault(group, Map.of()).keySet();
    }

    /**
     * The option that {@code $key} means inside a value of {@code from}: in the own section first when the key has no
     * dot. {@code $DEFAULT.name}, which oslo.config refuses, is allowed in options that are ours.
     */
    Option<?> refer(Option<?> from, String key) throws BadReferenceException {
        int dot = key.indexOf('.');
        String group = dot < 0 ? from.group() : key.substring(0, dot);
        String name = key.substring(dot + 1);
        boolean known = byName.containsKey(group) && (dot < 0 || from.ours() || !group.equals("DEFAULT"));
        if (known) {
            Optional<Option<?>> option = find(group, name).or(() -> findOld(group, name));
            if (option.isPresent()) {
                return option.get();
            }
            Optional<Option<?>> inDefault = find("DEFAULT", key).or(() -> findOld("DEFAULT", key));
            if (inDefault.isPresent()) {
                return inDefault.get();
            }
        }
        throw new BadReferenceException("$" + key + " names no option that is known here");
    }
}
