package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.DiskCacheModes;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.SourceTypeModes;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.ValueOrigin;

/**
 * The cache mode: a shareable disk has none; else the profile's; else disk_cachemodes for the source type; else none where O_DIRECT works
 * on instances_path and writeback where it does not; volumes have none. A thin volume has none or directsync.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, disk_cachemode and _set_cache_mode; volume/volume.py. The probe is
 * of instances_path even for logical volumes, as in Nova.
 */
public final class CacheModeRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.CACHE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "none for shareable disks; else the cache of the profile; else disk_cachemodes for the source type (file, block, network); else none where O_DIRECT works on instances_path, writeback where not; none for volumes and, without a written mode, for thin logical volumes, which take none and directsync only.",
                List.of("[io_profile:NAME]cache", "[libvirt]disk_cachemodes", "host fact direct_io"),
                "nova/virt/libvirt/driver.py 26.2.2 _set_cache_mode");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        Decision<String> cache = cache(context, draft);
        if (thin(draft)) {
            ThinCacheMode.demand(context.config(), cache);
        }
        draft.decide(this, DiskAttribute.CACHE, cache);
    }

    private static Decision<String> cache(DiskContext context, DiskDraft draft) {
        if (draft.flag(DiskAttribute.SHAREABLE)) {
            return Decision.of(
                    "none",
                    "Several guests share the disk, so no host may cache it.",
                    Origins.connection("multiattach"));
        }
        Decision<String> without = withoutProfile(context, draft);
        return draft.profile().flatMap(profile -> ofProfile(profile, without)).orElse(without);
    }

    private static Optional<Decision<String>> ofProfile(IoProfile profile, Decision<String> without) {
        return profile.says(IoProfileOptions.CACHE).map(cache -> {
            List<ValueOrigin> origins = profile.origins(IoProfileOptions.CACHE);
            if (profile.mayBring(cache, without.get())) {
                return new Decision<>(cache, origins, "The profile " + profile.name() + " sets this mode.");
            }
            List<ValueOrigin> both = new ArrayList<>(without.origins());
            both.addAll(origins);
            return new Decision<>(
                    without.get(),
                    both,
                    "The profile " + profile.name() + " has " + cache + ", which is looser, and an image chose it.");
        });
    }

    private static Decision<String> withoutProfile(DiskContext context, DiskDraft draft) {
        SourceTypeModes modes = DiskCacheModes.parse(context.config().resolve(LibvirtOptions.DISK_CACHEMODES));
        String type = draft.source().type();
        Optional<String> written = modes.forType(type);
        if (written.isPresent()) {
            return Decision.of(
                    written.get(),
                    "disk_cachemodes sets this mode for source type " + type + ".",
                    Origins.option(LibvirtOptions.DISK_CACHEMODES, modes.origin()));
        }
        if (draft.volume()) {
            return Decision.of("none", "Volumes are not cached by the host.", Origins.rule("default of volumes"));
        }
        if (thin(draft)) {
            return Decision.of(
                    "none",
                    "A logical volume takes O_DIRECT, and the page cache would lose writes when the thin pool is full.",
                    Origins.rule("default of thin volumes"));
        }
        boolean direct = context.facts().is(HostFact.DIRECT_IO);
        return Decision.of(
                direct ? "none" : "writeback",
                direct
                        ? "O_DIRECT works on instances_path, and disk_cachemodes has no mode for source type " + type
                                + "."
                        : "O_DIRECT does not work on instances_path, and disk_cachemodes has no mode for source type "
                                + type + ".",
                Origins.fact(context.facts(), HostFact.DIRECT_IO));
    }

    private static boolean thin(DiskDraft draft) {
        return draft.needText(DiskAttribute.BACKEND).startsWith("lvm-thin");
    }
}
