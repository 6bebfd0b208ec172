package org.novabridge.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All options, each once: drives reading, checks, the sample file and the reference page. */
public final class OptionRegistry {
    private static final OptionSchema SCHEMA = new OptionSchema(sections());

    private OptionRegistry() {}

    private static List<OptionSection> sections() {
        List<OptionSection> sections = new ArrayList<>();
        sections.add(DefaultOptions.SECTION);
        sections.addAll(LibvirtOptions.SECTIONS);
        sections.addAll(List.of(
                ComputeOptions.SECTION,
                ImageCacheOptions.SECTION,
                EphemeralStorageEncryptionOptions.SECTION,
                WorkaroundsOptions.SECTION,
                VncOptions.SECTION,
                SpiceOptions.SECTION,
                SerialConsoleOptions.SECTION,
                GlanceOptions.SECTION,
                DevicesOptions.SECTION,
                BridgeOptions.SECTION,
                IoProfileOptions.SECTION));
        return sections;
    }

    /** Every option, in the order of the sample file. */
    public static List<Option<?>> all() {
        return SCHEMA.options();
    }

    /** The option with this current name. */
    public static Optional<Option<?>> find(String group, String name) {
        return SCHEMA.find(group, name);
    }

    static OptionSchema schema() {
        return SCHEMA;
    }
}
