package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.compute.Leftover.Kind;
import org.novabridge.driver.storage.lvm.VolumeCensus;
import org.novabridge.driver.storage.lvm.VolumeCensus.Role;

/**
 * Compares what there is with what is known of it. Pure: a picture in, what does not fit out. An instance that an operation
 * works on fits whatever is there of it; and what somebody still needs in case of doubt is never called unknown.
 */
final class HostComparison {
    private final HostPicture host;
    private final Map<String, InstanceRecord> records;
    private final Set<String> busy;
    private final Set<String> going;
    private final Set<String> folders = new HashSet<>();
    private final List<Leftover> left = new ArrayList<>();

    private HostComparison(HostPicture host) {
        this.host = host;
        this.records = host.records().stream().collect(Collectors.toMap(InstanceRecord::uuid, record -> record));
        this.busy = host.operations().stream().map(JournalEntry::instance).collect(Collectors.toSet());
        this.going = host.operations().stream().map(JournalEntry::id).collect(Collectors.toSet());
        host.folders().forEach(name -> folders.add(InstanceFolders.instanceOf(name)));
    }

    /** What does not fit, by kind and name. */
    static List<Leftover> of(HostPicture host) {
        HostComparison comparison = new HostComparison(host);
        comparison.compare();
        return comparison.left.stream()
                .sorted(Comparator.comparing(Leftover::kind).thenComparing(Leftover::name))
                .toList();
    }

    private void compare() {
        host.records().forEach(this::record);
        host.folders().forEach(this::folder);
        host.volumes().forEach(this::volume);
        host.left().forEach(this::operation);
        domainsOfOurs()
                .forEach(uuid -> add(
                        Kind.DOMAIN_WITHOUT_RECORD,
                        uuid,
                        uuid,
                        "libvirt has the guest and its disks were made by nova-bridge, which has no record of it: it counts as"
                                + " Nova's",
                        "if nobody knows it any more, delete it where it was made: openstack server delete " + uuid));
    }

    private void record(InstanceRecord made) {
        String uuid = made.uuid();
        if (host.domains().contains(uuid) || busy.contains(uuid) || undecided(made)) {
            return;
        }
        add(
                Kind.RECORD_WITHOUT_DOMAIN,
                uuid,
                uuid,
                "it was made here, and libvirt has no domain of it: it was prepared and never started, or somebody has"
                        + " undefined it",
                made.owner() == InstanceOwner.NOVA
                        ? "openstack server reboot --hard " + uuid + ", or openstack server delete " + uuid
                        : "nova-bridge instance reboot --hard " + uuid
                                + " defines it anew; nova-bridge instance delete " + uuid + " removes it");
    }

    /** Whether the instance is between two flavors or hosts, and may lack its domain for it. */
    private static boolean undecided(InstanceRecord made) {
        PendingMigration migration = made.migration();
        return made.resize() != null || migration != null && migration.phase() != PendingMigration.Phase.KEPT;
    }

    private boolean here(String uuid) {
        return records.containsKey(uuid) || host.domains().contains(uuid);
    }

    private void folder(String name) {
        String uuid = InstanceFolders.instanceOf(name);
        if (here(uuid) || busy.contains(uuid)) {
            return;
        }
        add(
                Kind.FOLDER_WITHOUT_INSTANCE,
                name,
                uuid,
                "it lies in instances_path, and no instance of this host is called so",
                "on an instances_path that hosts share it may be another one's; if not, nova-bridge instance delete "
                        + uuid + " removes it with all that has this name");
    }

