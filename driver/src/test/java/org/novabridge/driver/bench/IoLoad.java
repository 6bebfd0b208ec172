package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What fio does to a disk. */
enum IoLoad {
    RANDOM_READ("random-read", "randread", 4 << 10, 16, false),
    RANDOM_WRITE("random-write", "randwrite", 4 << 10, 16, false),
    FLUSHED_WRITE("flushed-write", "randwrite", 4 << 10, 1, true),
    SEQUENTIAL_READ("sequential-read", "read", 1 << 20, 4, false);

    final String text;
    private final String direction;
    private final int block;
    private final int depth;
    private final boolean flushed;

    IoLoad(String text, String direction, int block, int depth, boolean flushed) {
        this.text = text;
        this.direction = direction;
        this.block = block;
        this.depth = depth;
        this.flushed = flushed;
    }

    static IoLoad of(String text) {
        return Arrays.stream(values())
                .filter(load -> load.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no load " + text));
    }

    /** Under which name fio reports it. */
    String side() {
        return direction.endsWith("read") ? "read" : "write";
    }

    boolean random() {
        return direction.startsWith("rand");
    }

    /** A flush after each request. */
    boolean flushed() {
        return flushed;
    }

    /** How many are in flight. */
    int depth() {
        return depth;
    }

    /** Of a request. */
    int bytes() {
        return block;
    }

    List<String> words() {
        List<String> words = new ArrayList<>(List.of("--rw=" + direction, "--bs=" + block, "--iodepth=" + depth));
        if (flushed) {
            words.add("--fsync=1");
        }
        return words;
    }
}
