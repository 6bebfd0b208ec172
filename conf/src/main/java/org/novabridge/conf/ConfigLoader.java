package org.novabridge.conf;

import java.util.List;

/** Reads a {@link ConfigSource} into a {@link LoadedConfig}; never throws for what an operator may have written. */
public final class ConfigLoader {
    private final OptionSchema schema;
    private final KnownNames known;

    public ConfigLoader() {
        this(OptionRegistry.schema(), KnownNames.ofNova());
    }

    ConfigLoader(OptionSchema schema, KnownNames known) {
        this.schema = schema;
        this.known = known;
    }

    /** Reads everything anew; call it again with the same source for a reload. */
    public LoadedConfig load(ConfigSource source) {
        Problems.Collector problems = new Problems.Collector();
        List<OsloConfiguration> files = new ConfigFileReader(this::declared, problems).read(source.places());
        new UnknownNames(schema, known, problems).report(files);
        ValueResolution values = new ValueResolution(schema, files, source.environment(), problems);
        ConfigSnapshot.Builder snapshot = ConfigSnapshot.builder();
        for (Option<?> option : schema.options()) {
            if (!option.group().equals(IoProfileOptions.SECTION.group())) {
                set(snapshot, option, values.resolve(option));
            }
        }
        IoProfileSections sections = new IoProfileSections(files, problems);
        sections.report();
        ioProfiles(sections, values, snapshot);
        ConfigSnapshot done = snapshot.build();
        if (schema == OptionRegistry.schema() && !files.isEmpty()) {
            List<Option<?>> options = schema.options().stream()
                    .<Option<?>>map(option -> option)
                    .filter(option -> !option.group().equals(IoProfileOptions.SECTION.group()))
                    .toList();
            new ConfigChecks(done, values, problems, options).run();
        }
        return new LoadedConfig(
                done,
                problems.done(),
                files.stream().map(OsloConfiguration::file).toList());
    }

    @SuppressWarnings("unchecked") // the value was resolved from the same option
    private static <T> void set(ConfigSnapshot.Builder snapshot, Option<T> option, Resolved<?> resolved) {
        snapshot.set(option, (T) resolved.value(), resolved.origin());
    }

    private void ioProfiles(IoProfileSections sections, ValueResolution values, ConfigSnapshot.Builder snapshot) {
        if (schema.names(IoProfileOptions.SECTION.group()).isEmpty()) {
            return;
        }
        for (String section : sections.names()) {
            ConfigSnapshot.Builder profile = ConfigSnapshot.builder();
            for (Option<?> option : IoProfileOptions.SECTION.options()) {
                set(profile, option, values.resolveIn(option, section));
            }
            snapshot.ioProfile(section.substring(IoProfileOptions.PREFIX.length()), profile.build());
        }
    }

    /** Only values of declared options are kept; the rest of a real file is full of passwords. */
    private boolean declared(String section, String key) {
        return schema.find(UnknownNames.schemaGroup(section), key).isPresent()
                || schema.findOld(section, key).isPresent();
    }
}
