package org.novabridge.driver.host.tuning;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;

/**
 * Whether blocks that nobody needs reach the SSD or the thin pool below: of deleted files on instances_path by fstrim.timer, or by the
 * mount option discard; of the volume group by the guests themselves, since the host has no file system there to trim.
 */
final class TrimCheck implements TuningCheck {
    private static final String NAME = "trim";
    private static final String SOURCE = "fstrim(8); systemd.timer(5), Persistent=";
    private static final String OF_GROUP = "lvmthin(7), Thin Pool Discards; libvirt formatdomain, driver discard";
    private static final String STAMP = "/var/lib/systemd/timers/stamp-fstrim.timer";
    private static final String WANTED = "/etc/systemd/system/timers.target.wants/fstrim.timer";
    /** The timer is weekly; one run may be missed. */
    private static final Duration LONG_AGO = Duration.ofDays(15);

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>(files(host));
        if (host.config().get(LibvirtOptions.IMAGES_TYPE).equals("lvm")) {
            findings.add(group(host.config()));
        }
        return findings;
    }

    /** What the pool then does with it is vg check's to say. */
    private static Finding group(ConfigSnapshot config) {
        String group = config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).orElse("(images_volume_group is not set)");
        boolean thick = config.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("default");
        Finding.Draft draft =
                Finding.about(NAME, "volume group " + group, OF_GROUP).wanted("[libvirt]hw_disk_discard = unmap");
        Optional<String> written = config.find(LibvirtOptions.HW_DISK_DISCARD);
        if (written.filter("unmap"::equals).isPresent()) {
            return draft.found("hw_disk_discard = unmap")
                    .why("There is no file system of the host to trim: guests trim their own, and that reaches the "
                            + (thick ? "disks below." : "thin pool, which hands blocks back."))
                    .as(Severity.OK);
        }
        List<String> profiles = config.ioProfiles().entrySet().stream()
                .filter(profile -> profile.getValue()
                        .find(IoProfileOptions.DISCARD)
                        .filter("unmap"::equals)
                        .isPresent())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return draft.found(
                        profiles.isEmpty()
                                ? "guests cannot trim"
                                : "only guests of the profiles " + String.join(", ", profiles) + " can trim")
                .why(
                        thick
                                ? "What guests delete, the SSD below goes on keeping; with rotating disks nothing is lost."
                                : "What guests delete stays taken in the thin pool until the guest itself is deleted.")
                .remedy("write hw_disk_discard = unmap in [libvirt]; running guests get it with a hard reboot")
                .as(Severity.NOTE);
    }

    private static List<Finding> files(ObservedHost host) {
        HostTree tree = host.tree();
        String folder = host.config().get(DefaultOptions.INSTANCES_PATH);
        Finding.Draft draft =
                Finding.about(NAME, "instances_path " + folder, SOURCE).wanted("trimmed in the last two weeks");
        Optional<MountTable.Mount> mount = host.storage().mount(folder);
        Optional<String> disk = mount.flatMap(found -> host.storage().deviceOf(found));
        if (mount.isEmpty() || disk.isEmpty()) {
            return List.of(draft.unknown("no disk of this host can be named for its file system"));
        }
        if (tree.number("/sys/block/" + disk.get() + "/queue/discard_max_bytes").orElse(0) == 0) {
            return List.of(draft.found("the disk takes no discard")
                    .wanted("nothing")
                    .why("There is nobody to tell.")
                    .as(Severity.OK));
        }
        if (mount.get().options().contains("discard")) {
            return List.of(draft.found("mounted with discard")
                    .why("Every removal tells the disk at once.")
                    .as(Severity.OK));
        }
        draft.why("An SSD or thin pool that is not told of free blocks gets slower, or full.");
        Optional<Instant> last = tree.modified(STAMP);
        if (last.isPresent()) {
            Duration since = Duration.between(last.get(), host.now());
            draft.found("last trimmed " + since.toDays() + " days ago");
            return List.of(
                    since.compareTo(LONG_AGO) > 0
                            ? draft.remedy("systemctl status fstrim.timer; fstrim -v " + folder)
                                    .as(Severity.WARNING)
                            : draft.as(Severity.OK));
        }
        if (tree.present(WANTED)) {
            return List.of(draft.unknown("fstrim.timer is on, but has left no sign of a run yet"));
        }
        return List.of(draft.found("fstrim.timer is off, and there is no sign of a run")
                .remedy("systemctl enable --now fstrim.timer")
                .as(Severity.WARNING));
    }
}
