package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.HostEvent;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code /v1/events}: what happens on this host, as server-sent events. */
@Path("v1/events")
public final class EventsResource {
    private final EventStreams streams;
    private final Provider<Request> request;

    @Inject
    EventsResource(EventStreams streams, Provider<Request> request) {
        this.streams = streams;
        this.request = request;
    }

    @Described(
            value = "What happens on the host, as server-sent events; without an end",
            answer = String.class,
            problems = ErrorCode.TOO_MANY_LISTENERS)
    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Response follow(
            @HeaderParam(HttpHeaders.LAST_EVENT_ID_HEADER) @Nullable String lastId,
            @QueryParam("kind") List<String> kinds) {
        Request client = request.get();
        return Response.ok(streams.open(
                        lastId, wanted(kinds), gone -> Request.addCompletionListener(client, failure -> gone.run())))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                // A bridge that stops ends the stream, and then waits for no connection.
                .header("Connection", "close")
                .build();
    }

    private static Set<HostEvent.Kind> wanted(List<String> words) {
        Set<HostEvent.Kind> wanted = EnumSet.noneOf(HostEvent.Kind.class);
        for (String word : words) {
            wanted.add(Arrays.stream(HostEvent.Kind.values())
                    .filter(kind -> kind.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new BridgeException(
                            ErrorCode.INVALID_REQUEST,
                            "kind: no event is called so",
                            "there are: "
                                    + Arrays.stream(HostEvent.Kind.values())
                                            .map(HostEvent.Kind::word)
                                            .collect(Collectors.joining(", ")))));
        }
        return wanted;
    }
}
