package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.HostNode;
import org.novabridge.driver.compute.HostReport;
import org.novabridge.driver.compute.HostResources;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.hypervisor.HostCpuTimes;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.storage.lvm.PoolForecast;

/**
 * {@code /v1/host}: the facts of this host that decide about disks, what it has for them, how full its thin pool is, and what
 * on it does not fit to what is known of it.
 */
@Path("v1/host")
@Produces(MediaType.APPLICATION_JSON)
public final class HostResource {
    private final BridgeControl control;
    private final Background background;
    private final Caller caller;

    @Inject
    HostResource(BridgeControl control, Background background, Caller caller) {
        this.caller = caller;
        this.control = control;
        this.background = background;
    }

    @Described(value = "The facts of this host that decide about disks", answer = HostFacts.class)
    @GET
    public void facts(@Suspended AsyncResponse response) {
        background.answer(response, control::hostFacts);
    }

    @Described(
            value = "Space for guests' disks: the inventory for placement, and all places it is made of",
            answer = HostResources.class,
            problems = ErrorCode.VOLUME_GROUP_UNUSABLE)
    @GET
    @Path("resources")
    public void resources(@Suspended AsyncResponse response) {
        background.answer(response, control::resources);
    }

    @Described(
            value = "This host for Nova's compute nodes",
            answer = HostNode.class,
            problems = ErrorCode.INVALID_CONFIGURATION)
    @GET
    @Path("node")
    public void node(@Suspended AsyncResponse response) {
        background.answer(response, control::node);
    }

    @Described(value = "What its processors have done since its start", answer = HostCpuTimes.class)
    @GET
    @Path("cpu-times")
    public void cpuTimes(@Suspended AsyncResponse response) {
        background.answer(response, control::cpuTimes);
    }

    @Described(
            value =
                    "Compares the host with what is known of it and changes nothing; refuses volumes that would not be removed",
            answer = HostReport.class,
            problems = ErrorCode.VOLUME_GROUP_UNUSABLE)
    @GET
    @Path("reconcile")
    public void compare(@QueryParam("remove") List<String> remove, @Suspended AsyncResponse response) {
        List<String> volumes = List.copyOf(remove);
        background.answer(response, () -> control.reconcileReport(volumes));
    }

    @Described(
            value = "Settles what does not fit, and removes the volumes that are named",
            answer = OperationBody.class,
            status = 202,
            body = Wanted.class,
            problems = {ErrorCode.KEY_REUSED, ErrorCode.TOO_MANY_OPERATIONS},
            operatorOnly = true)
    @POST
    @Path("reconcile")
    @Consumes(MediaType.APPLICATION_JSON)
    public void reconcile(
            byte[] body, @HeaderParam("Idempotency-Key") @Nullable String key, @Suspended AsyncResponse response) {
        List<String> remove = body.length == 0 ? List.of() : wanted(RequestBodies.read(body, Wanted.class));
        RequestKey named = RequestKeys.of(key, "reconcile", "", body);
        background.answer(
                response,
                () -> OperationBody.of(control.reconcile(caller, remove, named)).accepted());
    }

    /** The body of a reconcile. */
    record Wanted(@Nullable List<@Nullable String> remove) {}

    private static List<String> wanted(@Nullable Wanted body) {
        if (body == null || body.remove() == null) {
            return List.of();
        }
        if (body.remove().stream().anyMatch(Objects::isNull)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "remove: names of volumes are wanted", "leave out what is null");
        }
        return body.remove().stream().map(Objects::requireNonNull).toList();
    }

    @Described(
            value = "How full the thin pool is, and when it will be, as last seen; nobody is asked",
            answer = PoolsAnswer.class)
    @GET
    @Path("pools")
    public PoolsAnswer pools() {
        return new PoolsAnswer(control.pools());
    }

    /** None where disks are not in a thin pool. */
    record PoolsAnswer(List<PoolForecast> pools) {}
}
