package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which blocks of a thin volume its pool has given it, by thin_dump(8) on a snapshot of the pool's metadata.
 *
 * <p>The pool has one place for such a snapshot, and it is held as short as the dump takes. Somebody else may have it,
 * or thin_dump may fail or not be installed: then all of the volume is read, which is slower and gives the same bytes, since a
 * block that a volume was not given reads as zero.
 */
final class ThinMap {
    private static final Logger LOG = LoggerFactory.getLogger(ThinMap.class);
    private static final long SECTOR = 512;

    /** Place of the held metadata root in {@code dmsetup status} of a pool: start, length, target, and four fields. */
    private static final int HELD = 6;

    private static final Object LOOK = new Object();

    private final CommandExecutor executor;
    private final LockedGroup group;
    private final LvmSettings settings;

    ThinMap(CommandExecutor executor, LockedGroup group, LvmSettings settings) {
        this.executor = executor;
        this.group = group;
        this.settings = settings;
    }

    Allocation of(LogicalVolume volume) {
        OptionalInt id = group.report().thinId(group.name(), volume.name());
        if (id.isEmpty()) {
            return Allocation.everywhere(volume.size());
        }
        try {
            // Not under the lock of the group: a dump may take long, and creates go on meanwhile.
            synchronized (LOOK) {
                return held(volume, id.getAsInt());
            }
        } catch (CommandFailedException e) {
            LOG.warn(
                    "what {}/{} has been given of its pool is not known, so all of it is read: {}",
                    group.name(),
                    volume.name(),
                    e.getMessage());
            return Allocation.everywhere(volume.size());
        }
    }

    private Allocation held(LogicalVolume volume, int id) {
        message(volume.pool(), "reserve_metadata_snap");
        try {
            Dump dump = new Dump(volume.size());
            executor.run(Command.of(
                            Tool.THIN_DUMP,
                            "--metadata-snap",
                            "--dev-id",
                            Integer.toString(id),
                            "/dev/mapper/" + LvmCommands.mapperName(group.name(), volume.pool() + "_tmeta"))
                    .withDeadline(settings.alarmAfter())
                    .withLineListener(dump::line));
            return dump.allocation();
        } finally {
            release(volume.pool());
        }
    }

    private void release(String pool) {
        try {
            message(pool, "release_metadata_snap");
        } catch (CommandFailedException e) {
            LOG.error(
                    "the snapshot of the metadata of {}/{} is left; release it: dmsetup message {} 0"
                            + " release_metadata_snap: {}",
                    group.name(),
                    pool,
                    device(pool),
                    e.getMessage());
        }
    }

    /** Releases it in each pool of the group that holds one: for a journal that says we took it. */
    void releaseLook() {
        synchronized (LOOK) {
            for (ThinPool pool : group.report().pools(group.name())) {
                String[] status = executor.run(Command.of(Tool.DMSETUP, "status", device(pool.name())))
                        .stdout()
                        .strip()
                        .split(" +");
                if (status.length > HELD && !status[HELD].equals("-")) {
                    release(pool.name());
                }
            }
        }
    }

    private void message(String pool, String words) {
        executor.run(Command.of(Tool.DMSETUP, "message", device(pool), "0", words)
                .withEffect(Effect.MUST_FINISH)
                .withDeadline(settings.alarmAfter()));
    }

    /** The pool itself lies below the device of its name. */
    private String device(String pool) {
        return LvmCommands.mapperName(group.name(), pool) + "-tpool";
    }

    /** The lines of one dump: neighbouring blocks become one range. */
    static final class Dump {
        private static final Pattern BLOCK_SIZE = Pattern.compile(" data_block_size=\"(\\d{1,9})\"");
        private static final Pattern ONE = Pattern.compile("<single_mapping origin_block=\"(\\d{1,15})\"");
        private static final Pattern MANY =
                Pattern.compile("<range_mapping origin_begin=\"(\\d{1,15})\".* length=\"(\\d{1,15})\"");

        private final long size;
        private final List<Range> ranges = new ArrayList<>();
        private long block;
        private long from = -1;
        private long to = -1;
        private boolean whole;

        Dump(long size) {
            this.size = size;
        }

        synchronized void line(String line) {
            Matcher superblock = BLOCK_SIZE.matcher(line);
            Matcher one = ONE.matcher(line);
            Matcher many = MANY.matcher(line);
            if (superblock.find()) {
                block = Long.parseLong(superblock.group(1)) * SECTOR;
            } else if (one.find()) {
                add(Long.parseLong(one.group(1)), 1);
            } else if (many.find()) {
                add(Long.parseLong(many.group(1)), Long.parseLong(many.group(2)));
            } else if (line.contains("</superblock>")) {
                whole = true;
            }
        }

        private void add(long first, long count) {
            long begin = Math.min(size, first * block);
            long end = Math.min(size, (first + count) * block);
            if (begin != to) {
                close();
                from = begin;
            }
            to = end;
        }

        private void close() {
            if (from >= 0 && to > from) {
                ranges.add(new Range(from, to));
            }
        }

        /** All of the volume when the dump is not complete. */
        synchronized Allocation allocation() {
            if (!whole || block == 0) {
                LOG.warn("thin_dump has not said all; all of the volume is read");
                return Allocation.everywhere(size);
            }
            close();
            from = -1;
            return new Allocation(size, ranges);
        }
    }
}
