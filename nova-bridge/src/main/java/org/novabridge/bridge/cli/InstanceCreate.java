package org.novabridge.bridge.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code instance create}: reads the spec, puts absolute file names into it, and hands it to the bridge. */
@Command(
        name = "create",
        description = "Make the disks of a new guest and start it. SPEC.json holds the arguments of Nova's spawn; see"
                + " the reference of the REST interface.")
final class InstanceCreate implements Runnable {
    private static final long MAX_SPEC = 2L * 1024 * 1024;
    /** What may be repeated of a hostile document. */
    private static final Pattern FIELD = Pattern.compile("(/[A-Za-z0-9_:.-]{1,64}){1,8}");

    @Option(names = "--spec", required = true, paramLabel = "SPEC.json", description = "The instance to create.")
    private Path spec = Path.of("");

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "The image of the root disk; used when it is not in the bridge's cache yet.")
    private @Nullable Path image;

    @Option(names = "--config-drive", paramLabel = "FILE", description = "A config drive, as Nova would have made it.")
    private @Nullable Path configDrive;

    @Option(names = "--power-off", description = "Leave the new guest stopped.")
    private boolean powerOff;

    @Mixin
    private final Change change = new Change();

    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        ObjectNode body = read(spec);
        file(body, "image_file", image);
        file(body, "config_drive_file", configDrive);
        if (powerOff) {
            body.put("power_on", false);
        }
        change.run(command, client -> client.post("/v1/instances", body));
    }

    /** A file given here wins; one named in the spec is looked for beside the spec. */
    private void file(ObjectNode body, String key, @Nullable Path given) {
        Path file = given;
        if (file == null) {
            JsonNode named = body.path(key);
            if (!named.isTextual()) {
                return;
            }
            file = spec.toAbsolutePath().resolveSibling(named.textValue());
        }
        file = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(file)) {
            String option = key.equals("image_file") ? "--image" : "--config-drive";
            String why = Files.isDirectory(file)
                    ? " is a folder"
                    : Files.exists(file) ? " is no regular file" : " does not exist";
            throw CommandFailure.usage(
                    (given == null ? spec + ": " + key : option) + ": " + file + why, "name a regular file", null);
        }
        body.put(key, file.toString());
    }

    /** The field at which a document stops being one; Jackson gives no line for a text that is too long. */
    private static String where(byte[] content) {
        String field = "";
        try (JsonParser parser = Json.mapper().createParser(content)) {
            try {
                while (parser.nextToken() != null) {
                    // A text is looked at when it is asked for.
                    parser.getTextLength();
                }
            } catch (JsonProcessingException here) {
                field = parser.getParsingContext().pathAsPointer().toString();
            }
        } catch (IOException e) {
            return "";
        }
        return FIELD.matcher(field).matches() ? ", at " + field : "";
    }

    private static ObjectNode read(Path spec) {
        byte[] content = {};
        try {
            if (Files.exists(spec) && !Files.isRegularFile(spec)) {
                throw CommandFailure.usage("--spec: " + spec + " is no regular file", "name a JSON file", null);
            }
            if (Files.size(spec) > MAX_SPEC) {
                throw CommandFailure.usage(
                        spec + " is larger than " + MAX_SPEC + " bytes", "a spec has some kilobytes", null);
            }
            content = Files.readAllBytes(spec);
            JsonNode body = Json.mapper().readTree(content);
            if (body instanceof ObjectNode object) {
                return object;
            }
            throw CommandFailure.usage(spec + " is not a JSON object", "see the reference of SPEC.json", null);
        } catch (JsonProcessingException e) {
            // Jackson's own text repeats parts of the document, which may be secret.
            String place = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
            throw CommandFailure.usage(
                    spec + place + ": is not JSON as it must be (syntax, a key given twice, nesting or length)"
                            + where(content),
                    "correct the document; nothing was done with it",
                    e);
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("--spec: " + spec + " does not exist", "check the name", e);
        } catch (AccessDeniedException e) {
            throw CommandFailure.usage("--spec: " + spec + " may not be read by this user", "check its permissions", e);
        } catch (IOException e) {
            throw CommandFailure.usage(
                    "--spec: " + spec + " cannot be read: " + e.getMessage(), "check the name and its permissions", e);
        }
    }
}
