package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code qemu-img bench}, which connects once and has its numbers before it leaves: fio connects twice, and
 * qemu-storage-daemon 7.2 ends by an assertion when a client leaves an export that an I/O thread serves.
 */
final class StayingClient {
    private static final Pattern TIME = Pattern.compile("Run completed in ([0-9.]+) seconds");

    /** A share of the disk that is no power of two, and so comes by everywhere: nothing here reads at random. */
    private static final int STRIDE_PAGES = 257;

    private static final int PAGE = 4096;

    private StayingClient() {}

    /** @param uri of the export */
    static Sample run(IoLoad load, long requests, String uri) {
        String output = Bare.run(line(load, requests, uri).toArray(new String[0]));
        return parsed(output, load, requests);
    }

    static List<String> line(IoLoad load, long requests, String uri) {
        List<String> line = new ArrayList<>(List.of(
                "qemu-img", "bench", "-f", "raw", "-c", Long.toString(requests), "-d", Integer.toString(load.depth())));
        line.addAll(List.of("-s", Long.toString(load.bytes())));
        if (load.random()) {
            line.addAll(List.of("-S", Integer.toString(STRIDE_PAGES * PAGE)));
        }
        if (load.side().equals("write")) {
            line.add("-w");
        }
        if (load.flushed()) {
            line.add("--flush-interval=1");
        }
        line.add(uri);
        return line;
    }

    static Sample parsed(String output, IoLoad load, long requests) {
        Matcher time = TIME.matcher(output);
        if (!time.find()) {
            throw new IllegalStateException("qemu-img bench did nothing: " + output);
        }
        return new Sample(Double.parseDouble(time.group(1)) / requests, load.bytes() * requests);
    }
}
