package org.novabridge.conf;

import static org.novabridge.conf.Problem.Severity.ERROR;
import static org.novabridge.conf.Problem.Severity.WARNING;

import java.util.Map;
import java.util.Optional;

/**
 * What a profile asks for that QEMU refuses or that does harm: by itself, and beside what {@code [libvirt]} has where the
 * profile says nothing. Profiles are for the disks that Nova makes, so what counts there is the source type that
 * images_type gives these.
 */
final class IoProfileChecks {
    private final ConfigSnapshot conf;
    private final Problems.Collector problems;

    IoProfileChecks(ConfigSnapshot conf, Problems.Collector problems) {
        this.conf = conf;
        this.problems = problems;
    }

    void run() {
        conf.ioProfiles().forEach(this::profile);
    }

    private void profile(String name, ConfigSnapshot profile) {
        String section = "[" + IoProfileOptions.PREFIX + name + "]";
        limits(section, profile);
        ioBesideCache(section, profile);
        uringOnThickVolumes(section, profile);
        cacheOnThin(section, profile);
        mappingWithoutQueues(section, profile);
        zeroes(section, profile);
    }

    private void limits(String section, ConfigSnapshot profile) {
        Resolved<Map<String, String>> limits = profile.resolve(IoProfileOptions.IOTUNE);
        limits.optional()
                .ifPresent(written -> IoLimits.faults(written)
                        .forEach(fault -> problems.add(
                                ERROR, limits.origin(), section + "iotune", fault.sentence(), fault.hint())));
    }

    /** QEMU refuses io=native on a disk that is not opened with O_DIRECT (Red Hat bug 1086704). */
    private void ioBesideCache(String section, ConfigSnapshot profile) {
        Resolved<String> io = profile.resolve(IoProfileOptions.IO);
        Resolved<String> cache = profile.resolve(IoProfileOptions.CACHE);
        if ("native".equals(io.value()) && cache.value() == null) {
            nativeBesideModes(section, io);
        } else if ("native".equals(io.value())
                && !DiskCacheModes.isDirect(cache.optional().orElse(""))) {
            problems.add(
                    ERROR,
                    io.origin(),
                    section + "io",
                    "asks for native, but " + section + "cache ("
                            + cache.origin().describe() + ") is " + cache.value()
                            + ", with which QEMU refuses native io",
                    "write cache = none or cache = directsync, or io = threads");
        } else if (io.value() == null && cache.value() != null && !DiskCacheModes.isDirect(cache.value())) {
            cacheBesideModes(section, cache, cache.value());
        }
    }

    private void nativeBesideModes(String section, Resolved<String> io) {
        SourceTypeModes modes = DiskCacheModes.parse(conf.resolve(LibvirtOptions.DISK_CACHEMODES));
        String type = sourceType();
        cached(modes, type)
                .ifPresent(mode -> problems.add(
                        ERROR,
                        io.origin(),
                        section + "io",
                        "asks for native, but " + LibvirtOptions.DISK_CACHEMODES.display() + " ("
                                + modes.origin().describe() + ") sets " + type + "=" + mode
                                + ", with which QEMU refuses native io, and the profile has no cache mode of its own",
                        "write cache = none or cache = directsync in the profile, or io = threads"));
        if (type.equals("block")) {
            cached(modes, "file")
                    .ifPresent(mode -> problems.add(
                            WARNING,
                            io.origin(),
                            section + "io",
                            "asks for native, which disks in files do not get: "
                                    + LibvirtOptions.DISK_CACHEMODES.display() + " ("
                                    + modes.origin().describe() + ") sets file=" + mode
                                    + " for them. With images_type = lvm these are config drives, and the disks of"
                                    + " guests that another images_type made",
                            "write file=none there, or leave it so"));
        }
    }

