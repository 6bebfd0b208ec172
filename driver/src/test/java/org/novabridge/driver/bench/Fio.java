package org.novabridge.driver.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian's fio, a process for each run.
 *
 * @param seconds of a run, after one that does not count
 * @param bytes of the disk, from its begin, that are read and written
 */
record Fio(int seconds, long bytes) {
    /** Reads or writes at random within what {@link #fill} has written. */
    Sample run(IoLoad load, List<String> target) {
        List<String> line = line(target);
        line.addAll(load.words());
        // Without a map of what was hit already, whose care costs as much as a request.
        line.addAll(
                List.of("--time_based", "--runtime=" + seconds, "--ramp_time=1", "--randrepeat=0", "--norandommap"));
        return parsed(Bare.run(line.toArray(new String[0])), load);
    }

    /** Writes everything once, so that no later request has to find room for what it writes. */
    void fill(List<String> target) {
        List<String> line = line(target);
        line.addAll(List.of("--rw=write", "--bs=1M", "--iodepth=4", "--end_fsync=1"));
        Bare.run(line.toArray(new String[0]));
    }

    private List<String> line(List<String> target) {
        List<String> line = new ArrayList<>(List.of("fio", "--name=bench", "--output-format=json", "--size=" + bytes));
        line.addAll(target);
        return line;
    }

    /** The mean time of a request's turn: with sixteen in flight a sixteenth of what one takes. */
    static Sample parsed(String output, IoLoad load) {
        JsonNode job = QemuDisk.json(output.substring(Math.max(0, output.indexOf('{'))))
                .path("jobs")
                .path(0);
        JsonNode side = job.path(load.side());
        if (job.path("error").asInt(-1) != 0 || side.path("iops").asDouble() <= 0) {
            throw new IllegalStateException("fio did nothing: " + output);
        }
        return new Sample(
                1 / side.path("iops").asDouble(), side.path("io_bytes").asLong());
    }
}
