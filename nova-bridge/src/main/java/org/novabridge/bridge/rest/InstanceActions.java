package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Inject;
import jakarta.ws.rs.NotFoundException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.MigrationRequest;
import org.novabridge.driver.compute.MigrationRevert;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.RebootType;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.compute.ResizeRequest;
import org.novabridge.driver.compute.SnapshotRequest;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.storage.DiskKey;

/**
 * Does what the words after {@code /v1/instances/UUID/} ask for, {@link InstanceAction} lists them. An empty body stands
 * for all defaults; an unknown key is an error, because a typo must be seen.
 */
final class InstanceActions {
    static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final InstanceService instances;
    private final SpecReader specs;
    private final Caller caller;

    @Inject
    InstanceActions(InstanceService instances, SpecReader specs, Caller caller) {
        this.instances = instances;
        this.specs = specs;
        this.caller = caller;
    }

    OperationBody create(byte[] body, @Nullable String key) {
        return OperationBody.of(instances.create(caller, specs.read(body), RequestKeys.of(key, "create", "", body)));
    }

    OperationBody delete(String uuid, @Nullable String key) {
        return OperationBody.of(
                instances.delete(caller, checked(uuid), RequestKeys.of(key, "delete", uuid, new byte[0])));
    }

    /**
     * Hands the key of encrypted disks on and zeroes the body.
     *
     * @param disk null for all disks of the instance
     * @throws BridgeException INVALID_REQUEST for a bad uuid or disk, or a body that is no key
     */
    void bringKey(String uuid, @Nullable String disk, byte[] body) {
        try {
            checked(uuid);
            try (DiskKey key = DiskKey.of(body)) {
                instances.bringKey(caller, uuid, disk, key);
            }
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    /** The same of an encrypted volume. */
    void bringVolumeKey(String uuid, String volume, byte[] body) {
        try {
            checked(uuid);
            try (DiskKey key = DiskKey.of(body)) {
                instances.bringVolumeKey(caller, uuid, volume, key);
            }
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    /**
     * Hands a password on and zeroes the body.
     *
     * @throws BridgeException INVALID_REQUEST for a bad uuid or key, or a body that is no password
     */
    OperationBody setPassword(String uuid, byte[] body, @Nullable String key) {
        try {
            checked(uuid);
            // Not of the body: the journal would have a hash from which a password can be guessed.
            RequestKey named = RequestKeys.of(key, "password", uuid, new byte[0]);
            return OperationBody.of(instances.setPassword(caller, uuid, GuestPassword.of(body), named));
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    /** @throws BridgeException INVALID_REQUEST for a bad uuid, key or body */
    OperationBody act(String uuid, String word, byte[] body, @Nullable String key) {
        checked(uuid);
        InstanceAction action = InstanceAction.of(word).orElseThrow(NotFoundException::new);
        return OperationBody.of(operation(uuid, action, body, RequestKeys.of(key, word, uuid, body)));
    }

    /** @throws BridgeException INVALID_REQUEST for a bad uuid */
    List<DeviceAnswer> devices(String uuid) {
        return instances.devices(checked(uuid)).stream().map(DeviceAnswer::of).toList();
    }

    /** The spec of the instance that the path names. */
    InstanceSpec spec(String uuid, byte[] body) {
        return sameInstance(checked(uuid), specs.read(body));
    }

    private Operation operation(String uuid, InstanceAction action, byte[] body, RequestKey key) {
        if (action == InstanceAction.PREPARE) {
            return instances.prepare(caller, spec(uuid, body), key);
        }
        JsonNode given = fields(body, action);
        return switch (action) {
            case PREPARE -> throw new IllegalStateException("its body is a spec");
            case START -> instances.start(caller, uuid, flag(given, "paused"), spec(uuid, given), key);
            case RESUME -> instances.resume(caller, uuid, key);
            case REBOOT -> instances.reboot(caller, uuid, rebootType(given), spec(uuid, given), key);
            case REDEFINE -> instances.redefine(caller, uuid, spec(uuid, given), key);
            case STOP -> instances.stop(caller, uuid, key);
            case RELEASE -> instances.release(caller, uuid, key);
            case POWER_OFF ->
                instances.powerOff(caller, uuid, seconds(given, "timeout"), seconds(given, "retry_interval"), key);
            case POWER_ON -> instances.powerOn(caller, uuid, flag(given, "paused"), spec(uuid, given), key);
            case PAUSE -> instances.pause(caller, uuid, key);
            case UNPAUSE -> instances.unpause(caller, uuid, key);
            case SUSPEND -> instances.suspend(caller, uuid, key);
            case SNAPSHOT -> instances.snapshot(caller, uuid, snapshot(given), key);
            case RESIZE -> instances.resize(caller, uuid, resize(given), key);
            case RESIZE_CONFIRM -> instances.confirmResize(caller, uuid, key);
            case RESIZE_REVERT -> instances.revertResize(caller, uuid, key);
            case RESCUE -> instances.rescue(caller, uuid, rescue(given), key);
            case UNRESCUE -> instances.unrescue(caller, uuid, key);
            case ATTACH_VOLUME -> instances.attachVolume(caller, uuid, volume(given), key);
            case DETACH_VOLUME ->
                instances.detachVolume(caller, uuid, text(given, "device"), text(given, "volume"), key);
            case EXTEND_VOLUME ->
                instances.extendVolume(caller, uuid, needed(given, "volume"), bytes(given, "size"), key);
            case REPLUG_VOLUME ->
                instances.replugVolume(caller, uuid, needed(given, "volume"), flag(given, "dry_run"), key);
            case APPLY_LIVE -> instances.applyLive(caller, uuid, key);
            case QUIESCE -> instances.quiesce(caller, uuid, key);
            case UNQUIESCE -> instances.unquiesce(caller, uuid, key);
            case CRASH_DUMP -> instances.crashDump(caller, uuid, key);
            case ATTACH_INTERFACE -> instances.attachInterface(caller, uuid, port(given), key);
            case DETACH_INTERFACE -> instances.detachInterface(caller, uuid, needed(given, "mac"), key);
            case ADOPT -> instances.adopt(caller, uuid, spec(uuid, given), flag(given, "dry_run"), key);
            case MIGRATE -> instances.migrate(caller, uuid, migration(given), key);
            case MIGRATE_CONFIRM -> instances.confirmMigration(caller, uuid, flag(given, "running"), key);
            case MIGRATE_REVERT ->
                instances.revertMigration(
                        caller,
                        uuid,
                        new MigrationRevert(flag(given, "force"), flag(given, "held"), flag(given, "idle")),
                        key);
        };
    }

    /** The uuid when it is a canonical one; anything else never reaches the driver. */
    static String checked(String uuid) {
        if (!UUID.matcher(uuid).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "The path names no instance: a lower-case UUID is wanted.",
                    "List the instances with GET /v1/instances.");
        }
        return uuid;
    }

    private static InstanceSpec sameInstance(String uuid, InstanceSpec spec) {
        if (!spec.instance().uuid().equals(uuid)) {
            throw invalid("instance.uuid is not the instance of the path");
        }
        return spec;
    }

    private @Nullable InstanceSpec spec(String uuid, JsonNode fields) {
        JsonNode spec = fields.path("spec");
        if (spec.isMissingNode() || spec.isNull()) {
            return null;
        }
        return sameInstance(uuid, specs.read(spec.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static RebootType rebootType(JsonNode fields) {
        return switch (fields.path("type").asText("SOFT")) {
            case "SOFT" -> RebootType.SOFT;
            case "HARD" -> RebootType.HARD;
            default -> throw invalid("type must be SOFT or HARD");
        };
    }

    private static SnapshotRequest snapshot(JsonNode fields) {
        String file = text(fields, "file");
        try {
            return new SnapshotRequest(
                    text(fields, "format"),
                    fields.has("compress") ? flag(fields, "compress") : null,
                    file == null ? null : Path.of(file));
        } catch (InvalidPathException e) {
            throw invalid("file is no name of a file");
        }
    }

    private static RescueSpec rescue(JsonNode fields) {
        return InstanceSpecReader.readRescue(fields.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static BlockDevice volume(JsonNode fields) {
        if (!fields.path("volume").isObject()) {
            throw invalid("volume must be an object, as in block_device_mapping");
        }
        return InstanceSpecReader.readVolume(fields.path("volume").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Object> port(JsonNode fields) {
        if (!fields.path("vif").isObject()) {
            throw invalid("vif must be an object, as in network_info");
        }
        return InstanceSpecReader.readPort(fields.path("vif").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String needed(JsonNode fields, String name) {
        String value = text(fields, name);
        if (value == null || value.isEmpty()) {
            throw invalid(name + " is missing");
        }
        return value;
    }

    private static long bytes(JsonNode fields, String name) {
        JsonNode value = fields.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 1) {
            throw invalid(name + " must be a number of bytes");
        }
        return value.longValue();
    }

    private static MigrationRequest migration(JsonNode fields) {
        String host = text(fields, "host");
        if (host == null) {
            throw invalid("host must name the other host");
        }
        boolean held = flag(fields, "held");
        if (!held && (fields.has("timeout") || fields.has("retry_interval"))) {
            throw invalid("timeout and retry_interval are for one that is held");
        }
        return new MigrationRequest(
                host,
                fields.has("flavor") ? flavor(fields) : null,
                flag(fields, "dry_run"),
                held ? new MigrationRequest.Held(seconds(fields, "timeout"), seconds(fields, "retry_interval")) : null);
    }

    private static ResizeRequest resize(JsonNode fields) {
        return new ResizeRequest(flavor(fields), flag(fields, "online"), flag(fields, "dry_run"));
    }

    private static Flavor flavor(JsonNode fields) {
        if (!fields.path("flavor").isObject()) {
            throw invalid("flavor must be an object with what Nova says of the new flavor");
        }
        return InstanceSpecReader.readFlavor(fields.path("flavor").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String text(JsonNode fields, String name) {
        JsonNode value = fields.path(name);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isTextual()) {
            throw invalid(name + " must be a text");
        }
        return value.textValue();
    }

    private static boolean flag(JsonNode fields, String name) {
        JsonNode value = fields.path(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw invalid(name + " must be true or false");
        }
        return value.asBoolean(false);
    }

    /** Null when it is not named. Any number, as Nova passes on what an image says; the service has bounds for it. */
    private static @Nullable Duration seconds(JsonNode fields, String name) {
        JsonNode value = fields.path(name);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isIntegralNumber()) {
            throw invalid(name + " must be a whole number of seconds");
        }
        return Duration.ofSeconds(
                value.canConvertToLong()
                        ? value.longValue()
                        : value.bigIntegerValue().signum() * Long.MAX_VALUE);
    }

    /** The body's object with no other keys than the action's; an empty body is an empty object. */
    private static JsonNode fields(byte[] body, InstanceAction action) {
        if (body.length == 0) {
            return Json.mapper().createObjectNode();
        }
        JsonNode fields = RequestBodies.read(body, JsonNode.class);
        if (!fields.isObject()) {
            throw invalid("the body must be a JSON object");
        }
        List<String> names =
                action.fields().stream().map(InstanceAction.Field::name).toList();
        fields.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                throw invalid("unknown key in the body; known are " + names);
            }
        });
        return fields;
    }

    private static BridgeException invalid(String what) {
        return new BridgeException(ErrorCode.INVALID_REQUEST, what, "See the reference of the REST interface.");
    }
}
