package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;

/** {@code /v1/instances}: the guests of this host. Whatever changes one answers 202 with an operation. */
@Path("v1/instances")
@Produces(MediaType.APPLICATION_JSON)
public final class InstancesResource {
    private static final String KEY = "Idempotency-Key";
    private static final int DEFAULT_TAIL = 100 * 1024;

    private final InstanceService instances;
    private final InstanceActions actions;
    private final BridgeControl control;
    private final Background background;

    @Inject
    InstancesResource(
            InstanceService instances, InstanceActions actions, BridgeControl control, Background background) {
        this.instances = instances;
        this.actions = actions;
        this.control = control;
        this.background = background;
    }

    @GET
    public void list(@Suspended AsyncResponse response) {
        background.answer(response, instances::list);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public void create(byte[] body, @HeaderParam(KEY) @Nullable String key, @Suspended AsyncResponse response) {
        background.answer(response, () -> actions.create(body, key).accepted());
    }

    @GET
    @Path("{uuid}")
    public void show(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> instances.show(InstanceActions.checked(uuid)));
    }

    /** One guest as in the list: what is asked often gets no disks and no drift. */
    @GET
    @Path("{uuid}/state")
    public void state(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> instances.state(InstanceActions.checked(uuid)));
    }

    @DELETE
    @Path("{uuid}")
    public void delete(
            @PathParam("uuid") String uuid, @HeaderParam(KEY) @Nullable String key, @Suspended AsyncResponse response) {
        background.answer(response, () -> actions.delete(uuid, key).accepted());
    }

    /** What a create of this spec would answer as updates, without making anything: Nova names devices before it builds. */
    @POST
    @Path("{uuid}/plan")
    @Consumes(MediaType.APPLICATION_JSON)
    public void plan(@PathParam("uuid") String uuid, byte[] body, @Suspended AsyncResponse response) {
        background.answer(response, () -> Map.of("updates", control.plannedUpdates(actions.spec(uuid, body))));
    }

    /** One of the actions; see {@link InstanceActions} for their words and bodies. */
    @POST
    @Path("{uuid}/{action}")
    @Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
    public void act(
            @PathParam("uuid") String uuid,
            @PathParam("action") String action,
            byte[] body,
            @HeaderParam("Content-Type") @Nullable MediaType type,
            @HeaderParam(KEY) @Nullable String key,
            @Suspended AsyncResponse response) {
        if (body.length > 0 && (type == null || !type.isCompatible(MediaType.APPLICATION_JSON_TYPE))) {
            throw new jakarta.ws.rs.NotSupportedException();
        }
        background.answer(response, () -> actions.act(uuid, action, body, key).accepted());
    }

    /** The key of all encrypted disks of the instance, as bytes. It can be brought and replaced, and read by nobody. */
    @PUT
    @Path("{uuid}/keys")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    public void bringKey(@PathParam("uuid") String uuid, byte[] body, @Suspended AsyncResponse response) {
        background.answer(response, () -> brought(uuid, null, body));
    }

    /** The key of one of its disks. */
    @PUT
    @Path("{uuid}/keys/{disk}")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    public void bringKeyOfDisk(
            @PathParam("uuid") String uuid,
            @PathParam("disk") String disk,
            byte[] body,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> brought(uuid, disk, body));
    }

    private Response brought(String uuid, @Nullable String disk, byte[] body) {
        actions.bringKey(uuid, disk, body);
        return Response.noContent().build();
    }

    /** The password of the guest's administrator, as bytes, set by its agent. It can be set, and read by nobody. */
    @PUT
    @Path("{uuid}/password")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    public void setPassword(
            @PathParam("uuid") String uuid,
            byte[] body,
            @HeaderParam(KEY) @Nullable String key,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> actions.setPassword(uuid, body, key).accepted());
    }

    /** The end of the console log, as it is. */
    @GET
    @Path("{uuid}/console")
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    public void console(
            @PathParam("uuid") String uuid,
            @QueryParam("tail") @Nullable Integer tail,
            @Suspended AsyncResponse response) {
        int bytes = tail == null ? DEFAULT_TAIL : tail;
        if (bytes < 1 || bytes > 16 * 1024 * 1024) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "tail must be a number of bytes from 1 to 16777216.", null);
        }
        background.answer(response, () -> instances.consoleLog(InstanceActions.checked(uuid), bytes));
    }

    /** Where QEMU listens for VNC and serial consoles now. */
    @GET
    @Path("{uuid}/consoles")
    public void consoles(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.consoles(InstanceActions.checked(uuid)));
    }

    /** What the running guest has used since its start. */
    @GET
    @Path("{uuid}/statistics")
    public void statistics(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.statistics(InstanceActions.checked(uuid)));
    }

    @GET
    @Path("{uuid}/disks")
    public void disks(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.disks(InstanceActions.checked(uuid)));
    }

    @GET
    @Path("{uuid}/volumes")
    public void volumes(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.volumes(InstanceActions.checked(uuid)));
    }

    /** Why each attribute of each disk has its value, with today's configuration. */
    @GET
    @Path("{uuid}/explanation")
    public void explanation(
            @PathParam("uuid") String uuid,
            @QueryParam("disk") @Nullable String disk,
            @QueryParam("attribute") @Nullable String attribute,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> {
            InstanceSpec spec = instances
                    .spec(InstanceActions.checked(uuid))
                    .orElseThrow(() -> new BridgeException(
                            ErrorCode.INSTANCE_NOT_FOUND,
                            "instance " + uuid + " was not made through this bridge, or does not exist",
                            "use \"disks explain --instance SPEC.json\" for an instance that is not recorded here"));
            return control.explain(spec, disk, attribute);
        });
    }
}
