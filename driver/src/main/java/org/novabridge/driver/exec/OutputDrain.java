package org.novabridge.driver.exec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one output of a child to its end, keeps the first bytes and hands lines on. */
final class OutputDrain implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(OutputDrain.class);

    /** A listener gets no longer line than this; the rest of such a line is dropped. */
    private static final int LINE_CAP = 4096;

    /** What a pipe of Linux holds. */
    private static final int PIPE = 64 << 10;

    private final InputStream source;
    private final int cap;
    private final @Nullable Consumer<String> listener;
    private final @Nullable OutputStream sink;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final StringBuilder line = new StringBuilder();
    private final AtomicLong seen = new AtomicLong();

    OutputDrain(InputStream source, int cap, @Nullable Consumer<String> listener, @Nullable OutputStream sink) {
        this.source = source;
        this.cap = cap;
        this.listener = listener;
        this.sink = sink;
    }

    @Override
    public void run() {
        byte[] buffer = new byte[sink == null ? 8192 : PIPE];
        try (source) {
            for (int read = source.read(buffer); read >= 0; read = source.read(buffer)) {
                accept(buffer, read);
            }
        } catch (IOException e) {
            LOG.debug("output of a command ended early: {}", e.getMessage());
        }
        endLine();
    }

    private void accept(byte[] buffer, int length) throws IOException {
        if (sink != null) {
            sink.write(buffer, 0, length);
            seen.addAndGet(length);
            return;
        }
        synchronized (kept) {
            kept.write(buffer, 0, Math.min(length, Math.max(0, cap - kept.size())));
        }
        seen.addAndGet(length);
        if (listener == null) {
            return;
        }
        for (int i = 0; i < length; i++) {
            char c = (char) (buffer[i] & 0xff);
            if (c == '\n' || c == '\r') {
                endLine();
            } else if (line.length() < LINE_CAP) {
                line.append(c);
            }
        }
    }

    private void endLine() {
        if (listener == null || line.length() == 0) {
            return;
        }
        String text = line.toString();
        line.setLength(0);
        try {
            listener.accept(text);
        } catch (RuntimeException e) {
            // A listener's defect must not stop the draining: the child would block on a full pipe.
            LOG.warn("a listener of command output failed", e);
        }
    }

    /** Bytes seen so far, kept or not. */
    long seen() {
        return seen.get();
    }

    boolean truncated() {
        return sink == null && seen.get() > cap;
    }

    String text() {
        synchronized (kept) {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }
}
