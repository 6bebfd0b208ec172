package org.novabridge.driver.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Part d: a group with thousands of volumes. They are written into its metadata by {@code vgcfgrestore}, which takes
 * seconds; the kernel's pool has no such devices, so they can be listed and never activated, and nothing removes them
 * again: this part is the last of a run.
 */
final class Crowd {
    private static final String FILLER = "00000000-0000-4000-8000-%012d_disk";

    /** Far above what the pool has given out; it goes up to 2^24. */
    private static final int FIRST_DEVICE = 1_000_000;

    private static final Pattern VOLUMES = Pattern.compile("(?m)^\\tlogical_volumes \\{\\n");
    private static final Pattern TRANSACTION = Pattern.compile("(?m)^\\t\\t\\t\\ttransaction_id = (\\d+)$");

    private final String group;
    private final String pool;
    private final Disk disk;
    private final Measured measured;
    private final BenchProgress progress;
    private int fillers;

    Crowd(String group, String pool, Disk disk, Measured measured, BenchProgress progress) {
        this.group = group;
        this.pool = pool;
        this.disk = disk;
        this.measured = measured;
        this.progress = progress;
    }

    void measure(int count, int repetitions, SourceImage image, long bytes, List<Contender> contenders) {
        fill(count);
        for (int i = 0; i < repetitions; i++) {
            for (Contender contender : contenders) {
                String uuid = UUID.randomUUID().toString();
                Measured.Cell cell =
                        new Measured.Cell(Measured.Work.CROWD, disk.limit(), count + " volumes", contender.name());
                Sample sample = disk.measure(() -> contender.create(uuid, image, bytes));
                measured.add(cell, sample);
                progress.measured(cell, sample);
                contender.remove(uuid);
            }
        }
    }

    /** Makes it so many volumes in all, nearly: those that are there count too little to matter. */
    private void fill(int count) {
        progress.say("write " + (count - fillers) + " more volumes into the metadata");
        try {
            Path backup = Files.createTempFile("bench-", ".vg");
            Bare.run("vgcfgbackup", "-f", backup.toString(), group);
            Files.writeString(backup, filled(Files.readString(backup), pool, fillers, count));
            Bare.run("vgcfgrestore", "-y", "--force", "-f", backup.toString(), group);
            Files.delete(backup);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        fillers = count;
    }

    /** The text of the metadata with the fillers [from, to) in it. */
    static String filled(String text, String pool, int from, int to) {
        Matcher volumes = VOLUMES.matcher(text);
        Matcher transaction = TRANSACTION.matcher(text);
        if (!volumes.find() || !transaction.find()) {
            throw new IllegalStateException("this metadata has no thin pool:\n" + text);
        }
        StringBuilder more = new StringBuilder();
        for (int i = from; i < to; i++) {
            more.append(filler(i, pool, transaction.group(1)));
        }
        return text.substring(0, volumes.end()) + more + text.substring(volumes.end());
    }

    private static String filler(int number, String pool, String transaction) {
        String id = "%032d".formatted(number);
        return """
            %s {
            id = "%s-%s-%s-%s-%s-%s-%s"
            status = ["READ", "WRITE", "VISIBLE"]
            flags = []
            creation_time = 1700000000
            creation_host = "bench"
            segment_count = 1
            segment1 {
            start_extent = 0
            extent_count = 80
            type = "thin"
            thin_pool = "%s"
            transaction_id = %s
            device_id = %d
            }
            }
            """.formatted(
                        FILLER.formatted(number),
                        id.substring(0, 6),
                        id.substring(6, 10),
                        id.substring(10, 14),
                        id.substring(14, 18),
                        id.substring(18, 22),
                        id.substring(22, 26),
                        id.substring(26),
                        pool,
                        transaction,
                        FIRST_DEVICE + number);
    }
}
