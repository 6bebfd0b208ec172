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
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.OutsideDevice;
import org.novabridge.driver.hypervisor.GuestStatistics;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.model.LiveDomain.LiveDisplay;

/** {@code /v1/instances}: the guests of this host. Whatever changes one answers 202 with an operation. */
@Path("v1/instances")
@Produces(MediaType.APPLICATION_JSON)
public final class InstancesResource {
    private static final String KEY = "Idempotency-Key";
    private static final int DEFAULT_TAIL = 100 * 1024;
    static final int MAX_TAIL = 16 * 1024 * 1024;

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

    @Described(
            value = "All guests of the host with their states, and what of a resize, migration or rescue of them waits",
            answer = InstanceView.class,
            list = true)
    @GET
    public void list(@Suspended AsyncResponse response) {
        background.answer(response, instances::list);
    }

    @Described(
            value = "Creates a guest: its disks, its definition, its start",
            answer = OperationBody.class,
            status = 202,
            problems = {
                ErrorCode.INSTANCE_EXISTS,
                ErrorCode.OWNED_BY_NOVA,
                ErrorCode.KEY_REUSED,
                ErrorCode.TOO_MANY_OPERATIONS
            },
            dictionary = "Spec")
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public void create(byte[] body, @HeaderParam(KEY) @Nullable String key, @Suspended AsyncResponse response) {
        background.answer(response, () -> actions.create(body, key).accepted());
    }

