package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import org.novabridge.driver.compute.OutsideDevices;
import org.novabridge.driver.model.ErrorCode;

/** {@code /v1/outside}: what nova-compute's side must unplug and disconnect at its start. */
@Path("v1/outside")
@Produces(MediaType.APPLICATION_JSON)
public final class OutsideResource {
    private final BridgeControl control;
    private final Background background;

    @Inject
    OutsideResource(BridgeControl control, Background background) {
        this.control = control;
        this.background = background;
    }

    @Described(
            value =
                    "Ports and volumes that were plugged and connected for instances, and that no guest has; ask at a start,"
                            + " before anything is plugged",
            answer = OutsideDevices.Report.class,
            problems = ErrorCode.HYPERVISOR_UNAVAILABLE)
    @GET
    public void left(@Suspended AsyncResponse response) {
        background.answer(response, control::outside);
    }
}
