package org.novabridge.driver.policy;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ValueOrigin;

/**
 * Which {@code [io_profile:NAME]} holds for a disk: the one that the flavor's extra spec bridge:io_profile names; else
 * the one that the image's property bridge_io_profile names, when the profile has allow_image. Volumes have none: their
 * type says what they are.
 *
 * <p>Source: docs of nova-bridge; Nova knows no profiles. Of a property that it does not know, Nova keeps only the copy
 * in the instance's system_metadata, image_bridge_io_profile.
 */
public final class IoProfileRule implements DiskRule {
    static final String EXTRA_SPEC = "bridge:io_profile";
    static final String PROPERTY = "bridge_io_profile";
    private static final String KEPT_PROPERTY = "image_" + PROPERTY;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.PROFILE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The profile that the flavor names; else the one that the image names, when the profile has allow_image; none for volumes. An unknown profile is refused. An image's profile brings no cache mode that is less safe or uses more of the host's memory, and no higher limit, than would hold without it.",
                List.of(
                        "extra spec " + EXTRA_SPEC,
                        "image property " + PROPERTY,
                        "system_metadata " + KEPT_PROPERTY,
                        "[io_profile:NAME]allow_image"),
                "nova-bridge: [io_profile:NAME] sections");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.PROFILE, profile(context, draft));
    }

    private static Decision<IoProfile> profile(DiskContext context, DiskDraft draft) {
        if (draft.volume()) {
            return Decision.of(null, "Profiles are for the disks that Nova makes.", Origins.rule("volume"));
        }
        return ofGuest(context);
    }

    /** The profile of the guest as a whole, which decides what its volumes share with its other disks. */
    static Decision<IoProfile> ofGuest(DiskContext context) {
        String flavors = context.spec().instance().flavor().extraSpecs().get(EXTRA_SPEC);
        if (flavors != null) {
            ValueOrigin origin = Origins.extraSpec(EXTRA_SPEC);
            return Decision.of(byFlavor(context, flavors, origin), "The flavor chooses the profile.", origin);
        }
        String property = context.spec().imageMeta().properties().get(PROPERTY);
        if (property != null) {
            return byImage(context, property, Origins.imageProperty(PROPERTY));
        }
        String kept = context.spec().instance().systemMetadata().get(KEPT_PROPERTY);
        if (kept != null) {
            return byImage(context, kept, Origins.instance("system_metadata " + KEPT_PROPERTY));
        }
        return Decision.of(null, "Neither flavor nor image names a profile.", Origins.rule("default"));
    }

    private static IoProfile byFlavor(DiskContext context, String name, ValueOrigin origin) {
        ConfigSnapshot settings = find(context, name)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION_RETRY,
                        "the extra spec " + EXTRA_SPEC + " names the profile '" + Quoted.text(name)
                                + "', and the configuration has no section [" + IoProfileOptions.PREFIX
                                + Quoted.text(normal(name)) + "]",
                        remedy(context)));
        return new IoProfile(normal(name), settings, origin, false);
    }

    private static Decision<IoProfile> byImage(DiskContext context, String name, ValueOrigin origin) {
        @Nullable ConfigSnapshot settings = find(context, name).orElse(null);
        if (settings == null || !settings.get(IoProfileOptions.ALLOW_IMAGE)) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "the image property " + PROPERTY + " names '" + Quoted.text(name)
                            + "', which is no profile that images may choose",
                    "correct the property of the image; the operator allows a profile with allow_image = true in"
                            + " its section [" + IoProfileOptions.PREFIX + "NAME]");
        }
        return Decision.of(
                new IoProfile(normal(name), settings, origin, true),
                "The image chooses the profile, and the profile allows that.",
                origin);
    }

    private static Optional<ConfigSnapshot> find(DiskContext context, String name) {
        return context.config().ioProfile(normal(name));
    }

    /** Names of sections are compared in small letters. */
    private static String normal(String name) {
        return name.strip().toLowerCase(Locale.ROOT);
    }

    private static String remedy(DiskContext context) {
        Set<String> names = context.config().ioProfiles().keySet();
        return names.isEmpty()
                ? "add the section, or take the extra spec out of the flavor"
                : "add the section, or name one of: " + String.join(", ", names);
    }
}
