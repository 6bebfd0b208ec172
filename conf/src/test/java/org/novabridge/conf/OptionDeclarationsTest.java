package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The three assertions every declaration must pass: its default, a full explicit mapping, and its old names. */
class OptionDeclarationsTest {
    @TempDir
    Path folder;

    private LoadedConfig load(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("all.conf"), text);
        return new ConfigLoader().load(ConfigSource.ofFile(file));
    }

    @Test
    void anEmptyFileGivesEveryDefault() throws IOException {
        ConfigSnapshot snapshot = load("").snapshot();
        for (Option<?> option : OptionRegistry.all()) {
            Resolved<?> resolved = snapshot.resolve(option);
            assertThat(resolved.written()).as(option.display()).isFalse();
            assertThat(resolved.value())
                    .as(option.display())
                    .isEqualTo(ConfigSnapshot.defaults().resolve(option).value());
        }
    }

    @Test
    void everyOptionTakesAnotherValueThanItsDefault() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Option<?> option : OptionRegistry.all()) {
            text.append('[').append(section(option)).append("]\n");
            text.append(option.name()).append(" = ").append(other(option)).append('\n');
        }
        LoadedConfig loaded = load(text.toString());
        ConfigSnapshot profile = loaded.snapshot().ioProfile("x").orElseThrow();
        List<String> asDefault = new ArrayList<>();
        for (Option<?> option : OptionRegistry.all()) {
            ConfigSnapshot snapshot = section(option).startsWith("io_profile") ? profile : loaded.snapshot();
            Resolved<?> resolved = snapshot.resolve(option);
            boolean onlyOne = option.type().choices().size() == 1;
            if (!resolved.written()
                    || (!onlyOne && java.util.Objects.equals(resolved.value(), option.defaultValue()))) {
                asDefault.add(option.display() + " " + other(option));
            }
        }
        assertThat(asDefault).isEmpty();
        assertThat(loaded.problems().warnings())
                .extracting(Problem::sentence)
                .noneMatch(sentence -> sentence.contains("no option"));
    }

    @Test
    void oldNamesMeanTheSame() throws IOException {
        int checked = 0;
        for (Option<?> option : OptionRegistry.all()) {
            for (Option.OldName old : option.oldNames()) {
                checked++;
                LoadedConfig loaded = load("[" + old.group() + "]\n" + old.name() + " = " + other(option) + "\n");
                Resolved<?> resolved = loaded.snapshot().resolve(option);
                assertThat(resolved.written()).as(old.toString()).isTrue();
                assertThat(resolved.value()).as(old.toString()).isNotEqualTo(option.defaultValue());
                assertThat(loaded.problems().warnings())
                        .extracting(Problem::sentence)
                        .contains("is the old name of " + option.display());
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(10);
    }

    @Test
    void everyDeclarationIsComplete() {
        Set<String> seen = new HashSet<>();
        for (Option<?> option : OptionRegistry.all()) {
            assertThat(seen.add(option.display()))
                    .as(option.display() + " once")
                    .isTrue();
            assertThat(option.help()).as(option.display()).isNotBlank().endsWith(".");
            option.notActedOn()
                    .ifPresent(reason -> assertThat(reason).as(option.display()).isNotBlank());
            if (!option.ours() && option.since().isEmpty()) {
                assertThat(KnownNames.ofNova().has(option.group(), option.name()))
                        .as("%s is a name of Nova, or is marked as ours", option.display())
                        .isTrue();
            }
        }
    }

    /** A constant that is no option of the registry would be read by nobody. */
    @Test
    void everyConstantIsInTheRegistry() throws IllegalAccessException {
        int constants = 0;
        for (Class<?> type : List.of(
                DefaultOptions.class,
                LibvirtOptions.class,
                ComputeOptions.class,
                ImageCacheOptions.class,
                EphemeralStorageEncryptionOptions.class,
                WorkaroundsOptions.class,
                VncOptions.class,
                SpiceOptions.class,
                SerialConsoleOptions.class,
                GlanceOptions.class,
                DevicesOptions.class,
                BridgeOptions.class,
                IoProfileOptions.class)) {
            for (java.lang.reflect.Field field : type.getFields()) {
                if (field.getType() == Option.class) {
                    constants++;
                    field.setAccessible(true);
                    Option<?> option = (Option<?>) field.get(null);
                    assertThat(OptionRegistry.all()).as(field.getName()).contains(option);
                    assertThat(field.getName()).isEqualTo(option.name().toUpperCase(java.util.Locale.ROOT));
                }
            }
        }
        assertThat(constants).isEqualTo(OptionRegistry.all().size());
    }

    @Test
    void secretsAreNotQuoted() {
        OptionSection section = new OptionSection("x", "");
        Option<Integer> secret = section.integer("pin", 0).secret().active("");
        Problems.Collector problems = new Problems.Collector();
        new ValueResolution(new OptionSchema(List.of(section)), List.of(), Map.of("OS_X__PIN", "hunter2"), problems)
                .resolve(secret);
        assertThat(problems.done().errors())
                .singleElement()
                .extracting(Problem::oneLine)
                .asString()
                .contains("[x]pin is not an integer")
                .doesNotContain("hunter2");
    }

    private static String section(Option<?> option) {
        return option.group().startsWith("io_profile") ? "io_profile:x" : option.group();
    }

    private static String other(Option<?> option) {
        String current = option.defaultText().orElse("");
        if (!option.type().choices().isEmpty()) {
            return option.type().choices().stream()
                    .filter(choice -> !choice.equals(current) && !choice.isEmpty())
                    .findFirst()
                    .orElse(current);
        }
        if (option.type() instanceof OptionType.Int number) {
            int value = current.isEmpty() ? 0 : Integer.parseInt(current);
            Integer max = number.max();
            Integer min = number.min();
            if (max != null && value + 1 > max) {
                return String.valueOf(value - 1);
            }
            return String.valueOf(min != null && value + 1 < min ? min : value + 1);
        }
        if (option.type() instanceof OptionType.Float) {
            return "7.5";
        }
        if (option.type() instanceof OptionType.Bool) {
            return current.equals("true") ? "no" : "yes";
        }
        if (option.type() instanceof OptionType.Dict) {
            return "k:v";
        }
        // The option that has a form takes the first text of that form.
        return java.util.stream.Stream.of("other", "1:2", "7M", "3")
                .filter(text -> !(option.type() instanceof OptionType.Text form)
                        || form.pattern() == null
                        || form.pattern().matcher(text).find())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no other text for " + option.display()));
    }
}
