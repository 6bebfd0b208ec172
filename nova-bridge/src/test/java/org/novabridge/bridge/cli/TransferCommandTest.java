package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    private JsonNode problem(String word, String said) throws Exception {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)));
        out.getBuffer().setLength(0);
        try {
            assertThat(run("transfer", word)).isEqualTo(1);
        } finally {
            System.setIn(before);
        }
        return Json.mapper().readTree(out.toString()).path("problem");
    }

    @Test
    void whatAnotherReleaseSaysIsRefusedByTheReleaseAndNotByItsJson() throws Exception {
        JsonNode later = problem("offer", "{\"protocol\": 7, \"said\": \"nowhere yet\"}");
        assertThat(later.path("type").asText()).isEqualTo("/problems/resize-refused");
        assertThat(later.path("detail").asText()).contains("and the other host 7");
        for (JsonNode unread : List.of(
                later,
                problem("offer", "{\"protocol\": 1, \"said\": \"nowhere yet\"}"),
                problem("keep", "{\"migration\": \"m\", \"instance\": \"i\", \"token\": \"t\", \"said\": 1}"))) {
            assertThat(unread.path("remedy").asText()).isEqualTo("run the same release of nova-bridge on both hosts");
        }
        verifyNoInteractions(bridge.transfers);
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
