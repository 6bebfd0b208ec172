package org.novabridge.bridge.rest;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Operations;
import org.novabridge.driver.compute.Subscription;

/**
 * Counts operations as they end, since the start of the bridge, and how long they took from the request on. One that a bridge
 * before this has begun ends like the others, but has taken as long as nobody worked on it too: its time says nothing.
 */
final class OperationMetrics implements AutoCloseable {
    /** Seconds: from a pause to the copy of a large image. */
    private static final double[] BOUNDS = {0.1, 0.5, 1, 5, 15, 60, 300, 1800};

    private final Operations operations;
    private final Subscription subscription;
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Map<String, Map<String, Long>> ended = new TreeMap<>();
    private final Map<String, Times> times = new TreeMap<>();

    private static final class Times {
        private final long[] atMost = new long[BOUNDS.length];
        private long count;
        private double sum;

        void add(double seconds) {
            count++;
            sum += seconds;
            for (int i = 0; i < BOUNDS.length; i++) {
                if (seconds <= BOUNDS[i]) {
                    atMost[i]++;
                }
            }
        }
    }

    OperationMetrics(Operations operations) {
        this.operations = operations;
        this.subscription = operations.onChange(this::changed);
    }

    /** An operation changes also after its end, when it is taken back: its end counts once. */
    private void changed(Operation operation) {
        if (!operation.state().ended()) {
            open.add(operation.id());
            if (operation.state() == Operation.State.PENDING) {
                asked.add(operation.id());
            }
        } else if (open.remove(operation.id())) {
            count(operation, asked.remove(operation.id()));
        }
    }

    /** @param whole whether all of it was this bridge's work, from the request on */
    private synchronized void count(Operation operation, boolean whole) {
        String kind = operation.kind().word();
        ended.computeIfAbsent(kind, unused -> new TreeMap<>())
                .merge(operation.state().word(), 1L, Long::sum);
        if (whole) {
            times.computeIfAbsent(kind, unused -> new Times())
                    .add(Duration.between(operation.created(), operation.updated())
                                    .toMillis()
                            / 1000.0);
        }
    }

    void write(MetricsText text) {
        Map<String, Long> going = new TreeMap<>(Map.of("pending", 0L, "running", 0L));
        operations.list().stream()
                .filter(operation -> !operation.state().ended())
                .forEach(operation -> going.merge(operation.state().word(), 1L, Long::sum));
        text.family("nova_bridge_operations", "gauge", "Operations that wait and that are worked on");
        going.forEach((state, count) -> text.sample(count, "state", state));
        synchronized (this) {
            text.family("nova_bridge_operations_ended_total", "counter", "Operations that have ended, by how they did");
            ended.forEach((kind, states) ->
                    states.forEach((state, count) -> text.sample(count, "kind", kind, "state", state)));
            text.family(
                    "nova_bridge_operation_seconds",
                    "histogram",
                    "From the request to the end of an operation that no restart has interrupted");
            times.forEach((kind, spent) -> write(text, kind, spent));
        }
    }

    private static void write(MetricsText text, String kind, Times spent) {
        for (int i = 0; i < BOUNDS.length; i++) {
            text.suffixed("_bucket", spent.atMost[i], "kind", kind, "le", MetricsText.number(BOUNDS[i]));
        }
        text.suffixed("_bucket", spent.count, "kind", kind, "le", "+Inf");
        text.suffixed("_sum", spent.sum, "kind", kind);
        text.suffixed("_count", spent.count, "kind", kind);
    }

    @Override
    public void close() {
        subscription.close();
    }
}
