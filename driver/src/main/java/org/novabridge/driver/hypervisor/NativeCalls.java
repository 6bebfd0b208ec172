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
import java.util.concurrent.atomic.AtomicInteger;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The threads that may be inside libvirt. A call into libvirt cannot be interrupted; when libvirt
 * hangs, these few threads hang with it, and callers are told so at their deadline instead of being
 * taken too. Reading and changing have threads of their own, so a long managed save does not keep
 * a list waiting.
 */
final class NativeCalls implements AutoCloseable {
    private static final int READERS = 6;
    private static final int CHANGERS = 8;
    private static final int QUEUE = 256;

    private final Lane queries;
    private final Lane changes;

    NativeCalls(Duration queryDeadline, Duration changeDeadline) {
        queries = new Lane("libvirt-query", READERS, queryDeadline);
        changes = new Lane("libvirt-change", CHANGERS, changeDeadline);
    }

    <T> T query(String what, Callable<T> call) {
        return queries.run(what, call);
    }

    <T> T change(String what, Callable<T> call) {
        return changes.run(what, call);
    }

    @Override
    public void close() {
        queries.threads.shutdownNow();
        changes.threads.shutdownNow();
    }

    private static final class Lane {
        private final ThreadPoolExecutor threads;
        private final Duration deadline;

        Lane(String name, int size, Duration deadline) {
            this.deadline = deadline;
            AtomicInteger number = new AtomicInteger();
            threads =
                    new ThreadPoolExecutor(size, size, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE), task -> {
                        Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                        thread.setDaemon(true);
                        return thread;
                    });
            threads.allowCoreThreadTimeOut(true);
        }

        <T> T run(String what, Callable<T> call) {
            Future<T> result;
            try {
                result = threads.submit(call);
            } catch (RejectedExecutionException e) {
                throw unavailable(what + " was not tried: " + QUEUE + " calls already wait for libvirt", e);
            }
            try {
                return result.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // Not begun yet: it never will. Begun: libvirt goes on, and the caller must look what came of it.
                result.cancel(false);
                throw unavailable(what + ": libvirt gave no answer within " + deadline.toSeconds() + " s", e);
            } catch (InterruptedException e) {
                result.cancel(false);
                Thread.currentThread().interrupt();
                throw new BridgeException(
                        ErrorCode.CANCELLED, what + " was not waited for; libvirt may still finish it", null, e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof HypervisorException failed) {
                    throw failed;
                }
                if (e.getCause() instanceof BridgeException failed) {
                    throw failed;
                }
                throw new BridgeException(ErrorCode.INTERNAL, what + " failed inside the bridge", null, e.getCause());
            }
        }

        private static BridgeException unavailable(String message, Throwable cause) {
            return new BridgeException(
                    ErrorCode.HYPERVISOR_UNAVAILABLE,
                    message,
                    "see whether libvirt hangs (systemctl status libvirtd, virsh list)",
                    cause);
        }
    }
}
