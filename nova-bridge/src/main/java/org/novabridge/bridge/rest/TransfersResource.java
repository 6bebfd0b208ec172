package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.MigrationClaim;
import org.novabridge.driver.compute.MigrationOffer;
import org.novabridge.driver.compute.TransferService;

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

    /** Makes room for an instance; the disks may come when the operation's result says {@code ready}. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public void offer(byte[] body, @Suspended AsyncResponse response) {
        MigrationOffer offer = RequestBodies.read(body, MigrationOffer.class);
        background.answer(
                response, () -> OperationBody.of(transfers.offer(caller, offer)).accepted());
    }

    /** The next whole frames of the disks. */
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

    /** {@code take}, {@code keep} or {@code drop}. */
    @POST
    @Path("{word}")
    @Consumes(MediaType.APPLICATION_JSON)
    public void decide(@PathParam("word") String word, byte[] body, @Suspended AsyncResponse response) {
        MigrationClaim claim = RequestBodies.read(body, MigrationClaim.class);
        background.answer(
                response,
                () -> OperationBody.of(
                                switch (word) {
                                    case "take" -> transfers.take(caller, claim);
                                    case "keep" -> transfers.keep(caller, claim);
                                    case "drop" -> transfers.drop(caller, claim);
                                    default -> throw new NotFoundException();
                                })
                        .accepted());
    }
}
