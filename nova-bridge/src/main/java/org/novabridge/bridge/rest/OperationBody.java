package org.novabridge.bridge.rest;

import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Problem;

/**
 * An operation as it is answered.
 *
 * @param caller login name of who asked
 * @param percent 0 to 100 within the phase; negative when unknown
 * @param problem why it did not do what was asked; absent while it may
 */
public record OperationBody(
        String id,
        String kind,
        String instance,
        String caller,
        String state,
        String phase,
        double percent,
        Instant created,
        Instant updated,
        Map<String, Object> result,
        @Nullable ProblemBody problem) {

    /** The answer to who asked for it. */
    Response accepted() {
        return Response.accepted(this)
                .header("Location", "/v1/operations/" + id)
                .build();
    }

    static OperationBody of(Operation operation) {
        Problem problem = operation.problem();
        return new OperationBody(
                operation.id(),
                operation.kind().word(),
                operation.instance(),
                operation.caller().name(),
                operation.state().word(),
                operation.phase(),
                operation.percent(),
                operation.created(),
                operation.updated(),
                operation.result(),
                problem == null ? null : ProblemBody.of(problem.code(), problem.detail(), problem.remedy()));
    }
}
