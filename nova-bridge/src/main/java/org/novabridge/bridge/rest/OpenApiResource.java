package org.novabridge.bridge.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code /v1/openapi}: the description of this interface, as it is tracked in {@code docs/reference/openapi.json}. */
@Path("v1/openapi")
@Produces(MediaType.APPLICATION_JSON)
public final class OpenApiResource {

    @Described(value = "This document: OpenAPI 3.1", answer = Map.class)
    @GET
    public String document() throws IOException {
        try (InputStream in = OpenApiResource.class.getResourceAsStream("openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("the program was packed without its openapi.json");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
