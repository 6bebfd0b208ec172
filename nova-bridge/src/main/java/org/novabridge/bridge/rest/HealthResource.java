package org.novabridge.bridge.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/**
 * {@code /healthz}: answers while the service serves, and which protocols it speaks with nova-compute's side; touches
 * neither libvirt nor a disk.
 */
@Path("healthz")
@Produces(MediaType.APPLICATION_JSON)
public final class HealthResource {
    /** Raised with every change after which the shim of the release before would ask for something else. */
    private static final int PROTOCOL = 1;

    /** The one before, once there is one: either side may be upgraded first (design 4.3). */
    private static final int OLDEST_PROTOCOL = 1;

    /**
     * The answer.
     *
     * @param protocol the newest that is spoken here
     * @param oldestProtocol the oldest
     */
    public record Health(String status, int protocol, int oldestProtocol) {}

    @GET
    public Health healthy() {
        return new Health("ok", PROTOCOL, OLDEST_PROTOCOL);
    }
}
