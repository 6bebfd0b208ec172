package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.Operations;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code /v1/operations}: what is being done and what was done in the last 24 hours. */
@Path("v1/operations")
@Produces(MediaType.APPLICATION_JSON)
public final class OperationsResource {
    /** Longest wait of one request, in seconds. */
    static final int MAX_WAIT = 60;

    private final Operations operations;
    private final OperationWaiters waiters;
    private final Caller caller;

    @Inject
    OperationsResource(Operations operations, OperationWaiters waiters, Caller caller) {
        this.operations = operations;
        this.waiters = waiters;
        this.caller = caller;
    }

    @Described(
            value = "What is being done and what was done, as long as it is kept",
            answer = OperationBody.class,
            list = true)
    @GET
    public List<OperationBody> list() {
        return operations.list().stream().map(OperationBody::of).toList();
    }

    @Described(
            value = "One operation; with wait when it has ended, at the latest then",
            answer = OperationBody.class,
            problems = ErrorCode.OPERATION_NOT_FOUND)
    @GET
    @Path("{id}")
    public void show(
            @PathParam("id") String id, @QueryParam("wait") @Nullable String wait, @Suspended AsyncResponse response) {
        if (wait == null) {
            response.resume(OperationBody.of(operations.get(id)));
            return;
        }
        waiters.await(response, id, seconds(wait));
    }

    /** Asks the operation to stop; 202, since it takes back what it did first. */
    @Described(
            value = "Asks it to stop and to take back what it did",
            answer = OperationBody.class,
            status = 202,
            problems = ErrorCode.OPERATION_NOT_FOUND)
    @DELETE
    @Path("{id}")
    public Response cancel(@PathParam("id") String id) {
        return Response.accepted(OperationBody.of(operations.cancel(caller, id)))
                .build();
    }

    private static int seconds(String wait) {
        try {
            int seconds = Integer.parseInt(wait);
            if (seconds >= 1 && seconds <= MAX_WAIT) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new BridgeException(
                ErrorCode.INVALID_REQUEST, "wait must be a whole number of seconds from 1 to " + MAX_WAIT + ".", null);
    }
}
