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
    /**
     * The answer.
     *
     * @param protocol the newest that is spoken here
     * @param oldestProtocol the oldest
     */
    public record Health(String status, int protocol, int oldestProtocol) {}

    @Described(
            value = "Answers while the service serves, and says which protocols it speaks with nova-compute's side",
            answer = Health.class)
    @GET
    public Health healthy() {
        return new Health("ok", ProtocolFilter.NEWEST, ProtocolFilter.OLDEST);
    }
}
