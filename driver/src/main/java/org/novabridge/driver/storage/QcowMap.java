package org.novabridge.driver.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;

/**
 * Where a chain of files holds something, from the lines of {@code qemu-img map --output=json}: all that does not read as
 * zero, in whichever of the files it lies, compressed or not. Neighbours become one range.
 */
final class QcowMap {
    private static final Pattern EXTENT =
            Pattern.compile("\"start\": (\\d{1,18}), \"length\": (\\d{1,18}),.* \"zero\": (true|false),");

    private final long size;
    private final List<Range> ranges = new ArrayList<>();
    private long seen;
    private long from = -1;

    /** @param size of the disk in bytes */
    QcowMap(long size) {
        this.size = size;
    }

    synchronized void line(String line) {
        Matcher extent = EXTENT.matcher(line);
        if (!extent.find()) {
            return;
        }
        long start = Long.parseLong(extent.group(1));
        if (start != seen) {
            // A line is missing: nothing is left out that is not known to be zero.
            open(seen);
        }
        if (extent.group(3).equals("true")) {
            close(start);
        } else {
            open(start);
        }
        seen = start + Long.parseLong(extent.group(2));
    }

    private void open(long at) {
        if (from < 0) {
            from = at;
        }
    }

    private void close(long at) {
        if (from >= 0 && at > from) {
            ranges.add(new Range(from, at));
        }
        from = -1;
    }

    synchronized Allocation allocation() {
        if (seen < size) {
            open(seen);
        }
        close(size);
        return new Allocation(size, ranges);
    }
}
