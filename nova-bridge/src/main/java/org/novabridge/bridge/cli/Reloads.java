package org.novabridge.bridge.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The orders to read the configuration again, one after the other. Those that come while the bridge starts wait until it
 * serves: a start may take as long as an LVM command of the last run, and SIGHUP would end a Java that does not hear it.
 */
final class Reloads implements AutoCloseable {
    private final ExecutorService worker = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "reload");
        thread.setDaemon(true);
        return thread;
    });
    private final CompletableFuture<Runnable> reload = new CompletableFuture<>();

    /** Somebody wants it. */
    Future<?> order() {
        return worker.submit(() -> {
            reload.get().run();
            return true;
        });
    }

    /** How it is done, once it can be. */
    void by(Runnable how) {
        reload.complete(how);
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
