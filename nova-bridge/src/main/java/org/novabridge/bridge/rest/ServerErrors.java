package org.novabridge.bridge.rest;

import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.novabridge.driver.model.ErrorCode;

/** What Jetty refuses before Jersey sees it (bad request line, body too large) is a problem too. */
final class ServerErrors extends ErrorHandler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        response.getHeaders().put(new HttpField(HttpHeader.CONTENT_TYPE, ProblemBody.MEDIA_TYPE));
        Content.Sink.write(response, true, new String(body(status), StandardCharsets.UTF_8), callback);
        return true;
    }

    static byte[] body(int status) {
        ErrorCode code = switch (status) {
            case HttpStatus.FORBIDDEN_403 -> ErrorCode.FORBIDDEN;
            default -> status < 500 ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL;
        };
        String detail = switch (status) {
            case HttpStatus.FORBIDDEN_403 -> "This user may not use the bridge.";
            case HttpStatus.PAYLOAD_TOO_LARGE_413 -> "The body is larger than " + BridgeServer.MAX_BODY + " bytes.";
            default -> status < 500 ? "The request is not understood." : "The bridge failed.";
        };
        return Json.pretty(ProblemBody.of(code, status, detail, null)).getBytes(StandardCharsets.UTF_8);
    }
}
