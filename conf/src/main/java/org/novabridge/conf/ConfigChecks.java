package org.novabridge.conf;

import static org.novabridge.conf.Problem.Severity.ERROR;
import static org.novabridge.conf.Problem.Severity.NOTE;
import static org.novabridge.conf.Problem.Severity.WARNING;

import java.util.List;
import java.util.TreeSet;

/** What no single option can tell: combinations that Nova, QEMU or the bridge refuse, and what is not acted on. */
final class ConfigChecks {
    private final ConfigSnapshot conf;
    private final ValueResolution values;
    private final Problems.Collector problems;
    private final List<Option<?>> options;

    ConfigChecks(ConfigSnapshot conf, ValueResolution values, Problems.Collector problems, List<Option<?>> options) {
        this.conf = conf;
        this.values = values;
        this.problems = problems;
        this.options = options;
    }

    void run() {
        notActedOn();
        deprecated();
        cacheModes();
        ioModes();
        ioBesideCache();
        cacheOnThin();
        poolGrowth();
        new DiskTuningChecks(conf, problems).run();
        new IoProfileChecks(conf, problems).run();
        imagesType();
        virtType();
        processor();
        fileBackedMemory();
        diskLimit();
        statePath();
        hugePages();
    }

    private void hugePages() {
        HugePages.faults(conf.get(BridgeOptions.HOST_HUGE_PAGES))
                .forEach(fault -> report(ERROR, BridgeOptions.HOST_HUGE_PAGES, fault.sentence(), fault.hint()));
    }

    private void notActedOn() {
        for (Option<?> option : options) {
            Resolved<?> resolved = conf.resolve(option);
            if (resolved.written() && option.notActedOn().isPresent()) {
                report(
                        NOTE,
                        option,
                        "is read, but not acted on: " + option.notActedOn().get(),
                        "");
            }
        }
        conf.ioProfiles().forEach((name, profile) -> {
            for (Option<?> option : IoProfileOptions.SECTION.options()) {
                if (profile.resolve(option).written() && option.notActedOn().isPresent()) {
                    problems.add(
                            NOTE,
                            profile.resolve(option).origin(),
                            "[" + IoProfileOptions.PREFIX + name + "]" + option.name(),
                            "is read, but not acted on: " + option.notActedOn().get(),
                            "");
                }
            }
        });
    }

    private void deprecated() {
        for (Option<?> option : options) {
            if (option.deprecated() && conf.resolve(option).written()) {
                report(NOTE, option, "is deprecated in Nova", "");
            }
        }
    }

    private void cacheModes() {
        SourceTypeModes modes = DiskCacheModes.parse(conf.resolve(LibvirtOptions.DISK_CACHEMODES));
        for (SourceTypeModes.Rejected item : modes.rejected()) {
            report(
                    WARNING,
                    LibvirtOptions.DISK_CACHEMODES,
                    "has the invalid cache mode " + Quoted.word(item.mode()) + " for " + Quoted.word(item.type())
                            + "; the item is skipped, as in Nova",
                    meant(item.mode(), DiskCacheModes.VALID, "disk_cachemodes"));
        }
        sourceTypes(LibvirtOptions.DISK_CACHEMODES, modes);
    }

    private void ioModes() {
        SourceTypeModes modes = DiskIoModes.parse(conf.resolve(LibvirtOptions.DISK_IO_MODES));
        for (SourceTypeModes.Rejected item : modes.rejected()) {
            report(
                    ERROR,
                    LibvirtOptions.DISK_IO_MODES,
                    "has the invalid io mode " + Quoted.word(item.mode()) + " for " + Quoted.word(item.type()),
                    meant(item.mode(), DiskIoModes.VALID, "disk_io_modes"));
        }
        sourceTypes(LibvirtOptions.DISK_IO_MODES, modes);
    }

    private static String meant(String mode, java.util.Set<String> valid, String option) {
        if (mode.isEmpty()) {
            return "write <source type>=<mode>, as " + option + " = file=" + new TreeSet<>(valid).first();
        }
        return EditDistance.nearest(mode, valid)
                .map(near -> "did you mean " + near + "?")
                .orElse("valid modes: " + String.join(", ", new TreeSet<>(valid)));
    }

    private void sourceTypes(Option<List<String>> option, SourceTypeModes modes) {
        for (String type : modes.byType().keySet()) {
            if (!SourceTypeModes.SOURCE_TYPES.contains(type)) {
                report(
                        WARNING,
                        option,
                        "names the source type " + Quoted.word(type) + ", which no disk has",
                        EditDistance.nearest(type, SourceTypeModes.SOURCE_TYPES)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("source types: file, block, network, mount"));
            }
        }
    }

