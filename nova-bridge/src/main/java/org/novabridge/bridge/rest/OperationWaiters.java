package org.novabridge.bridge.rest;

import jakarta.ws.rs.container.AsyncResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Operations;
import org.novabridge.driver.compute.Subscription;

/** Clients that wait for an operation to end. A waiting client costs an entry here, and no thread. */
final class OperationWaiters implements AutoCloseable {
    private final Operations operations;
    private final Background background;
    private final ConcurrentHashMap<String, Set<AsyncResponse>> waiting = new ConcurrentHashMap<>();
    private final Subscription subscription;

    OperationWaiters(Operations operations, Background background) {
        this.operations = operations;
        this.background = background;
        this.subscription = operations.onChange(this::changed);
    }

    /** Answers when the operation has ended, or with its state of then after the given seconds. */
    void await(AsyncResponse response, String id, int seconds) {
        if (operations.get(id).state().ended()) {
            answer(response, id);
            return;
        }
        waiting.computeIfAbsent(id, unused -> ConcurrentHashMap.newKeySet()).add(response);
        response.setTimeoutHandler(late -> {
            forget(id, late);
            answer(late, id);
        });
        response.setTimeout(seconds, TimeUnit.SECONDS);
        // It may have ended between the first look and the entry.
        if (operations.get(id).state().ended()) {
            forget(id, response);
            answer(response, id);
        }
    }

    private void changed(Operation operation) {
        if (operation.state().ended()) {
            Set<AsyncResponse> ended = waiting.remove(operation.id());
            if (ended != null) {
                ended.forEach(response -> answer(response, operation.id()));
            }
        }
    }

    /** A response that was answered before ignores this. */
    private void answer(AsyncResponse response, String id) {
        background.answer(response, () -> OperationBody.of(operations.get(id)));
    }

    private void forget(String id, AsyncResponse response) {
        waiting.computeIfPresent(id, (unused, responses) -> {
            responses.remove(response);
            return responses.isEmpty() ? null : responses;
        });
    }

    @Override
    public void close() {
        subscription.close();
    }
}
