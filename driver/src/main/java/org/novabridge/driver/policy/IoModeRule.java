package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.DiskCacheModes;
import org.novabridge.conf.DiskIoModes;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.SourceTypeModes;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.ValueOrigin;

/**
 * How QEMU submits I/O. disk_io_modes for the source type when it is written; else Nova's rule: native for
 * preallocated files, for logical volumes that are not sparse and for connected block and NFS volumes, nothing for the
 * rest. native needs O_DIRECT: with another cache mode it becomes threads.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2 (driver_io), driver.py _set_cache_mode (bug 1841363); QEMU
 * refuses aio=native without cache.direct=on, and native waits in submission where blocks must be allocated first.
 * io_uring has hung guests on thick logical volumes (Linux 5.4, 6.1), so auto does not choose it there.
 */
public final class IoModeRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.IO);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "the io of the profile; else disk_io_modes for the source type; else native for preallocated files, for lvm that is not sparse, and for iSCSI, FC and NFS volumes; native becomes threads where the cache mode is not O_DIRECT. auto is native with O_DIRECT on allocated blocks, else io_uring where QEMU starts with it and the disk is no thick logical volume, else threads. A written io_uring is refused where QEMU does not start with it.",
                List.of(
                        "[io_profile:NAME]io",
                        "[libvirt]disk_io_modes",
                        "[DEFAULT]preallocate_images",
                        "[libvirt]sparse_logical_volumes",
                        "attribute cache",
                        "host fact io_uring"),
                "nova/virt/libvirt/imagebackend.py 26.2.2; driver.py _set_cache_mode; QEMU aio");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.IO, compatible(draft, mode(context, draft)));
    }

    private static Decision<String> mode(DiskContext context, DiskDraft draft) {
        Optional<IoProfile> profile = draft.profile();
        Optional<String> profiles = profile.flatMap(chosen -> chosen.says(IoProfileOptions.IO));
        if (profile.isPresent() && profiles.isPresent()) {
            return written(
                    context,
                    draft,
                    profiles.get(),
                    profile.get().origins(IoProfileOptions.IO),
                    "The profile " + profile.get().name() + " sets this mode.");
        }
        SourceTypeModes modes = DiskIoModes.parse(context.config().resolve(LibvirtOptions.DISK_IO_MODES));
        String type = draft.source().type();
        Optional<String> written = modes.forType(type);
        if (written.isEmpty()) {
            return nova(context, draft);
        }
        return written(
                context,
                draft,
                written.get(),
                List.of(Origins.option(LibvirtOptions.DISK_IO_MODES, modes.origin())),
                "disk_io_modes sets this mode for source type " + type + ".");
    }

    private static Decision<String> written(
            DiskContext context, DiskDraft draft, String mode, List<ValueOrigin> origins, String sentence) {
        return switch (mode) {
            case "auto" -> auto(context, draft, origins);
            case "default" -> new Decision<>(null, origins, sentence + " QEMU's default stands.");
            case "io_uring" -> {
                Decision<String> written = new Decision<>(mode, origins, sentence);
                // Not known is not no: a QEMU that could not be tried now may well run the guest, and says so if not.
                if (context.facts().has(HostFact.IO_URING) && !context.facts().is(HostFact.IO_URING)) {
                    throw Written.refused(
                            written,
                            "and QEMU of this host does not work with io_uring",
                            "write auto or threads; io_uring needs Linux 5.13, kernel.io_uring_disabled = 0 and a QEMU"
                                    + " built with it");
                }
                yield written;
            }
            default -> new Decision<>(mode, origins, sentence);
        };
    }

    /** native where nothing waits in submission; else io_uring where this host has it and it has hung nobody. */
    private static Decision<String> auto(DiskContext context, DiskDraft draft, List<ValueOrigin> origins) {
        Decision<String> auto = new Decision<>("auto", origins, "auto.");
        if (draft.source().type().equals("network")) {
            return Written.resolved(
                    auto, null, "auto: a network disk has no io mode.", Origins.rule("source type network"));
        }
        if (DiskCacheModes.isDirect(cache(draft)) && allocated(context, draft)) {
            return Written.resolved(auto, "native", "auto: O_DIRECT on allocated blocks does not block in submission.");
        }
        String why = "auto: native would block on unallocated blocks or without O_DIRECT";
        String backend = draft.needText(DiskAttribute.BACKEND);
        if (backend.equals("lvm") || backend.equals("lvm-crypt")) {
            return Written.resolved(
                    auto,
                    "threads",
                    why + ", and io_uring has hung guests on thick logical volumes.",
                    Origins.rule("backend " + backend));
        }
        boolean uring =
                context.facts().has(HostFact.IO_URING) && context.facts().is(HostFact.IO_URING);
        return Written.resolved(
                auto,
                uring ? "io_uring" : "threads",
                why
                        + (uring
                                ? "; io_uring does not, and QEMU starts with it."
                                : ", and io_uring is not known to work."),
                Origins.fact(context.facts(), HostFact.IO_URING));
    }

    private static boolean allocated(DiskContext context, DiskDraft draft) {
        return switch (draft.needText(DiskAttribute.BACKEND)) {
            case "lvm", "lvm-crypt" -> !context.config().get(LibvirtOptions.SPARSE_LOGICAL_VOLUMES);
            // dm-thin gives space to a write behind its submission.
            case "lvm-thin", "lvm-thin-crypt" -> true;
            case "volume" -> draft.source().type().equals("block");
            default -> preallocated(context);
        };
    }

    private static Decision<String> nova(DiskContext context, DiskDraft draft) {
        return switch (draft.needText(DiskAttribute.BACKEND)) {
            case "volume" -> VolumeKind.of(draft.connectedVolume()).io();
            case "raw", "qcow2" ->
                preallocated(context)
                        ? Decision.of(
                                "native",
                                "The file is preallocated.",
                                Origins.option(context.config(), DefaultOptions.PREALLOCATE_IMAGES))
                        : Decision.of(
                                null,
                                "The file is not preallocated, so QEMU's default stands.",
                                Origins.option(context.config(), DefaultOptions.PREALLOCATE_IMAGES));
            case "lvm", "lvm-crypt" ->
                context.config().get(LibvirtOptions.SPARSE_LOGICAL_VOLUMES)
                        ? Decision.of(
                                null,
                                "The logical volume is sparse, so QEMU's default stands.",
                                Origins.option(context.config(), LibvirtOptions.SPARSE_LOGICAL_VOLUMES))
                        : Decision.of(
                                "native",
                                "The logical volume is fully allocated.",
                                Origins.option(context.config(), LibvirtOptions.SPARSE_LOGICAL_VOLUMES));
            case "lvm-thin", "lvm-thin-crypt" ->
                Decision.of(
                        "native",
                        "dm-thin gives space to a write behind its submission, so native does not block there.",
                        Origins.option(context.config(), LibvirtOptions.IMAGES_LVM_TYPE));
            default -> Decision.of(null, "Nova sets no io mode for network disks.", Origins.rule("default"));
        };
    }

    private static Decision<String> compatible(DiskDraft draft, Decision<String> mode) {
        String cache = cache(draft);
        if (!"native".equals(mode.value()) || DiskCacheModes.isDirect(cache)) {
            return mode;
        }
        List<ValueOrigin> origins = new ArrayList<>(mode.origins());
        origins.add(Origins.rule("cache=" + cache));
        return new Decision<>(
                "threads",
                origins,
                "native was asked for, but QEMU refuses it with cache=" + cache + ", which does not use O_DIRECT.");
    }

    private static String cache(DiskDraft draft) {
        return draft.needText(DiskAttribute.CACHE);
    }

    private static boolean preallocated(DiskContext context) {
        return context.config().get(DefaultOptions.PREALLOCATE_IMAGES).equals("space");
    }
}
