package org.novabridge.bridge.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import org.novabridge.bridge.rest.ProblemBody;
import org.novabridge.bridge.rest.TransfersResource;
import org.novabridge.driver.model.BridgeException;

/**
 * Speaks to a running bridge over its socket. A problem that the bridge answers with comes out as the
 * {@link BridgeException} it was inside; a bridge that cannot be reached as a {@link CommandFailure}.
 */
final class BridgeClient implements AutoCloseable {
    private static final String HOST = "http://nova-bridge";
    private static final int MAX_ANSWER = 32 * 1024 * 1024;
    /** Longer than the longest wait that the bridge allows ({@code ?wait=60}). */
    private static final int PATIENCE_SECONDS = 120;

    private final Path socket;
    private final Transport transport;
    private final HttpClient http;

    BridgeClient(Path socket) {
        this.socket = socket.toAbsolutePath();
        this.transport = new Transport.TCPUnix(this.socket);
        QueuedThreadPool threads = new QueuedThreadPool(4, 2);
        threads.setName("client");
        threads.setDaemon(true);
        http = new HttpClient(new HttpClientTransportOverHTTP(1));
        http.setExecutor(threads);
        http.setConnectTimeout(5_000);
        // Nothing moves on the connection while the bridge waits for an operation; Jetty's own patience is 30 s.
        http.setIdleTimeout(PATIENCE_SECONDS * 1000L);
        http.setFollowRedirects(false);
        http.setUserAgentField(null);
        try {
            http.start();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP client does not start", e);
        }
    }

    /** How long a silent connection is kept, as the client in use has it. */
    long idleMillis() {
        return http.getIdleTimeout();
    }

    JsonNode get(String path) {
        return json(send(http.newRequest(HOST + path).method(HttpMethod.GET)));
    }

    byte[] bytes(String path) {
        return send(http.newRequest(HOST + path).method(HttpMethod.GET)).getContent();
    }

    /** Asks for a change. The key makes the request safe to send twice. */
    JsonNode post(String path, @Nullable JsonNode body) {
        Request request = change(HttpMethod.POST, path);
        if (body != null) {
            try {
                request.body(new BytesRequestContent(
                        "application/json", Json.mapper().writeValueAsBytes(body)));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a JSON tree that cannot be written", e);
            }
        }
        return json(send(request));
    }

    /** Brings bytes that are not to be asked for again. */
    void put(String path, byte[] body) {
        send(http.newRequest(HOST + path)
                .method(HttpMethod.PUT)
                .body(new BytesRequestContent("application/octet-stream", body)));
    }

    /** The same where it is a change; the key makes it safe to send twice. */
    JsonNode putChange(String path, byte[] body) {
        return json(send(change(HttpMethod.PUT, path).body(new BytesRequestContent("application/octet-stream", body))));
    }

    /** Brings frames of disks. */
    void putFrames(String path, String token, byte[] body) {
        send(http.newRequest(HOST + path)
                .method(HttpMethod.PUT)
                .headers(headers -> headers.put(TransfersResource.TOKEN, token))
                .body(new BytesRequestContent("application/octet-stream", body)));
    }

    JsonNode delete(String path) {
        return json(send(change(HttpMethod.DELETE, path)));
    }

    /**
     * Reads server-sent events until the bridge ends them.
     *
     * @param lastId of the last event that was read; empty for none
     * @param wanted is given each, and says whether there should be another
     */
    void follow(String path, String lastId, Predicate<ServerEvents.Event> wanted) {
        Request request = http.newRequest(HOST + path).method(HttpMethod.GET).transport(transport);
        if (!lastId.isEmpty()) {
            request.headers(headers -> headers.put("Last-Event-ID", lastId));
        }
        InputStreamResponseListener answer = new InputStreamResponseListener();
        request.send(answer);
        try (InputStream content = answer.getInputStream()) {
            int status = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getStatus();
            if (status >= 400) {
                throw problem(status, content.readAllBytes());
            }
            ServerEvents.read(content, wanted);
        } catch (ExecutionException e) {
            throw unreachable(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw silent(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private Request change(HttpMethod method, String path) {
        String key = UUID.randomUUID().toString();
        return http.newRequest(HOST + path).method(method).headers(headers -> headers.put("Idempotency-Key", key));
    }

    private ContentResponse send(Request request) {
        request.transport(transport);
        ContentResponse answer;
        try {
            answer =
                    new CompletableResponseListener(request, MAX_ANSWER).send().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw unreachable(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw silent(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
        if (answer.getStatus() >= 400) {
            throw problem(answer.getStatus(), answer.getContent());
        }
        return answer;
    }

    private CommandFailure silent(TimeoutException cause) {
        return CommandFailure.failed(
                "the bridge on " + socket + " did not answer for " + PATIENCE_SECONDS + " seconds",
                "look at the bridge's log",
                cause);
    }

    private static CommandFailure interrupted(InterruptedException cause) {
        return CommandFailure.failed("interrupted", "repeat the command", cause);
    }

    private RuntimeException problem(int status, byte[] answer) {
        try {
            return Json.mapper().readValue(answer, ProblemBody.class).toException();
        } catch (IOException e) {
            return CommandFailure.failed(
                    "what listens on " + socket + " answered " + status + " and is no nova-bridge",
                    "check --socket",
                    e);
        }
    }

    private JsonNode json(ContentResponse answer) {
        try {
            return Json.mapper().readTree(answer.getContent());
        } catch (IOException e) {
            throw CommandFailure.failed(
                    "what listens on " + socket + " did not answer in JSON and is no nova-bridge", "check --socket", e);
        }
    }

    private CommandFailure unreachable(Throwable cause) {
        if (!Files.exists(socket)) {
            return CommandFailure.failed(
                    "no bridge: there is no socket " + socket,
                    "start \"nova-bridge serve\", or name the socket of a running bridge with --socket",
                    cause);
        }
        if (Files.isRegularFile(socket) || Files.isDirectory(socket)) {
            return CommandFailure.failed(
                    socket + " is no socket", "name the socket of a running bridge with --socket", cause);
        }
        String text = String.valueOf(cause.getMessage());
        if (cause instanceof AccessDeniedException
                || cause instanceof NoSuchFileException
                || text.contains("Permission denied")) {
            return CommandFailure.failed(
                    "no permission to use the socket " + socket, "run the command as root, or as user nova", cause);
        }
        if (text.contains("Connection refused")) {
            return CommandFailure.failed(
                    "no bridge listens on " + socket + ": it has ended without removing its socket",
                    "start \"nova-bridge serve\"; it replaces the socket",
                    cause);
        }
        return CommandFailure.failed(
                "the connection to the bridge on " + socket + " broke: " + text,
                "look whether the bridge still runs; a change that it had accepted goes on, or is settled at its next"
                        + " start: see \"nova-bridge operation list\"",
                cause);
    }

    @Override
    public void close() {
        try {
            http.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP client does not stop", e);
        }
    }
}
