package org.novabridge.driver.compute;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.novabridge.driver.model.ErrorCode;

/**
 * Tells once of each operation that has left a disk which nobody wants any more. Who asked for a delete has its answer before
 * the wipe: that was asked for by nobody, and what is left takes space and holds a tenant's data.
 */
final class FailedWipes {
    private final Operations operations;
    private final Consumer<HostEvent> events;

    /** By id: an operation that is taken back later changes after its end. */
    private final Set<String> told = new HashSet<>();

    FailedWipes(Operations operations, Consumer<HostEvent> events) {
        this.operations = operations;
        this.events = events;
    }

    void changed(Operation operation) {
        Problem problem = operation.problem();
        if (operation.state() != Operation.State.FAILED || problem == null || !leavesDisk(operation, problem)) {
            return;
        }
        synchronized (this) {
            told.removeIf(id -> operations.find(id).isEmpty());
            if (!told.add(operation.id())) {
                return;
            }
        }
        boolean wipe = operation.kind() == Operation.Kind.WIPE;
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("operation", operation.id());
        if (wipe) {
            detail.put("volume", operation.instance());
        }
        detail.put("message", problem.detail());
        events.accept(new HostEvent(
                HostEvent.Kind.WIPE_FAILED, wipe ? "" : operation.instance(), operation.updated(), detail));
    }

    private static boolean leavesDisk(Operation operation, Problem problem) {
        return switch (operation.kind()) {
            case WIPE -> true;
            // Base images are nobody's data, and the next run finds them again.
            case REMOVE_UNUSED -> false;
            default -> problem.code() == ErrorCode.VOLUMES_NOT_REMOVED;
        };
    }
}
