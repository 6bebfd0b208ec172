package org.novabridge.driver.hypervisor;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that may be inside libvirt. A call into libvirt cannot be interrupted; when libvirt
 * hangs, these few threads hang with it. Reading and changing have threads of their own, so a long
 * managed save does not keep a list waiting.
 *
 * <p>A reader gives up at its deadline. A change that libvirt has begun is waited for, with an alarm at
 * each period: given up, it could still be done by a libvirt that comes back, after its operation was
 * taken back (a guest that runs here while Nova has started it elsewhere). One that still waits for a
 * thread is withdrawn at the first alarm, and then never happens.
 */
final class NativeCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NativeCalls.class);
    private static final int READERS = 6;
    static final int CHANGERS = 8;
    private static final int QUEUE = 256;

    /** Asking one QEMU took 17 s on the slowest host seen, and libvirt asks those of all architectures. */
    private static final int PROBE_TIMES = 4;

    private final ThreadPoolExecutor readers = threads("libvirt-query", READERS);
    private final ThreadPoolExecutor changers = threads("libvirt-change", CHANGERS);
    private final Duration queryDeadline;
    private final Duration changeAlarm;

    NativeCalls(Duration queryDeadline, Duration changeAlarm) {
        this.queryDeadline = queryDeadline;
        this.changeAlarm = changeAlarm;
    }

    private static ThreadPoolExecutor threads(String name, int size) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(size, size, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE), task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** @throws BridgeException HYPERVISOR_UNAVAILABLE when libvirt does not answer in time */
    <T> T query(String what, Callable<T> call) {
        return query(what, queryDeadline, call);
    }

    /** As {@link #query}, of what libvirt may have to ask QEMU programs for, which it starts one after the other. */
    <T> T probe(String what, Callable<T> call) {
        return query(what, queryDeadline.multipliedBy(PROBE_TIMES), call);
    }

    private <T> T query(String what, Duration deadline, Callable<T> call) {
        Future<T> result = submit(readers, what, call);
        try {
            return result.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            result.cancel(false);
            throw unavailable(what + ": libvirt gave no answer within " + deadline.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            result.cancel(false);
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.CANCELLED, what + " was not waited for", null, e);
        } catch (ExecutionException e) {
            throw failure(what, e);
        }
    }

    /**
     * Returns, or throws, when it is certain what libvirt did.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE when it was not tried, since all threads are inside libvirt
     */
    <T> T change(String what, Callable<T> call) {
        AtomicBoolean decided = new AtomicBoolean();
        Future<T> result = submit(changers, what, () -> {
            if (!decided.compareAndSet(false, true)) {
                throw new IllegalStateException(what + " was withdrawn");
            }
            return call.call();
        });
        long begin = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(changeAlarm.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (decided.compareAndSet(false, true)) {
                        throw unavailable(what + " was not tried: " + CHANGERS + " other changes hang in libvirt", e);
                    }
                    LOG.error(
                            "{}: libvirt has not answered for {} s; still waiting, since it may do it yet",
                            what,
                            Duration.ofNanos(System.nanoTime() - begin).toSeconds());
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(what, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static <T> Future<T> submit(ThreadPoolExecutor threads, String what, Callable<T> call) {
        try {
            return threads.submit(call);
        } catch (RejectedExecutionException e) {
            throw unavailable(what + " was not tried: " + QUEUE + " calls already wait for libvirt", e);
        }
    }

    private static BridgeException failure(String what, ExecutionException e) {
        if (e.getCause() instanceof BridgeException failed) {
            return failed;
        }
        return new BridgeException(ErrorCode.INTERNAL, what + " failed inside the bridge", null, e.getCause());
    }

    private static BridgeException unavailable(String message, Throwable cause) {
        return new BridgeException(
                ErrorCode.HYPERVISOR_UNAVAILABLE,
                message,
                "see whether libvirt hangs (systemctl status libvirtd, virsh list)",
                cause);
    }

    @Override
    public void close() {
        readers.shutdownNow();
        changers.shutdownNow();
    }
}
