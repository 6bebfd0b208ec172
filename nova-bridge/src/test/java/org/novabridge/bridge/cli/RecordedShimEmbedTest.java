package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.novabridge.bridge.rest.RawHttp;
import org.novabridge.bridge.rest.RecordedShim;

/**
 * A guest's life as the shim of the protocol before asks for it, with a whole bridge and a real guest: each operation ends as
 * it did then, and its result has what that shim reads.
 */
@Tag("embed")
@Timeout(300)
class RecordedShimEmbedTest extends ServedProgram {
    /** What a guest without a network and an agent cannot do; the requests are read in {@code RecordedShimTest}. */
    private static final Set<String> ELSEWHERE = Set.of(
            "attach_interface",
            "detach_interface",
            "spawn with a port",
            "set_admin_password",
            "quiesce",
            "unquiesce",
            "events");

    private static final String MOUNTED = "/var/lib/nova/mnt";
    private String operation = "";

    static List<RecordedShim> older() throws IOException {
        return RecordedShim.served();
    }

    @ParameterizedTest
    @MethodSource("older")
    void aGuestLivesAndDiesByTheRequestsOfAnOlderShim(RecordedShim shim) throws Exception {
        Path volumes = Files.createDirectories(folder.resolve("mnt"));
        configureEmbedded("""
                images_type = qcow2
                nfs_mount_point_base = %s
                device_detach_timeout = 5
                wait_soft_reboot_seconds = 1
                [vnc]
                enabled = true
                server_listen = 127.0.0.7
                [serial_console]
                enabled = true
                """.formatted(volumes));
        start();
        int replayed = 0;
        for (RecordedShim.Request request : shim.requests()) {
            if (ELSEWHERE.contains(request.call())) {
                continue;
            }
            hand(request, volumes);
            JsonNode answer = ask(request);
            if (answer.has("kind") && answer.has("id")) {
                operation = answer.path("id").asText();
            }
            if (request.awaits()) {
                assertThat(answer.path("state").asText())
                        .as("%s: %s", request.call(), answer)
                        .isEqualTo(request.succeeded() ? "done" : "failed");
            }
            replayed++;
        }
        assertThat(replayed).isGreaterThan(100);
        assertThat(folder.resolve("instances")).isDirectoryNotContaining("glob:**/*-*-*-*-*");
    }

    /** Once more while an operation runs, as the shim does, and then as it was recorded: at its end. */
    private JsonNode ask(RecordedShim.Request request) throws IOException {
        Path socket = folder.resolve("b.sock");
        RawHttp.Answer answer = request.replay(socket, this::here);
        while (request.awaits() && answer.body().matches("(?s).*\"state\":\"(pending|running)\".*")) {
            answer = request.replay(socket, this::here);
        }
        return request.demand(answer);
    }

    private String here(String text) {
        return text.replaceFirst("^/v1/operations/op-[0-9]+", "/v1/operations/" + operation)
                .replace(MOUNTED, at("mnt"))
                .replace("\"size\":1048576", "\"size\":" + imageSize());
    }

    private long imageSize() {
        return folder.resolve("i.qcow2").toFile().length();
    }

    /** The files that the request names: in the exchange folder, and where its volumes are mounted. */
    private void hand(RecordedShim.Request request, Path volumes) throws IOException {
        JsonNode body = request.body();
        if (body == null) {
            return;
        }
        for (String volume : body.findValuesAsText("serial")) {
            try (RandomAccessFile file =
                    new RandomAccessFile(volumes.resolve(volume).toFile(), "rw")) {
                // What one of them is extended to.
                file.setLength(2 << 20);
            }
        }
        String owner = request.path().startsWith("/v1/instances/")
                ? request.path().split("/")[3]
                : body.at("/image_meta/id").asText();
        Path exchange = folder.resolve("state/exchange").resolve(owner);
        if (body.has("image_file")) {
            Files.copy(
                    folder.resolve("i.qcow2"),
                    Files.createDirectories(exchange)
                            .resolve(body.path("image_file").asText()),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        if (body.has("config_drive_file")) {
            Files.write(
                    Files.createDirectories(exchange)
                            .resolve(body.path("config_drive_file").asText()),
                    new byte[1 << 16]);
        }
    }
}