    private void volume(VolumeCensus.Volume volume) {
        switch (volume.role()) {
            case DISK -> disk(volume);
            case KEPT -> kept(volume);
            case SNAPSHOT -> {
                if (!going.contains(volume.subject())) {
                    unknown(volume, "the operation that took this picture of a disk has ended");
                }
            }
            case BASE -> {
                if (!volume.inUse()) {
                    removable(
                            Kind.BASE_UNUSED,
                            volume,
                            "no instance of this host has this image, and no volume came from it",
                            "it goes by itself when it is old enough ([image_cache]), or now: " + remove(volume));
                }
            }
            case WIPE -> {
                if (!volume.inUse()) {
                    add(
                            Kind.WIPE_WAITS,
                            volume.name(),
                            "",
                            "a deleted disk of " + volume.size() + " bytes waits for its wipe, and nobody is at it",
                            "nova-bridge reconcile begins it again, and so does the next start of the bridge");
                }
            }
            default -> {
                // Somebody else's, under a name that says nothing to us.
            }
        }
    }

    private void disk(VolumeCensus.Volume volume) {
        String uuid = volume.subject();
        if (busy.contains(uuid)) {
            return;
        }
        Optional<InstanceRecord> made = Optional.ofNullable(records.get(uuid));
        if (made.isPresent()) {
            if (!disks(made.get()).contains(volume.disk())) {
                add(
                        Kind.VOLUME_NOT_RECORDED,
                        volume.name(),
                        uuid,
                        "it has the name of a disk of an instance that is here, and the instance's record does not know"
                                + " it",
                        "it is removed with its instance");
            }
        } else if (!host.domains().contains(uuid) && !folders.contains(uuid)) {
            if (volume.ours()) {
                unknown(volume, "no record, no domain, no folder and no operation knows its instance");
            } else {
                add(
                        Kind.VOLUME_NOT_OURS,
                        volume.name(),
                        uuid,
                        "its instance is not here, and nothing says that nova-bridge has made it",
                        "nova-bridge never touches it; stock Nova, somebody by hand, or an earlier release may have made"
                                + " it");
            }
        }
    }

    private static Set<String> disks(InstanceRecord made) {
        PendingResize resize = made.resize();
        return Stream.concat(made.allDisks().stream(), resize == null ? Stream.empty() : resize.disks().stream())
                .map(RecordedDisk::name)
                .collect(Collectors.toSet());
    }

    private void kept(VolumeCensus.Volume volume) {
        String uuid = volume.subject();
        boolean waits = Optional.ofNullable(records.get(uuid))
                .map(InstanceRecord::resize)
                .isPresent();
        if (!waits && !busy.contains(uuid)) {
            unknown(volume, "no resize of its instance waits to be confirmed or reverted");
        }
    }

    private void unknown(VolumeCensus.Volume volume, String why) {
        removable(
                Kind.VOLUME_UNKNOWN,
                volume,
                why + (volume.inUse() ? "; somebody has it open" : ""),
                "look at it, then: " + remove(volume));
    }

    private static String remove(VolumeCensus.Volume volume) {
        return "nova-bridge reconcile --remove " + volume.name();
    }

    private void operation(JournalEntry entry) {
        add(
                Kind.OPERATION_LEFT,
                entry.id(),
                entry.instance(),
                "the " + entry.kind().word() + " could not take back all that it had done ("
                        + entry.undo().size() + " left): "
                        + Optional.ofNullable(entry.problem())
                                .map(Problem::detail)
                                .orElse(entry.phase()),
                "nova-bridge reconcile tries again; the bridge's log says what is in the way");
    }

    /** Those of stock Nova, which nobody here has made, are no leftovers. */
    private Set<String> domainsOfOurs() {
        return host.volumes().stream()
                .filter(volume -> volume.role() == Role.DISK && volume.ours())
                .map(VolumeCensus.Volume::subject)
                .filter(uuid -> host.domains().contains(uuid) && !records.containsKey(uuid) && !busy.contains(uuid))
                .collect(Collectors.toSet());
    }

    private void removable(Kind kind, VolumeCensus.Volume volume, String message, String remedy) {
        left.add(new Leftover(kind, volume.name(), volume.subject(), message, remedy, true));
    }

    private void add(Kind kind, String name, String instance, String message, String remedy) {
        left.add(new Leftover(kind, name, instance, message, remedy, false));
    }
}