    private void cacheBesideModes(String section, Resolved<String> cache, String mode) {
        SourceTypeModes modes = DiskIoModes.parse(conf.resolve(LibvirtOptions.DISK_IO_MODES));
        String type = sourceType();
        if ("native".equals(modes.byType().get(type))) {
            problems.add(
                    ERROR,
                    cache.origin(),
                    section + "cache",
                    "= " + mode + ", but " + LibvirtOptions.DISK_IO_MODES.display() + " ("
                            + modes.origin().describe() + ") asks for " + type
                            + "=native, which QEMU refuses with it, and the profile has no io of its own",
                    "write io = threads or io = auto in the profile, or cache = none");
        }
    }

    private static Optional<String> cached(SourceTypeModes modes, String type) {
        return modes.forType(type).filter(mode -> !DiskCacheModes.isDirect(mode));
    }

    /** Of the disks that Nova makes with this configuration, config drives apart. */
    private String sourceType() {
        return switch (conf.get(LibvirtOptions.IMAGES_TYPE)) {
            case "lvm" -> "block";
            case "rbd" -> "network";
            default -> "file";
        };
    }

    private void uringOnThickVolumes(String section, ConfigSnapshot profile) {
        Resolved<String> io = profile.resolve(IoProfileOptions.IO);
        if ("io_uring".equals(io.value()) && DiskTuningChecks.thickVolumes(conf)) {
            problems.add(
                    WARNING,
                    io.origin(),
                    section + "io",
                    "asks for io_uring, and " + LibvirtOptions.IMAGES_TYPE.display() + " ("
                            + describe(LibvirtOptions.IMAGES_TYPE)
                            + ") is lvm with thick volumes, on which guests have hung with it",
                    "write io = native, unless you have tried it with your kernel");
        }
    }

    /** Only a warning: one file may serve hosts of several kinds, and a guest of files may have such a profile here too. */
    private void cacheOnThin(String section, ConfigSnapshot profile) {
        Resolved<String> cache = profile.resolve(IoProfileOptions.CACHE);
        if (cache.value() != null && !DiskCacheModes.isDirect(cache.value()) && DiskTuningChecks.safeThin(conf)) {
            problems.add(
                    WARNING,
                    cache.origin(),
                    section + "cache",
                    "= " + cache.value() + ", but " + LibvirtOptions.IMAGES_LVM_TYPE.display() + " ("
                            + describe(LibvirtOptions.IMAGES_LVM_TYPE)
                            + ") is thin: a full pool loses what the page cache has acknowledged, and each guest with"
                            + " this profile is refused here",
                    "write cache = none or cache = directsync, or accept it with images_lvm_allow_cached_thin = true");
        }
    }

    private void mappingWithoutQueues(String section, ConfigSnapshot profile) {
        Resolved<Boolean> mapping = profile.resolve(IoProfileOptions.IOTHREAD_MAPPING);
        if (Boolean.TRUE.equals(mapping.value())
                && profile.find(IoProfileOptions.QUEUES).isEmpty()
                && conf.find(LibvirtOptions.DISK_QUEUES).isEmpty()) {
            problems.add(
                    WARNING,
                    mapping.origin(),
                    section + "iothread_mapping",
                    "has no effect, since neither the profile nor " + LibvirtOptions.DISK_QUEUES.display()
                            + " says how many queues a disk has",
                    "write queues = auto in the profile");
        }
    }

    private void zeroes(String section, ConfigSnapshot profile) {
        Resolved<String> zeroes = profile.resolve(IoProfileOptions.DETECT_ZEROES);
        Resolved<String> own = profile.resolve(IoProfileOptions.DISCARD);
        Resolved<String> discard = own.written() ? own : conf.resolve(LibvirtOptions.HW_DISK_DISCARD);
        if ("unmap".equals(zeroes.value()) && !DiskTuningChecks.discards(discard)) {
            problems.add(
                    ERROR,
                    zeroes.origin(),
                    section + "detect_zeroes",
                    "= unmap gives space back by discarding, and "
                            + (own.written() ? section + "discard" : LibvirtOptions.HW_DISK_DISCARD.display()) + " ("
                            + discard.origin().describe() + ") does not allow that: QEMU refuses it",
                    "write discard = unmap in the profile, or detect_zeroes = on");
        }
    }

    private String describe(Option<?> option) {
        return conf.resolve(option).origin().describe();
    }
}
