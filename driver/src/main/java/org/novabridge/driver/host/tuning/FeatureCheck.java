package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DiskIoModes;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.Option;
import org.novabridge.driver.model.DiskFeature;
import org.novabridge.driver.model.HostFact;

/**
 * Whether kernel, libvirt and QEMU are new enough for what the configuration asks for. The rules of these options refuse
 * the guest; here it is said before there is one.
 */
final class FeatureCheck implements TuningCheck {
    /** What an option needs at least, as major * 1,000,000 + minor * 1,000 + release; 0 for any. */
    private record Feature(Option<?> option, Option<?> ofProfile, DiskFeature since) {}

    private static final String NAME = "versions";
    private static final String SOURCE =
            "libvirt formatdomain (driver attributes); Linux Documentation/admin-guide/sysctl/kernel.rst";
    private static final String DISABLED = "/proc/sys/kernel/io_uring_disabled";
    private static final List<Feature> FEATURES = List.of(
            new Feature(
                    LibvirtOptions.DISK_IOTHREAD_MAPPING,
                    IoProfileOptions.IOTHREAD_MAPPING,
                    DiskFeature.IOTHREAD_MAPPING),
            new Feature(LibvirtOptions.DISK_ROTATION_RATE, IoProfileOptions.ROTATION_RATE, DiskFeature.ROTATION_RATE),
            new Feature(LibvirtOptions.DISK_QUEUE_SIZE, IoProfileOptions.QUEUE_SIZE, DiskFeature.QUEUE_SIZE),
            new Feature(
                    LibvirtOptions.DISK_DISCARD_NO_UNREF,
                    IoProfileOptions.DISCARD_NO_UNREF,
                    DiskFeature.DISCARD_NO_UNREF),
            new Feature(
                    LibvirtOptions.DISK_METADATA_CACHE, IoProfileOptions.METADATA_CACHE, DiskFeature.METADATA_CACHE));

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        for (Feature feature : FEATURES) {
            List<String> asking = asking(host.config(), feature);
            if (!asking.isEmpty()) {
                String what = String.join(", ", asking);
                Optional<String> nobody = FeatureReach.none(feature.since(), host.config());
                if (nobody.isPresent()) {
                    findings.add(Finding.about(NAME, what, SOURCE)
                            .found("no effect here")
                            .wanted("a disk that can take it")
                            .why(nobody.get())
                            .as(Severity.NOTE));
                    continue;
                }
                atLeast(
                        host,
                        what,
                        HostFact.LIBVIRT_VERSION,
                        "libvirt",
                        feature.since().libvirt(),
                        findings);
                atLeast(
                        host,
                        what,
                        HostFact.QEMU_VERSION,
                        "QEMU",
                        feature.since().qemu(),
                        findings);
            }
        }
        List<String> rings = rings(host.config());
        if (!rings.isEmpty()) {
            String what = "io_uring (" + String.join(", ", rings) + ")";
            atLeast(host, what, HostFact.LIBVIRT_VERSION, "libvirt", 6_003_000, findings);
            findings.add(started(host, what));
            findings.add(kernel(host, what));
            disabled(host, what).ifPresent(findings::add);
        }
        if (findings.isEmpty()) {
            findings.add(Finding.about(NAME, "configured features", SOURCE)
                    .found("kernel "
                            + host.kernel().map(KernelVersion::toString).orElse("unknown") + ", libvirt "
                            + version(host, HostFact.LIBVIRT_VERSION) + ", QEMU "
                            + version(host, HostFact.QEMU_VERSION))
                    .wanted("any")
                    .why("Nothing is configured that needs a version of its own.")
                    .as(Severity.OK));
        }
        return findings;
    }

    private static List<String> asking(ConfigSnapshot config, Feature feature) {
        List<String> asking = new ArrayList<>();
        if (config.find(feature.option()).filter(FeatureCheck::asks).isPresent()) {
            asking.add(feature.option().display());
        }
        config.ioProfiles().forEach((name, profile) -> {
            if (profile.find(feature.ofProfile()).filter(FeatureCheck::asks).isPresent()) {
                asking.add(feature.ofProfile().name() + " of profile " + name);
            }
        });
        return asking;
    }

    private static boolean asks(Object value) {
        return !Boolean.FALSE.equals(value);
    }

    /** Who asks for io_uring by name; auto takes it only where it works. */
    private static List<String> rings(ConfigSnapshot config) {
        List<String> rings = new ArrayList<>();
        DiskIoModes.parse(config.resolve(LibvirtOptions.DISK_IO_MODES)).byType().forEach((type, mode) -> {
            if (mode.equals("io_uring")) {
                rings.add("disk_io_modes " + type);
            }
        });
        config.ioProfiles()
                .forEach((name, profile) -> profile.find(IoProfileOptions.IO)
                        .filter("io_uring"::equals)
                        .ifPresent(mode -> rings.add("profile " + name)));
        return rings;
    }

    private static String version(ObservedHost host, HostFact fact) {
        return host.facts().has(fact) ? words(host.facts().number(fact)) : "unknown";
    }

    private static String words(int version) {
        return version / 1_000_000 + "." + version / 1000 % 1000 + "." + version % 1000;
    }

    private static void atLeast(
            ObservedHost host, String what, HostFact fact, String program, int wanted, List<Finding> findings) {
        if (wanted == 0) {
            return;
        }
        Finding.Draft draft = Finding.about(NAME, what, SOURCE).wanted(program + " " + words(wanted) + " or newer");
        if (!host.facts().has(fact)) {
            findings.add(draft.unknown("libvirt was not asked, or did not answer"));
            return;
        }
        int has = host.facts().number(fact);
        draft.found(program + " " + words(has)).why("An older one does not know it, and the guest is refused.");
        findings.add(
                has >= wanted
                        ? draft.as(Severity.OK)
                        : draft.remedy("update " + program + ", or take it out").as(Severity.UNUSABLE));
    }

    private static Finding started(ObservedHost host, String what) {
        Finding.Draft draft = Finding.about(NAME, what, SOURCE).wanted("a QEMU that starts with such a disk");
        if (!host.facts().has(HostFact.IO_URING)) {
            return draft.unknown("QEMU was not found, or could not be started to see");
        }
        draft.why("Versions do not tell: some are built without it, some kernels forbid it.");
        return host.facts().is(HostFact.IO_URING)
                ? draft.found("it does").as(Severity.OK)
                : draft.found("it does not")
                        .remedy("write another io mode, or auto")
                        .as(Severity.UNUSABLE);
    }

    private static Finding kernel(ObservedHost host, String what) {
        Finding.Draft draft = Finding.about(NAME, what, SOURCE).wanted("kernel 5.13 or newer");
        Optional<KernelVersion> kernel = host.kernel();
        if (kernel.isEmpty()) {
            return draft.unknown(host.tree().whyNot("/proc/sys/kernel/osrelease"));
        }
        draft.found("kernel " + kernel.get()).why("With older ones guests on it have hung (LXD and Proxmox say so).");
        return kernel.get().atLeast(5, 13)
                ? draft.as(Severity.OK)
                : draft.remedy("update the kernel, or write another io mode").as(Severity.UNUSABLE);
    }

    private static Optional<Finding> disabled(ObservedHost host, String what) {
        return host.tree()
                .value(DISABLED)
                .filter(text -> !text.equals("0"))
                .map(text -> Finding.about(NAME, what, SOURCE)
                        .found("kernel.io_uring_disabled = " + text)
                        .wanted("0")
                        .why("QEMU may not make a ring, and the guest does not start.")
                        .remedy("somebody has forbidden it on this host: write another io mode, or take the setting"
                                + " out of /etc/sysctl.d")
                        .as(Severity.UNUSABLE));
    }
}