    @Described(
            value = "One guest with its disks, and what it still has from before a change of the configuration",
            answer = InstanceView.class,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}")
    public void show(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> instances.show(InstanceActions.checked(uuid)));
    }

    @Described(
            value = "One guest as in the list, without disks and drift",
            answer = InstanceView.class,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}/state")
    public void state(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> instances.state(InstanceActions.checked(uuid)));
    }

    @Described(
            value = "Stops a guest and removes it; a missing one is success",
            answer = OperationBody.class,
            status = 202,
            problems = {ErrorCode.OWNED_BY_NOVA, ErrorCode.KEY_REUSED, ErrorCode.TOO_MANY_OPERATIONS})
    @DELETE
    @Path("{uuid}")
    public void delete(
            @PathParam("uuid") String uuid, @HeaderParam(KEY) @Nullable String key, @Suspended AsyncResponse response) {
        background.answer(response, () -> actions.delete(uuid, key).accepted());
    }

    /**
     * What a create of this spec would answer as updates, without making anything: Nova names devices before it builds.
     *
     * @param rebuild it would replace the instance of this uuid: also whether there is room for it then, and whether its kernel
     *     and ramdisk are in the cache
     */
    @Described(
            value =
                    "What a create of this spec would answer as updates; makes nothing. With rebuild it refuses what would fail"
                            + " when the instance that is there is gone",
            dictionary = "Spec",
            answer = PlanAnswer.class,
            problems = {
                ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE,
                ErrorCode.STORAGE_FULL,
                ErrorCode.IMAGE_NOT_FOUND,
                ErrorCode.IMAGE_UNACCEPTABLE
            })
    @POST
    @Path("{uuid}/plan")
    @Consumes(MediaType.APPLICATION_JSON)
    public void plan(
            @PathParam("uuid") String uuid,
            @QueryParam("rebuild") boolean rebuild,
            byte[] body,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> new PlanAnswer(control.plannedUpdates(actions.spec(uuid, body), rebuild)));
    }

    /** What the caller saves. */
    record PlanAnswer(Map<String, Object> updates) {}

    /** One of the actions; see {@link InstanceActions} for their words and bodies. */
    @Described(
            value = "One of the actions",
            answer = OperationBody.class,
            status = 202,
            problems = {
                ErrorCode.INSTANCE_NOT_FOUND,
                ErrorCode.OWNED_BY_NOVA,
                ErrorCode.KEY_REUSED,
                ErrorCode.TOO_MANY_OPERATIONS
            })
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

    @Described(
            value =
                    "The key of all encrypted disks of the instance, 16 to 512 bytes as they are; nobody can read it again",
            status = 204,
            problems = ErrorCode.OWNED_BY_NOVA)
    @PUT
    @Path("{uuid}/keys")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    public void bringKey(@PathParam("uuid") String uuid, byte[] body, @Suspended AsyncResponse response) {
        background.answer(response, () -> brought(uuid, null, body));
    }

    @Described(value = "The key of one of its disks", status = 204, problems = ErrorCode.OWNED_BY_NOVA)
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

    @Described(
            value =
                    "The key of an encrypted volume of Cinder's that QEMU decrypts, by the volume's id; libvirt gets it when"
                            + " the volume is attached or the guest started",
            status = 204,
            problems = ErrorCode.OWNED_BY_NOVA)
    @PUT
    @Path("{uuid}/volume-keys/{volume}")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    public void bringKeyOfVolume(
            @PathParam("uuid") String uuid,
            @PathParam("volume") String volume,
            byte[] body,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> {
            actions.bringVolumeKey(uuid, volume, body);
            return Response.noContent().build();
        });
    }

    private Response brought(String uuid, @Nullable String disk, byte[] body) {
        actions.bringKey(uuid, disk, body);
        return Response.noContent().build();
    }

    @Described(
            value = "The password of the guest's administrator, as bytes, set by its agent; nobody can read it again",
            answer = OperationBody.class,
            status = 202,
            problems = {
                ErrorCode.INSTANCE_NOT_FOUND,
                ErrorCode.OWNED_BY_NOVA,
                ErrorCode.KEY_REUSED,
                ErrorCode.TOO_MANY_OPERATIONS
            })
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

    @Described(
            value = "Remembers ports and volumes that are about to be plugged and connected for the instance",
            dictionary = "Outside",
            status = 204,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @PUT
    @Path("{uuid}/outside")
    @Consumes(MediaType.APPLICATION_JSON)
    public void handed(@PathParam("uuid") String uuid, byte[] body, @Suspended AsyncResponse response) {
        background.answer(response, () -> {
            control.handed(InstanceActions.checked(uuid), InstanceSpecReader.readOutside(body));
            return Response.noContent().build();
        });
    }

    @Described(value = "It is unplugged, or disconnected; one that is not remembered is success", status = 204)
    @DELETE
    @Path("{uuid}/outside/{kind}/{device}")
    public void undone(
            @PathParam("uuid") String uuid,
            @PathParam("kind") String kind,
            @PathParam("device") String device,
            @Suspended AsyncResponse response) {
        background.answer(response, () -> {
            control.undone(InstanceActions.checked(uuid), OutsideDevice.Kind.of(kind), device);
            return Response.noContent().build();
        });
    }

    @Described(
            value = "The end of the console log, as it is",
            answer = byte[].class,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}/console")
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    public void console(
            @PathParam("uuid") String uuid,
            @QueryParam("tail") @Nullable String tail,
            @Suspended AsyncResponse response) {
        int bytes = tail == null ? DEFAULT_TAIL : bytes(tail);
        background.answer(response, () -> instances.consoleLog(InstanceActions.checked(uuid), bytes));
    }

    /** Not by Jersey, to which what is no number is a path that is not there. */
    private static int bytes(String tail) {
        try {
            int bytes = Integer.parseInt(tail);
            if (bytes >= 1 && bytes <= MAX_TAIL) {
                return bytes;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new BridgeException(
                ErrorCode.INVALID_REQUEST, "tail must be a number of bytes from 1 to " + MAX_TAIL + ".", null);
    }

    @Described(
            value = "Where QEMU listens for those who want to see the running guest",
            answer = LiveDisplay.class,
            list = true,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}/consoles")
    public void consoles(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.consoles(InstanceActions.checked(uuid)));
    }

    @Described(
            value = "What the running guest has used since its start",
            answer = GuestStatistics.class,
            problems = {ErrorCode.INSTANCE_NOT_FOUND, ErrorCode.INSTANCE_INVALID_STATE})
    @GET
    @Path("{uuid}/statistics")
    public void statistics(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.statistics(InstanceActions.checked(uuid)));
    }

    @Described(
            value = "The disks with sizes and places",
            answer = DiskAnswer.class,
            list = true,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}/disks")
    public void disks(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.disks(InstanceActions.checked(uuid)));
    }

    @Described(
            value = "Where the disks and interfaces of the guest are, as its document says",
            answer = DeviceAnswer.class,
            list = true,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}/devices")
    public void devices(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> actions.devices(uuid));
    }

    @Described(
            value = "What Cinder made of the guest's disks",
            answer = VolumeAnswer.class,
            list = true,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
    @GET
    @Path("{uuid}/volumes")
    public void volumes(@PathParam("uuid") String uuid, @Suspended AsyncResponse response) {
        background.answer(response, () -> control.volumes(InstanceActions.checked(uuid)));
    }

    @Described(
            value = "Value, rule, origin and reason of each attribute of its disks, with the configuration of today",
            answer = BridgeControl.Explanation.class,
            list = true,
            problems = ErrorCode.INSTANCE_NOT_FOUND)
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
