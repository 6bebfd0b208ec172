package org.novabridge.driver.host.tuning;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.DefaultOptions;

/** Whether blocks of deleted disks reach the SSD or the thin pool below instances_path: by fstrim.timer, or by the mount option discard. */
final class TrimCheck implements TuningCheck {
    private static final String NAME = "trim";
    private static final String SOURCE = "fstrim(8); systemd.timer(5), Persistent=";
    private static final String STAMP = "/var/lib/systemd/timers/stamp-fstrim.timer";
    private static final String WANTED = "/etc/systemd/system/timers.target.wants/fstrim.timer";
    /** The timer is weekly; one run may be missed. */
    private static final Duration LONG_AGO = Duration.ofDays(15);

    @Override
    public List<Finding> look(ObservedHost host) {
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