    /** QEMU refuses io=native on a disk that is not opened with O_DIRECT (Red Hat bug 1086704). */
    private void ioBesideCache() {
        SourceTypeModes cache = DiskCacheModes.parse(conf.resolve(LibvirtOptions.DISK_CACHEMODES));
        SourceTypeModes io = DiskIoModes.parse(conf.resolve(LibvirtOptions.DISK_IO_MODES));
        io.byType().forEach((type, mode) -> {
            String cacheMode = cache.byType().get(type);
            if (mode.equals("native") && cacheMode != null && !DiskCacheModes.isDirect(cacheMode)) {
                report(
                        ERROR,
                        LibvirtOptions.DISK_IO_MODES,
                        "asks for " + type + "=native, but " + LibvirtOptions.DISK_CACHEMODES.display() + " ("
                                + cache.origin().describe() + ") sets " + type + "=" + cacheMode
                                + ", with which QEMU refuses native io",
                        "write " + type + "=none or " + type + "=directsync there, or " + type + "=threads here");
            }
        });
    }

    /** A full pool loses what the page cache has acknowledged (dm-thin; seen on Linux 6.1). */
    private void cacheOnThin() {
        SourceTypeModes cache = DiskCacheModes.parse(conf.resolve(LibvirtOptions.DISK_CACHEMODES));
        String mode = cache.byType().get("block");
        if (mode != null && !DiskCacheModes.isDirect(mode) && DiskTuningChecks.safeThin(conf)) {
            report(
                    ERROR,
                    LibvirtOptions.DISK_CACHEMODES,
                    "sets block=" + mode + ", but " + LibvirtOptions.IMAGES_LVM_TYPE.display() + " ("
                            + describe(LibvirtOptions.IMAGES_LVM_TYPE)
                            + ") is thin: a full pool loses what the page cache has acknowledged",
                    "write block=none or block=directsync, or accept it with images_lvm_allow_cached_thin = true");
        }
    }

    private void poolGrowth() {
        if (conf.get(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD) < 100) {
            return;
        }
        String never = LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD.display() + " ("
                + describe(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD) + ") is 100: the thin pool is never grown";
        if (conf.resolve(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT).written()) {
            report(
                    WARNING,
                    LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT,
                    "has no effect, since " + never,
                    "write images_lvm_autoextend_threshold = 70");
        }
        if (conf.find(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO)
                .filter(ratio -> ratio > 1)
                .isPresent()) {
            report(
                    WARNING,
                    LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO,
                    "promises guests more than the thin pool has, and " + never,
                    "write images_lvm_autoextend_threshold = 70 and leave room in the volume group, or watch the pool");
        }
    }

    private void imagesType() {
        String type = conf.get(LibvirtOptions.IMAGES_TYPE);
        switch (type) {
            case "lvm" -> {
                boolean group = conf.find(LibvirtOptions.IMAGES_VOLUME_GROUP)
                        .filter(name -> !name.isEmpty())
                        .isPresent();
                if (!group && !values.isBad(LibvirtOptions.IMAGES_VOLUME_GROUP)) {
                    report(
                            ERROR,
                            LibvirtOptions.IMAGES_TYPE,
                            "= lvm needs [libvirt]images_volume_group, which is not set",
                            "write images_volume_group = <name> in [libvirt]");
                }
            }
            case "rbd" -> {
                if (!conf.get(DefaultOptions.FORCE_RAW_IMAGES)) {
                    report(
                            ERROR,
                            DefaultOptions.FORCE_RAW_IMAGES,
                            "= false cannot go with [libvirt]images_type = rbd (" + describe(LibvirtOptions.IMAGES_TYPE)
                                    + "): rbd holds raw images only",
                            "write force_raw_images = true");
                }
                report(
                        WARNING,
                        LibvirtOptions.IMAGES_TYPE,
                        "= rbd is rendered and explained only; serve refuses to start with it",
                        "use qcow2, raw or lvm to run guests");
            }
            case "ploop" ->
                report(
                        ERROR,
                        LibvirtOptions.IMAGES_TYPE,
                        "= ploop (Virtuozzo) is not built in the bridge",
                        "use qcow2, raw or lvm");
            default -> {
                // files: nothing to go with
            }
        }
        if (conf.get(EphemeralStorageEncryptionOptions.ENABLED)) {
            encryption(type);
        }
    }

