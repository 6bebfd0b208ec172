package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import org.novabridge.bridge.rest.Json;

/** Server-sent events as the bridge writes them (WHATWG HTML 9.2.6): each with an id and one line of JSON. */
final class ServerEvents {
    private ServerEvents() {}

    /** One event. */
    record Event(String id, String kind, JsonNode data) {}

    /**
     * Reads until the stream ends, or nobody wants more.
     *
     * @param to is given each event, and says whether there should be another
     * @throws IOException when it breaks, or brings something else
     */
    static void read(InputStream stream, Predicate<Event> to) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        String id = "";
        String kind = "";
        String data = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int colon = line.indexOf(':');
            String value = colon < 0 ? "" : line.substring(colon + 1).stripLeading();
            if (line.isEmpty()) {
                if (!data.isEmpty()
                        && !to.test(new Event(id, kind, Json.mapper().readTree(data)))) {
                    return;
                }
                kind = "";
                data = "";
            } else if (line.startsWith("id:")) {
                id = value;
            } else if (line.startsWith("event:")) {
                kind = value;
            } else if (line.startsWith("data:")) {
                data = value;
            }
        }
    }
}
