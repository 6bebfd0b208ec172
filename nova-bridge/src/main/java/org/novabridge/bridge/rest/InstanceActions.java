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
 * The words after {@code /v1/instances/UUID/} and the bodies they take. An empty body stands for all
 * defaults; an unknown key is an error, because a typo must be seen.
 */
final class InstanceActions {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final int MAX_SECONDS = 3600;

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
        checked(uuid);
        try (DiskKey key = DiskKey.of(body)) {
            instances.bringKey(caller, uuid, disk, key);
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
        checked(uuid);
        try (GuestPassword password = GuestPassword.of(body)) {
            // Not of the body: the journal would have a hash from which a password can be guessed.
            RequestKey named = RequestKeys.of(key, "password", uuid, new byte[0]);
            return OperationBody.of(instances.setPassword(caller, uuid, password, named));
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    /** @throws BridgeException INVALID_REQUEST for a bad uuid, key or body */
    OperationBody act(String uuid, String action, byte[] body, @Nullable String key) {
        checked(uuid);
        return OperationBody.of(operation(uuid, action, body, RequestKeys.of(key, action, uuid, body)));
    }

    /** The spec of the instance that the path names. */
    InstanceSpec spec(String uuid, byte[] body) {
        return sameInstance(checked(uuid), specs.read(body));
    }

    private Operation operation(String uuid, String action, byte[] body, RequestKey key) {
        switch (action) {
            case "prepare":
                return instances.prepare(caller, spec(uuid, body), key);
            case "reboot":
                JsonNode reboot = fields(body, "type", "spec");
                return instances.reboot(caller, uuid, rebootType(reboot), spec(uuid, reboot), key);
            case "redefine":
                return instances.redefine(caller, uuid, spec(uuid, fields(body, "spec")), key);
            case "power-on":
                return instances.powerOn(caller, uuid, spec(uuid, fields(body, "spec")), key);
            case "start":
                JsonNode start = fields(body, "paused", "spec");
                return instances.start(caller, uuid, flag(start, "paused"), spec(uuid, start), key);
            case "power-off":
                JsonNode off = fields(body, "timeout", "retry_interval");
                return instances.powerOff(caller, uuid, seconds(off, "timeout"), seconds(off, "retry_interval"), key);
            case "snapshot":
                return instances.snapshot(caller, uuid, snapshot(fields(body, "format", "compress", "file")), key);
            case "resize":
                JsonNode resize = fields(body, "flavor", "online", "dry_run");
                return instances.resize(caller, uuid, resize(resize), key);
            case "rescue":
                return instances.rescue(
                        caller, uuid, rescue(fields(body, "image_meta", "image_file", "config_drive_file")), key);
            case "attach-volume":
                return instances.attachVolume(caller, uuid, volume(fields(body, "volume")), key);
            case "detach-volume":
                JsonNode detach = fields(body, "device", "volume");
                return instances.detachVolume(caller, uuid, text(detach, "device"), text(detach, "volume"), key);
            case "extend-volume":
                JsonNode extend = fields(body, "volume", "size");
                return instances.extendVolume(caller, uuid, needed(extend, "volume"), bytes(extend, "size"), key);
            case "replug-volume":
                JsonNode replug = fields(body, "volume", "dry_run");
                return instances.replugVolume(caller, uuid, needed(replug, "volume"), flag(replug, "dry_run"), key);
            case "attach-interface":
                return instances.attachInterface(caller, uuid, port(fields(body, "vif")), key);
            case "detach-interface":
                return instances.detachInterface(caller, uuid, needed(fields(body, "mac"), "mac"), key);
            case "migrate":
                JsonNode migrate = fields(body, "host", "flavor", "dry_run");
                return instances.migrate(caller, uuid, migration(migrate), key);
            case "migrate-revert":
                return instances.revertMigration(caller, uuid, flag(fields(body, "force"), "force"), key);
            default:
                fields(body);
                return plain(uuid, action, key);
        }
    }

    /** The actions that take nothing. */
    private Operation plain(String uuid, String action, RequestKey key) {
        return switch (action) {
            case "resume" -> instances.resume(caller, uuid, key);
            case "stop" -> instances.stop(caller, uuid, key);
            case "release" -> instances.release(caller, uuid, key);
            case "pause" -> instances.pause(caller, uuid, key);
            case "unpause" -> instances.unpause(caller, uuid, key);
            case "suspend" -> instances.suspend(caller, uuid, key);
            case "resize-confirm" -> instances.confirmResize(caller, uuid, key);
            case "resize-revert" -> instances.revertResize(caller, uuid, key);
            case "apply-live" -> instances.applyLive(caller, uuid, key);
            case "quiesce" -> instances.quiesce(caller, uuid, key);
            case "unquiesce" -> instances.unquiesce(caller, uuid, key);
            case "crash-dump" -> instances.crashDump(caller, uuid, key);
            case "unrescue" -> instances.unrescue(caller, uuid, key);
            case "migrate-confirm" -> instances.confirmMigration(caller, uuid, key);
            default -> throw new NotFoundException();
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
        return new MigrationRequest(host, fields.has("flavor") ? flavor(fields) : null, flag(fields, "dry_run"));
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

    /** Null when it is not named. */
    private static @Nullable Duration seconds(JsonNode fields, String name) {
        JsonNode value = fields.path(name);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isInt() || value.intValue() < 0 || value.intValue() > MAX_SECONDS) {
            throw invalid(name + " must be a whole number of seconds from 0 to " + MAX_SECONDS);
        }
        return Duration.ofSeconds(value.intValue());
    }

    /** The body's object with no other keys than these; an empty body is an empty object. */
    private static JsonNode fields(byte[] body, String... known) {
        if (body.length == 0) {
            return Json.mapper().createObjectNode();
        }
        JsonNode fields = RequestBodies.read(body, JsonNode.class);
        if (!fields.isObject()) {
            throw invalid("the body must be a JSON object");
        }
        List<String> names = Arrays.asList(known);
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
