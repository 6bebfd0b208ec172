package org.novabridge.driver.storage;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;

/** Where a file has blocks, as its file system says by lseek(2) with SEEK_DATA and SEEK_HOLE. */
final class FileHoles {
    private static final int ENXIO = 6;
    private static final int EINVAL = 22;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private FileHoles() {}

    static Allocation of(HeldFile file) throws IOException {
        long size = file.attributes().size();
        int descriptor;
        try {
            descriptor = FileCalls.LIBC.open(file.path().toString(), FileCalls.O_CLOEXEC);
        } catch (LastErrorException e) {
            throw new FileSystemException(file.toString(), null, String.valueOf(e.getMessage()));
        }
        try {
            return new Allocation(size, ranges(descriptor, size));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EINVAL) {
                // A file system without holes.
                return Allocation.everywhere(size);
            }
            throw new FileSystemException(file.toString(), null, String.valueOf(e.getMessage()));
        } finally {
            FileCalls.LIBC.close(descriptor);
        }
    }

    private static List<Range> ranges(int descriptor, long size) {
        List<Range> ranges = new ArrayList<>();
        long at = 0;
        while (at < size) {
            long from = data(descriptor, at);
            if (from < 0 || from >= size) {
                break;
            }
            at = Math.min(size, FileCalls.LIBC.lseek(descriptor, from, SEEK_HOLE));
            if (at <= from) {
                break;
            }
            ranges.add(new Range(from, at));
        }
        return ranges;
    }

    /** Where the next block is, -1 when there is none. */
    private static long data(int descriptor, long at) {
        try {
            return FileCalls.LIBC.lseek(descriptor, at, SEEK_DATA);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == ENXIO) {
                return -1;
            }
            throw e;
        }
    }
}
