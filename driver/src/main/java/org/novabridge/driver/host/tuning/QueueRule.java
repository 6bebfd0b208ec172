package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.novabridge.driver.host.tuning.PhysicalDisk.Kind;

/**
 * Settings of a queue for which the kernel's own value is right, and of which a departure in one direction is known to hurt guests.
 * Somebody has made it, perhaps with a reason that is not seen here: said, and left to the operator. Departures in the other
 * direction are matters of measuring, and are not reported.
 */
final class QueueRule {
    private static final String NAME = "queue";
    private static final String SOURCE = "Linux Documentation/ABI/stable/sysfs-block";
    private static final String CACHE = "Linux Documentation/block/writeback_cache_control.rst";
    /** The kernel's least for a scheduler to have something to sort (BLKDEV_DEFAULT_RQ is 128; none: the device's own). */
    private static final long FEW_REQUESTS = 32;
    /** Thirty-two times the kernel's 128 KiB. */
    private static final long LONG_AHEAD = 4096;

    /** @param cached a cache mode of the configuration goes through the host's page cache */
    record Queue(HostTree tree, PhysicalDisk disk, boolean cached) {
        Optional<String> text(String file) {
            return tree.value(disk.queue(file));
        }

        OptionalLong number(String file) {
            return tree.number(disk.queue(file));
        }

        Finding.Draft about(String file, String found) {
            return Finding.about(NAME, disk.name() + " " + file, SOURCE).found(found);
        }

        String by(String file, String value) {
            return "take out what writes it (grep -r " + file + " /etc/udev /etc/tmpfiles.d /etc/tuned); for now: echo "
                    + value + " > " + disk.queue(file);
        }
    }

    private QueueRule() {}

    static List<Finding> deviations(Queue queue) {
        List<Finding> findings = new ArrayList<>();
        merges(queue).ifPresent(findings::add);
        requests(queue).ifPresent(findings::add);
        completion(queue).ifPresent(findings::add);
        readAhead(queue).ifPresent(findings::add);
        writeback(queue).ifPresent(findings::add);
        writeCache(queue).ifPresent(findings::add);
        return findings;
    }

    /** On rotating disks it is more than a note (QueueCheck). */
    private static Optional<Finding> merges(Queue queue) {
        return queue.text("nomerges")
                .filter(found -> found.equals("2") && queue.disk().kind() != Kind.HDD)
                .map(found -> queue.about("nomerges", found)
                        .wanted("0, the kernel's")
                        .why(
                                "Not even the cheap merge with the last request is tried, so a guest's sequential stream is"
                                        + " many small requests.")
                        .remedy(queue.by("nomerges", "0"))
                        .as(Severity.NOTE));
    }

    private static Optional<Finding> requests(Queue queue) {
        OptionalLong found = queue.number("nr_requests");
        long device = queue.tree()
                .number("/sys/block/" + queue.disk().name() + "/device/queue_depth")
                .orElse(0);
        if (found.isEmpty() || found.getAsLong() >= Math.max(FEW_REQUESTS, Math.min(device, 128))) {
            return Optional.empty();
        }
        // Some disks take no more than one at a time by themselves.
        if (device > 0 && device < FEW_REQUESTS && found.getAsLong() >= device) {
            return Optional.empty();
        }
        long wanted = Math.max(FEW_REQUESTS * 2, device);
        return Optional.of(queue.about("nr_requests", Long.toString(found.getAsLong()))
                .wanted("the kernel's, which is at least what the device takes"
                        + (device > 0 ? " (queue_depth " + device + ")" : ""))
                .why("All guests on the disk share these: one that floods it keeps the others from getting any, and the"
                        + " scheduler has nothing to sort.")
                .remedy(queue.by("nr_requests", Long.toString(wanted)))
                .as(Severity.NOTE));
    }

    private static Optional<Finding> completion(Queue queue) {
        return queue.text("rq_affinity")
                .filter("0"::equals)
                .map(found -> queue.about("rq_affinity", found)
                        .wanted("1, the kernel's; 2 is right, too")
                        .why(
                                "Requests end on whichever processor takes the interrupt, mostly one for the whole disk, and steal time"
                                        + " from the guest that runs there.")
                        .remedy(queue.by("rq_affinity", "1"))
                        .as(Severity.NOTE));
    }

    private static Optional<Finding> readAhead(Queue queue) {
        OptionalLong found = queue.number("read_ahead_kb");
        if (found.isEmpty() || found.getAsLong() <= LONG_AHEAD || !queue.cached()) {
            return Optional.empty();
        }
        return Optional.of(queue.about("read_ahead_kb", Long.toString(found.getAsLong()))
                .wanted("128, the kernel's, up to " + LONG_AHEAD)
                .why(
                        "A cache mode of the configuration reads through the page cache: what one guest seems to read in a row is"
                                + " fetched ahead in such pieces, which the others wait for.")
                .remedy(queue.by("read_ahead_kb", "128"))
                .as(Severity.NOTE));
    }

    /** bfq switches it off by itself, since it does the same in its own way. */
    private static Optional<Finding> writeback(Queue queue) {
        boolean sharing = queue.tree()
                .choice(queue.disk().queue("scheduler"))
                .filter(choice -> choice.selected().equals("bfq"))
                .isPresent();
        return queue.text("wbt_lat_usec")
                .filter(found -> found.equals("0") && queue.cached() && !sharing)
                .map(found -> queue.about("wbt_lat_usec", found)
                        .wanted(queue.disk().kind() == Kind.HDD ? "75000, the kernel's" : "2000, the kernel's")
                        .why("The page cache is written out without regard to who reads: a guest's read waits behind"
                                + " thousands of writes of another's.")
                        .remedy(queue.by("wbt_lat_usec", "-1") + " (-1 is the kernel's)")
                        .as(Severity.NOTE));
    }

    /** Safe only where the cache outlives a power cut, which nobody can see from here. */
    private static Optional<Finding> writeCache(Queue queue) {
        boolean volatileCache = queue.tree().names("/sys/block/" + queue.disk().name() + "/device/scsi_disk").stream()
                .anyMatch(each -> queue.tree()
                        .value("/sys/block/" + queue.disk().name() + "/device/scsi_disk/" + each + "/cache_type")
                        .filter(type -> type.startsWith("write back"))
                        .isPresent());
        return queue.text("write_cache")
                .filter(found -> found.equals("write through") && volatileCache)
                .map(found -> Finding.about(NAME, queue.disk().name() + " write_cache", CACHE)
                        .found(found + ", and the disk says that it has a write-back cache")
                        .wanted("write back")
                        .why(
                                "The kernel sends the disk no flush any more: what guests were told to be safe is lost with"
                                        + " the power, unless the cache has a battery.")
                        .remedy(queue.by("write_cache", "\"write back\""))
                        .as(Severity.WARNING));
    }
}
