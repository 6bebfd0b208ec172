package org.novabridge.bridge.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.OptionRegistry;
import org.novabridge.conf.Resolved;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Provenance;
import org.novabridge.driver.model.ValueOrigin;
import org.novabridge.driver.policy.DiskExplanation;
import org.novabridge.driver.policy.DiskPolicy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code profile}: the {@code [io_profile:NAME]} sections, and which of them a guest would get; changes nothing. */
@Command(
        name = "profile",
        description = "Show the I/O profiles of the configuration, and which one an instance would get.")
@Subcommands({ProfileCommand.Listing.class, ProfileCommand.Show.class, ProfileCommand.Test.class})
final class ProfileCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "which of list, show, test?");
    }

    /** A key that is written in a profile. */
    private record Key(String name, String value, Object plain, String origin) {}

    private static List<Key> keys(ConfigSnapshot profile) {
        List<Key> keys = new ArrayList<>();
        for (org.novabridge.conf.Option<?> option : OptionRegistry.all()) {
            if (option.group().startsWith(IoProfileOptions.PREFIX)) {
                key(keys, profile, option);
            }
        }
        return keys;
    }

    private static <T> void key(List<Key> keys, ConfigSnapshot profile, org.novabridge.conf.Option<T> option) {
        Resolved<T> resolved = profile.resolve(option);
        T value = resolved.value();
        if (resolved.written() && value != null) {
            keys.add(new Key(
                    option.name(),
                    option.type().format(value),
                    value,
                    resolved.origin().describe()));
        }
    }

    @Command(name = "list", description = "Print the profiles with what they set and whether images may choose them.")
    static final class Listing implements Runnable {
        @Mixin
        private final ConfigFiles files = new ConfigFiles();

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            CommandSpec command = Objects.requireNonNull(spec);
            ConfigSnapshot config = Configuration.read(command, files);
            Console console = Console.of(command);
            Table table = new Table("PROFILE", "CHOSEN BY", "SETS");
            List<Map<String, Object>> all = new ArrayList<>();
            config.ioProfiles().forEach((name, profile) -> {
                boolean images = profile.get(IoProfileOptions.ALLOW_IMAGE);
                List<Key> keys = keys(profile).stream()
                        .filter(key -> !key.name().equals(IoProfileOptions.ALLOW_IMAGE.name()))
                        .toList();
                table.row(
                        name,
                        images ? "flavors, images" : "flavors",
                        keys.stream().map(key -> key.name() + "=" + key.value()).collect(Collectors.joining(" ")));
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", name);
                one.put("allow_image", images);
                Map<String, Object> sets = new LinkedHashMap<>();
                keys.forEach(key -> sets.put(key.name(), key.plain()));
                one.put("sets", sets);
                all.add(one);
            });
            console.show(all, table);
            if (all.isEmpty()) {
                console.say("The configuration has no section [" + IoProfileOptions.PREFIX + "NAME].");
            }
        }
    }

    @Command(name = "show", description = "Print each key of a profile with the line where it is written.")
    static final class Show implements Runnable {
        @Mixin
        private final ConfigFiles files = new ConfigFiles();

        @Parameters(paramLabel = "NAME", description = "The profile, as in [io_profile:NAME].")
        private String name = "";

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            CommandSpec command = Objects.requireNonNull(spec);
            ConfigSnapshot config = Configuration.read(command, files);
            ConfigSnapshot profile = config.ioProfile(name.strip().toLowerCase(Locale.ROOT))
                    .orElseThrow(() -> new BridgeException(
                            ErrorCode.INVALID_REQUEST,
                            "there is no profile of that name: " + Table.printable(name),
                            config.ioProfiles().isEmpty()
                                    ? "the configuration has none"
                                    : "there are: "
                                            + String.join(
                                                    ", ", config.ioProfiles().keySet())));
            Table table = new Table("KEY", "VALUE", "ORIGIN");
            List<Map<String, Object>> all = new ArrayList<>();
            for (Key key : keys(profile)) {
                table.row(key.name(), key.value(), key.origin());
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("key", key.name());
                one.put("value", key.plain());
                one.put("origin", key.origin());
                all.add(one);
            }
            Console.of(command).show(all, table);
        }
    }

    @Command(
            name = "test",
            description = {
                "Print which profile an instance would get, why, and what each of its disks gets with it.",
                "Nothing is changed. Exit 3 when a rule refuses what is asked for."
            })
    static final class Test implements Runnable {
        /** What a profile can have a say in. */
        private static final Set<DiskAttribute> TUNED = EnumSet.of(
                DiskAttribute.CACHE,
                DiskAttribute.IO,
                DiskAttribute.DISCARD,
                DiskAttribute.DISCARD_NO_UNREF,
                DiskAttribute.DETECT_ZEROES,
                DiskAttribute.METADATA_CACHE,
                DiskAttribute.ERROR_POLICY,
                DiskAttribute.IOTUNE,
                DiskAttribute.IOTHREAD,
                DiskAttribute.IOTHREAD_CPUS,
                DiskAttribute.QUEUES,
                DiskAttribute.QUEUE_SIZE,
                DiskAttribute.SERIAL,
                DiskAttribute.ROTATION_RATE);

        @Mixin
        private final PlanInputs inputs = new PlanInputs();

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            CommandSpec command = Objects.requireNonNull(spec);
            PlanInputs.Planned planned = inputs.read(command);
            Provenance chosen = DiskPolicy.profile(planned.config(), planned.instance(), planned.facts());
            DiskExplanation disks =
                    DiskExplanation.of(DiskPolicy.plan(planned.config(), planned.instance(), planned.facts()));
            DiskExplanation tuned = new DiskExplanation(disks.lines().stream()
                    .filter(line -> TUNED.contains(line.attribute()))
                    .toList());
            Console console = Console.of(command);
            String origin = chosen.origins().stream().map(ValueOrigin::describe).collect(Collectors.joining(", "));
            console.say("Profile: " + chosen.value() + " (" + origin + "). " + chosen.sentence());
            Table table = new Table("DISK", "ATTRIBUTE", "VALUE", "ORIGIN", "WHY");
            for (DiskExplanation.Line line : tuned.lines()) {
                table.row(line.disk(), line.attribute().key(), line.value(), line.origin(), line.sentence());
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("profile", chosen.value());
            result.put("origin", origin);
            result.put("sentence", chosen.sentence());
            result.put("disks", tuned.toJson());
            console.show(result, table);
        }
    }
}
