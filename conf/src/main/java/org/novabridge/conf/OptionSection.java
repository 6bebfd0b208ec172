package org.novabridge.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A section of the file and the options declared in it, in the order of declaration. */
public final class OptionSection {
    private final String group;
    private final String help;
    private final List<Option<?>> options = new ArrayList<>();

    OptionSection(String group, String help) {
        this.group = group;
        this.help = help;
    }

    /** {@code libvirt}; {@code DEFAULT} for the section without a prefix in oslo.config's API. */
    public String group() {
        return group;
    }

    /** One sentence on what the section is about. */
    public String help() {
        return help;
    }

    /** In the order of declaration. */
    public List<Option<?>> options() {
        return List.copyOf(options);
    }

    void add(Option<?> option) {
        options.add(option);
    }

    /** A text without a default (oslo's None). */
    Option.Builder<String> text(String name) {
        return new Option.Builder<>(this, name, OptionType.Text.any(), null);
    }

    Option.Builder<String> text(String name, String defaultValue) {
        return new Option.Builder<>(this, name, OptionType.Text.any(), defaultValue);
    }

    Option.Builder<String> matching(String name, String defaultValue, String regex, String describe) {
        return new Option.Builder<>(this, name, OptionType.Text.matching(regex, describe), defaultValue);
    }

    /** A text of a form, without a default (oslo's None). */
    Option.Builder<String> matchingOrNone(String name, String regex, String describe) {
        return new Option.Builder<>(this, name, OptionType.Text.matching(regex, describe), null);
    }

    Option.Builder<String> address(String name, String defaultValue) {
        return new Option.Builder<>(this, name, new OptionType.Host(false), defaultValue);
    }

    /** A host name that may have underscores, or an address; without a default (oslo's None). */
    Option.Builder<String> hostNameOrNone(String name) {
        return new Option.Builder<>(this, name, new OptionType.Host(true), null);
    }

    Option.Builder<String> choice(String name, String defaultValue, String... choices) {
        return new Option.Builder<>(this, name, OptionType.Text.oneOf(List.of(choices)), defaultValue);
    }

    /** A choice without a default (oslo's None). */
    Option.Builder<String> choiceOrNone(String name, String... choices) {
        return new Option.Builder<>(this, name, OptionType.Text.oneOf(List.of(choices)), null);
    }

    Option.Builder<Integer> integer(String name, int defaultValue) {
        return new Option.Builder<>(this, name, new OptionType.Int(null, null, List.of()), defaultValue);
    }

    Option.Builder<Integer> integer(String name, int defaultValue, int min) {
        return new Option.Builder<>(this, name, new OptionType.Int(min, null, List.of()), defaultValue);
    }

    Option.Builder<Integer> integer(String name, int defaultValue, int min, int max) {
        return new Option.Builder<>(this, name, new OptionType.Int(min, max, List.of()), defaultValue);
    }

    /** An integer without a default (oslo's None). */
    Option.Builder<Integer> integerOrNone(String name, int min) {
        return new Option.Builder<>(this, name, new OptionType.Int(min, null, List.of()), null);
    }

    /** One of a few integers, without a default (oslo's None). */
    Option.Builder<Integer> integerOneOf(String name, Integer... allowed) {
        return new Option.Builder<>(this, name, new OptionType.Int(null, null, List.of(allowed)), null);
    }

    Option.Builder<Double> number(String name, double defaultValue, double min) {
        return new Option.Builder<>(this, name, new OptionType.Float(min, null), defaultValue);
    }

    /** A number without a default (oslo's None). */
    Option.Builder<Double> numberOrNone(String name, double min) {
        return new Option.Builder<>(this, name, new OptionType.Float(min, null), null);
    }

    Option.Builder<Boolean> bool(String name, boolean defaultValue) {
        return new Option.Builder<>(this, name, new OptionType.Bool(), defaultValue);
    }

    Option.Builder<List<String>> list(String name, String... defaultItems) {
        return new Option.Builder<>(this, name, new OptionType.Items(OptionType.Text.any()), List.of(defaultItems));
    }

    /** A list without a default (oslo's None). */
    Option.Builder<List<String>> listOrNone(String name) {
        return new Option.Builder<>(this, name, new OptionType.Items(OptionType.Text.any()), null);
    }

    /** A switch without a default (oslo's None). */
    Option.Builder<Boolean> boolOrNone(String name) {
        return new Option.Builder<>(this, name, new OptionType.Bool(), null);
    }

    /** Pairs, without a default (oslo's None). */
    Option.Builder<Map<String, String>> dict(String name) {
        return new Option.Builder<>(this, name, new OptionType.Dict(), null);
    }

    Option.Builder<List<String>> multi(String name) {
        return new Option.Builder<>(this, name, new OptionType.Multi(), List.of());
    }
}
