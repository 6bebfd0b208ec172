package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.MigrationClaim;
import org.novabridge.driver.compute.MigrationOffer;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.TransferService;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code /v1/transfers}: instances that come from other hosts. {@code nova-bridge transfer} speaks to it. */
@Path("v1/transfers")
@Produces(MediaType.APPLICATION_JSON)
public final class TransfersResource {
    /** Has the secret of the migration; a header is in no log. */
    public static final String TOKEN = "Transfer-Token";

    private final TransferService transfers;
    private final Caller caller;
    private final Background background;

    @Inject
    TransfersResource(TransferService transfers, Caller caller, Background background) {
        this.transfers = transfers;
        this.caller = caller;
        this.background = background;
    }

    @Described(
            value = "On the host that an instance comes to: makes room for it",
            answer = OperationBody.class,
            status = 202,
            body = MigrationOffer.class,
            problems = {ErrorCode.FORBIDDEN, ErrorCode.INSTANCE_EXISTS, ErrorCode.RESIZE_REFUSED})
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public void offer(byte[] body, @Suspended AsyncResponse response) {
        MigrationOffer offer = understood(() -> RequestBodies.of(
                MigrationOffer.inTodaysWords(RequestBodies.read(body, JsonNode.class)), MigrationOffer.class));
        background.answer(
                response, () -> OperationBody.of(transfers.offer(caller, offer)).accepted());
    }

    @Described(
            value = "The next whole frames of its disks",
            status = 204,
            problems = {ErrorCode.FORBIDDEN, ErrorCode.INSTANCE_INVALID_STATE, ErrorCode.STORAGE_FULL})
    @PUT
    @Path("{migration}/frames")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    public void frames(
            @PathParam("migration") String migration,
            byte[] body,
            @HeaderParam(TOKEN) @Nullable String token,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> {
            transfers.frames(migration, Objects.requireNonNullElse(token, ""), body);
            return Response.noContent().build();
        });
    }

    @Described(
            value = "The instance is this host's from now on",
            answer = OperationBody.class,
            status = 202,
            body = MigrationClaim.class,
            problems = {ErrorCode.FORBIDDEN, ErrorCode.INSTANCE_INVALID_STATE})
    @POST
    @Path("take")
    @Consumes(MediaType.APPLICATION_JSON)
    public void take(byte[] body, @Suspended AsyncResponse response) {
        decide(body, response, claim -> transfers.take(caller, claim));
    }

    @Described(
            value = "It stays for good",
            answer = OperationBody.class,
            status = 202,
            body = MigrationClaim.class,
            problems = {ErrorCode.FORBIDDEN, ErrorCode.INSTANCE_INVALID_STATE})
    @POST
    @Path("keep")
    @Consumes(MediaType.APPLICATION_JSON)
    public void keep(byte[] body, @Suspended AsyncResponse response) {
        decide(body, response, claim -> transfers.keep(caller, claim));
    }

    @Described(
            value = "It goes again",
            answer = OperationBody.class,
            status = 202,
            body = MigrationClaim.class,
            problems = {ErrorCode.FORBIDDEN, ErrorCode.INSTANCE_INVALID_STATE})
    @POST
    @Path("drop")
    @Consumes(MediaType.APPLICATION_JSON)
    public void drop(byte[] body, @Suspended AsyncResponse response) {
        decide(body, response, claim -> transfers.drop(caller, claim));
    }

    /** Only bridges speak here: what one says and this one cannot read is another release's. */
    private static <T> T understood(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (ProcessingException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "the other host's bridge says what this one does not read",
                    MigrationOffer.SAME_RELEASE,
                    e);
        }
    }

    private void decide(byte[] body, AsyncResponse response, Function<MigrationClaim, Operation> decision) {
        MigrationClaim claim = understood(() -> RequestBodies.read(body, MigrationClaim.class));
        background.answer(
                response, () -> OperationBody.of(decision.apply(claim)).accepted());
    }
}