    private void encryption(String type) {
        if (!type.equals("lvm")) {
            report(
                    ERROR,
                    EphemeralStorageEncryptionOptions.ENABLED,
                    "= true works with [libvirt]images_type = lvm only, and images_type is " + type + " ("
                            + describe(LibvirtOptions.IMAGES_TYPE) + ")",
                    "write enabled = false");
        }
        int bits = conf.get(EphemeralStorageEncryptionOptions.KEY_SIZE);
        if (bits % 8 != 0) {
            report(
                    ERROR,
                    EphemeralStorageEncryptionOptions.KEY_SIZE,
                    "= " + bits + " is no whole number of bytes, which cryptsetup refuses",
                    "write key_size = 512, which is AES-256 with the cipher aes-xts-plain64");
        }
    }

    private void virtType() {
        String type = conf.get(LibvirtOptions.VIRT_TYPE);
        if (type.equals("lxc") || type.equals("parallels")) {
            report(ERROR, LibvirtOptions.VIRT_TYPE, "= " + type + " is not built in the bridge", "use kvm or qemu");
        }
    }

    /** Nova refuses both at start (LibvirtDriver._check_cpu_compatibility, Zed). */
    private void processor() {
        String mode = conf.find(LibvirtOptions.CPU_MODE).orElse("");
        List<String> models = conf.get(LibvirtOptions.CPU_MODELS);
        if (mode.equals("custom") && models.isEmpty()) {
            report(
                    ERROR,
                    LibvirtOptions.CPU_MODE,
                    "= custom needs [libvirt]cpu_models, which is empty",
                    "write cpu_models = <model>");
        }
        if (!mode.equals("custom") && !models.isEmpty()) {
            report(
                    ERROR,
                    LibvirtOptions.CPU_MODELS,
                    "only goes with [libvirt]cpu_mode = custom",
                    "remove it, or write cpu_mode = custom");
        }
    }

    /** Nova refuses at start (LibvirtDriver._check_file_backed_memory_support, Zed). */
    private void fileBackedMemory() {
        int size = conf.get(LibvirtOptions.FILE_BACKED_MEMORY);
        if (size == 0) {
            return;
        }
        if (!conf.find(DefaultOptions.RAM_ALLOCATION_RATIO)
                .filter(ratio -> ratio == 1.0)
                .isPresent()) {
            report(
                    ERROR,
                    LibvirtOptions.FILE_BACKED_MEMORY,
                    "needs [DEFAULT]ram_allocation_ratio = 1.0 (" + describe(DefaultOptions.RAM_ALLOCATION_RATIO)
                            + "): memory in files cannot be overcommitted",
                    "write ram_allocation_ratio = 1.0 in [DEFAULT]");
        }
        if (conf.get(DefaultOptions.RESERVED_HOST_MEMORY_MB) >= size) {
            report(
                    ERROR,
                    LibvirtOptions.FILE_BACKED_MEMORY,
                    "= " + size + " must be more than [DEFAULT]reserved_host_memory_mb = "
                            + conf.get(DefaultOptions.RESERVED_HOST_MEMORY_MB) + " ("
                            + describe(DefaultOptions.RESERVED_HOST_MEMORY_MB) + ")",
                    "write reserved_host_memory_mb = 0");
        }
    }

    private void diskLimit() {
        if (conf.get(ComputeOptions.MAX_DISK_DEVICES_TO_ATTACH) == 0) {
            report(
                    ERROR,
                    ComputeOptions.MAX_DISK_DEVICES_TO_ATTACH,
                    "= 0 would leave guests without any disk; Nova refuses to start with it",
                    "write -1 for no limit, or 1 or more");
        }
    }

    private void statePath() {
        boolean anyWritten = conf.resolve(DefaultOptions.STATE_PATH).written()
                || conf.resolve(DefaultOptions.INSTANCES_PATH).written();
        if (!anyWritten) {
            problems.add(
                    WARNING,
                    new Origin.Default(),
                    DefaultOptions.STATE_PATH.display(),
                    "is not set: guests would lie below " + conf.get(DefaultOptions.STATE_PATH)
                            + ", where Nova's Python code is",
                    "write state_path = /var/lib/nova in [DEFAULT]");
        }
    }

    private String describe(Option<?> option) {
        return conf.resolve(option).origin().describe();
    }

    private void report(Problem.Severity severity, Option<?> option, String sentence, String hint) {
        problems.add(severity, conf.resolve(option).origin(), option.display(), sentence, hint);
    }
}
