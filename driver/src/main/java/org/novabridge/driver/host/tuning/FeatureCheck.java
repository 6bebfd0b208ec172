package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.DiskIoModes;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;

/** Whether kernel, libvirt and QEMU are new enough for what the configuration asks for. */
final class FeatureCheck implements TuningCheck {
    private static final String NAME = "versions";
    private static final String SOURCE =
            "libvirt formatdomain (driver io); Linux Documentation/admin-guide/sysctl/kernel.rst";
    private static final String DISABLED = "/proc/sys/kernel/io_uring_disabled";

    @Override
    public List<Finding> look(ObservedHost host) {
        List<String> rings = rings(host);
        if (rings.isEmpty()) {
            return List.of(Finding.about(NAME, "configured features", SOURCE)
                    .found("kernel "
                            + host.kernel().map(KernelVersion::toString).orElse("unknown") + ", libvirt "
                            + version(host, HostFact.LIBVIRT_VERSION) + ", QEMU "
                            + version(host, HostFact.QEMU_VERSION))
                    .wanted("no feature with a version of its own is configured")
                    .why("Only io_uring has one so far.")
                    .as(Severity.OK));
        }
        String what = "io_uring (" + String.join(", ", rings) + ")";
        List<Finding> findings = new ArrayList<>();
        findings.add(atLeast(host, what, HostFact.LIBVIRT_VERSION, "libvirt", 6_003_000));
        findings.add(atLeast(host, what, HostFact.QEMU_VERSION, "QEMU", 5_000_000));
        findings.add(kernel(host, what));
        disabled(host, what).ifPresent(findings::add);
        return findings;
    }

    /** Who asks for io_uring. */
    private static List<String> rings(ObservedHost host) {
        List<String> rings = new ArrayList<>();
        DiskIoModes.parse(host.config().resolve(LibvirtOptions.DISK_IO_MODES))
                .byType()
                .forEach((type, mode) -> {
                    if (mode.equals("io_uring")) {
                        rings.add("disk_io_modes " + type);
                    }
                });
        host.config()
                .ioProfiles()
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

    private static Finding atLeast(ObservedHost host, String what, HostFact fact, String program, int wanted) {
        Finding.Draft draft = Finding.about(NAME, what, SOURCE).wanted(program + " " + words(wanted) + " or newer");
        if (!host.facts().has(fact)) {
            return draft.unknown("libvirt was not asked, or did not answer");
        }
        int has = host.facts().number(fact);
        draft.found(program + " " + words(has)).why("An older one does not know it.");
        return has >= wanted
                ? draft.as(Severity.OK)
                : draft.remedy("update " + program + ", or write another io mode")
                        .as(Severity.UNUSABLE);
    }

    private static Finding kernel(ObservedHost host, String what) {
        Finding.Draft draft = Finding.about(NAME, what, SOURCE).wanted("kernel 5.13 or newer");
        Optional<KernelVersion> kernel = host.kernel();
        if (kernel.isEmpty()) {
            return draft.unknown(host.tree().whyNot("/proc/sys/kernel/osrelease"));
        }
        draft.found("kernel " + kernel.get())
                .why("With older ones guests on LVM hung (seen by LXD's users on 5.4, which asks for 5.13 since).");
        return kernel.get().atLeast(5, 13)
                ? draft.as(Severity.OK)
                : draft.remedy("update the kernel, or write another io mode").as(Severity.WARNING);
    }

    private static Optional<Finding> disabled(ObservedHost host, String what) {
        return host.tree()
                .value(DISABLED)
                .filter(text -> !text.equals("0"))
                .map(text -> Finding.about(NAME, what, SOURCE)
                        .found("kernel.io_uring_disabled = " + text)
                        .wanted("0")
                        .why("QEMU may not make a ring, and the guest does not start.")
                        .remedy("an operator has forbidden it on this host: write another io mode, or take the setting"
                                + " out of /etc/sysctl.d")
                        .as(Severity.UNUSABLE));
    }
}
