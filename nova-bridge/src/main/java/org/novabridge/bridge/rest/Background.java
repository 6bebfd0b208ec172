package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.AsyncResponse;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.novabridge.driver.model.ErrorCode;

/**
 * Threads for answers that may have to wait for libvirt or a disk, so that the threads of the server
 * stay free: when libvirt hangs, {@code /healthz} still answers. Bounded; beyond it the answer is 503, as for too many operations.
 */
final class Background implements AutoCloseable {
    static final int THREADS = 8;
    static final int WAITING = 512;

    private final ThreadPoolExecutor pool;

    @Inject
    Background() {
        AtomicInteger count = new AtomicInteger();
        pool = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "answer-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
    }

    /** Answers with what the work gives, or with its failure. */
    void answer(AsyncResponse response, Callable<?> work) {
        try {
            pool.execute(() -> {
                Object result;
                try {
                    result = work.call();
                } catch (Exception e) {
                    response.resume(e);
                    return;
                }
                response.resume(result);
            });
        } catch (RejectedExecutionException full) {
            // By this code nova-compute's side asks again: nothing has begun.
            response.resume(ProblemMapper.response(ProblemBody.of(
                            ErrorCode.TOO_MANY_OPERATIONS,
                            WAITING + " requests wait already for libvirt or a disk",
                            "ask again in a while; when it stays so, see whether libvirt and the storage answer"))
                    .build());
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
