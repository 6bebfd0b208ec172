package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.bridge.rest.Json;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameWriter;

/** What the other host of a migration reads. */
class TransferCommandTest extends TypedToBridge {
    private String receive(Frame.Kind... kinds) throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(sent);
        writer.write(new Frame(
                Frame.Kind.OPEN,
                0,
                0,
                ("{\"instance\": \"" + UUID + "\", \"migration\": \"m-1\", \"token\": \"t\"}")
                        .getBytes(StandardCharsets.UTF_8)));
        for (Frame.Kind kind : kinds) {
            writer.write(new Frame(kind, 0, 0, new byte[0]));
        }
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(sent.toByteArray()));
        try {
            assertThat(run("transfer", "receive")).isEqualTo(1);
        } finally {
            System.setIn(before);
        }
        return Json.mapper()
                .readTree(out.toString())
                .path("problem")
                .path("type")
                .asText();
    }

    @Test
    void whyTheDisksWereNotTakenIsToldAlsoWhenNothingIsThereToDrop() throws Exception {
        doThrow(new BridgeException(ErrorCode.STORAGE_FULL, "full"))
                .when(bridge.transfers)
                .frames(anyString(), anyString(), any());
        when(bridge.transfers.drop(any(), any()))
                .thenThrow(new BridgeException(ErrorCode.FORBIDDEN, "no such migration"));
        assertThat(receive(Frame.Kind.ALIVE)).isEqualTo("/problems/storage-full");
        verify(bridge.transfers).drop(any(), any());
    }

    @Test
    void aStreamThatEndsTooSoonIsDropped() throws Exception {
        when(bridge.transfers.drop(any(), any()))
                .thenThrow(new BridgeException(ErrorCode.FORBIDDEN, "no such migration"));
        assertThat(receive(Frame.Kind.ALIVE)).isEqualTo("/problems/interrupted");
        verify(bridge.transfers).drop(any(), any());
    }

    @Test
    void theOtherHostNeedNotKnowWhereThisBridgeListens(@TempDir Path home) throws Exception {
        when(bridge.transfers.drop(any(), any())).thenThrow(new BridgeException(ErrorCode.FORBIDDEN, "asked here"));
        Files.writeString(home.resolve("nova.conf"), "[nova_bridge]\nsocket = " + bridge.socket() + "\n");
        String homeBefore = System.setProperty("user.home", home.toString());
        InputStream before = System.in;
        System.setIn(
                new ByteArrayInputStream(("{\"instance\": \"" + UUID + "\", \"migration\": \"m-1\", \"token\": \"t\"}")
                        .getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(NovaBridge.commandLine()
                            .setOut(new PrintWriter(out))
                            .setErr(new PrintWriter(err))
                            .execute("transfer", "drop"))
                    .isEqualTo(1);
        } finally {
            System.setIn(before);
            System.setProperty("user.home", homeBefore);
        }
        assertThat(Json.mapper().readTree(out.toString()).at("/problem/detail").asText())
                .contains("asked here");
    }
}
