package org.novabridge.driver.compute;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wipes that a crash has interrupted, as operations of their own: seen in the list of operations with their
 * progress, with their processes in the journal, one after the other so that they leave room for requests. The volume
 * group itself remembers what is to be wiped; an operation that ends badly, is cancelled or dies with the bridge is
 * followed by another at the next start.
 */
final class InterruptedWipes {
    private static final Logger LOG = LoggerFactory.getLogger(InterruptedWipes.class);

    private final Operations operations;
    private final Supplier<List<String>> interrupted;
    private final BiConsumer<String, Progress> finish;

    /**
     * @param interrupted names of the volumes
     * @param finish finishes the wipe of one
     */
    InterruptedWipes(Operations operations, Supplier<List<String>> interrupted, BiConsumer<String, Progress> finish) {
        this.operations = operations;
        this.interrupted = interrupted;
        this.finish = finish;
    }

    /**
     * Asks which there are, at once: what is settled after this begins wipes that are not interrupted. The work goes
     * on in its own thread.
     */
    void begin() {
        List<String> volumes;
        try {
            volumes = interrupted.get();
        } catch (BridgeException e) {
            LOG.error("volumes that wait for their wipe stay until the next start: {}", e.getMessage());
            return;
        }
        if (!volumes.isEmpty()) {
            LOG.info("wipes that were interrupted and go on: {}", volumes);
            Timers.threads("wipe").newThread(() -> finishAll(volumes)).start();
        }
    }

    private void finishAll(List<String> volumes) {
        try {
            for (String volume : volumes) {
                finish(volume);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("the wipes that were interrupted stay until the next start", e);
        }
    }

    private void finish(String volume) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<String> id = new AtomicReference<>("");
        try (Subscription unused = operations.onChange(operation -> {
            if (operation.id().equals(id.get()) && operation.state().ended()) {
                ended.countDown();
            }
        })) {
            Operation submitted = submit(volume);
            id.set(submitted.id());
            if (!operations.get(submitted.id()).state().ended()) {
                ended.await();
            }
        }
    }

    /** Requests come first: while the bridge takes no more operations, the wipe waits. */
    private Operation submit(String volume) throws InterruptedException {
        while (true) {
            try {
                return operations.submit(Operation.Kind.WIPE, volume, Caller.BRIDGE, RequestKey.NONE, steps -> {
                    steps.step("wipe a deleted disk");
                    finish.accept(volume, steps);
                    return Map.of();
                });
            } catch (BridgeException e) {
                if (e.code() != ErrorCode.TOO_MANY_OPERATIONS) {
                    throw e;
                }
                TimeUnit.SECONDS.sleep(5);
            }
        }
    }
}
