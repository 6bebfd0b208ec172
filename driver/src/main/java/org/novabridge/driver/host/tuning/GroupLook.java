package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding;
import org.novabridge.driver.storage.lvm.VolumeGroupStatus;
import org.novabridge.driver.storage.lvm.VolumeGroups;

/**
 * What LVM says of images_volume_group: the findings of {@code vg check} (filters, growth of the thin pool, and the rest), and on which
 * devices it lies.
 *
 * @param devices paths of its physical volumes
 */
record GroupLook(List<Finding> findings, List<String> devices) {
    private static final String NAME = "lvm";
    private static final String SOURCE = "lvm.conf(5), lvmthin(7); nova-bridge vg check";

    GroupLook {
        findings = List.copyOf(findings);
        devices = List.copyOf(devices);
    }

    static GroupLook of(ConfigSnapshot config, Optional<CommandExecutor> lvm) {
        if (!config.get(LibvirtOptions.IMAGES_TYPE).equals("lvm")) {
            return new GroupLook(List.of(), List.of());
        }
        String subject = "volume group "
                + config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).orElse("(images_volume_group is not set)");
        Finding.Draft draft = Finding.about(NAME, subject, SOURCE).wanted("no findings of vg check");
        if (lvm.isEmpty()) {
            return new GroupLook(List.of(draft.unknown("LVM answers root alone; run it with sudo")), List.of());
        }
        try {
            VolumeGroups groups = VolumeGroups.of(config, lvm.get());
            List<VolumeGroupFinding> found = groups.check();
            boolean usable =
                    found.stream().noneMatch(finding -> finding.severity() == VolumeGroupFinding.Severity.UNUSABLE);
            return new GroupLook(translated(found, draft, subject), usable ? devices(groups) : List.of());
        } catch (BridgeException e) {
            return new GroupLook(List.of(draft.unknown(String.valueOf(e.getMessage()))), List.of());
        }
    }

    private static List<String> devices(VolumeGroups groups) {
        return groups.status().devices().stream()
                .filter(device -> !device.missing())
                .map(VolumeGroupStatus.Device::path)
                .toList();
    }

    static List<Finding> translated(List<VolumeGroupFinding> found, Finding.Draft whenNone, String subject) {
        if (found.isEmpty()) {
            return List.of(whenNone.found("none").why("Asked as vg check asks.").as(Severity.OK));
        }
        List<Finding> findings = new ArrayList<>();
        for (VolumeGroupFinding each : found) {
            findings.add(Finding.about(NAME, subject, SOURCE)
                    .found(each.sentence())
                    .wanted("no findings of vg check")
                    .remedy(each.remedy())
                    .as(
                            switch (each.severity()) {
                                case NOTE -> Severity.NOTE;
                                case WARNING -> Severity.WARNING;
                                case UNUSABLE -> Severity.UNUSABLE;
                            }));
        }
        return findings;
    }
}
