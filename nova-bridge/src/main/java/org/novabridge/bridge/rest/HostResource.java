package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import org.novabridge.driver.storage.lvm.PoolForecast;

/** {@code /v1/host}: the facts of this host that decide about disks, what it has for them, and how full its thin pool is. */
@Path("v1/host")
@Produces(MediaType.APPLICATION_JSON)
public final class HostResource {
    private final BridgeControl control;
    private final Background background;

    @Inject
    HostResource(BridgeControl control, Background background) {
        this.control = control;
        this.background = background;
    }

    @GET
    public void facts(@Suspended AsyncResponse response) {
        background.answer(response, control::hostFacts);
    }

    /** Space for guests' disks, and the inventory for placement. */
    @GET
    @Path("resources")
    public void resources(@Suspended AsyncResponse response) {
        background.answer(response, control::resources);
    }

    /** Processors, memory and hypervisor, for Nova's record of this compute node. */
    @GET
    @Path("node")
    public void node(@Suspended AsyncResponse response) {
        background.answer(response, control::node);
    }

    /** As last seen; nobody is asked. */
    @GET
    @Path("pools")
    public Map<String, List<PoolForecast>> pools() {
        return Map.of("pools", control.pools());
    }
}
