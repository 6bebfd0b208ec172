package org.novabridge.bridge.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;

/** {@code /healthz}: answers while the service serves; touches neither libvirt nor a disk. */
@Path("healthz")
@Produces(MediaType.APPLICATION_JSON)
public final class HealthResource {
    @GET
    public Map<String, String> healthy() {
        return Map.of("status", "ok");
    }
}
