package org.novabridge.driver.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/**
 * An image in Nova's cache: a raw, sparse file, of which every second run of 8 MiB is random and the rest a hole.
 *
 * @param id of the image, whose SHA-1 is the name of the file
 */
record SourceImage(String id, Path file, long bytes) {
    private static final int RUN = 8 << 20;

    /** Writes it below the folder, which is Nova's {@code _base}. */
    static SourceImage make(Path folder, long bytes) throws IOException {
        String id = "bench-" + bytes;
        SourceImage image = new SourceImage(id, folder.resolve(digest(id)), bytes);
        byte[] data = new byte[RUN];
        new Random(bytes).nextBytes(data);
        try (RandomAccessFile file = new RandomAccessFile(image.file.toFile(), "rw")) {
            for (long at = 0; at < bytes; at += 2L * RUN) {
                file.seek(at);
                file.write(data, 0, (int) Math.min(RUN, bytes - at));
            }
            file.setLength(bytes);
            file.getFD().sync();
        }
        return image;
    }

    /** Takes its pages out of the cache; programs stay there, as on a host that works. */
    void forget() {
        Bare.run("dd", "if=" + file, "iflag=nocache", "count=0", "status=none");
    }

    String size() {
        return Quantities.size(bytes);
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
