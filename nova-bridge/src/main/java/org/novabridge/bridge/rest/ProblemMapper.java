package org.novabridge.bridge.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.UUID;
import org.eclipse.jetty.io.EofException;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every failure becomes {@code application/problem+json}. Ours keep their sentence; anything else says
 * nothing about the host but an incident number that is in the log (OSSA-2019-003: Nova once told
 * tenants the text of foreign exceptions).
 */
final class ProblemMapper implements ExceptionMapper<Throwable> {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);
    private static final int RETRY_SECONDS = 5;

    @Override
    public Response toResponse(Throwable failure) {
        if (failure instanceof WebApplicationException web) {
            return web(web);
        }
        ProblemBody problem = problem(failure);
        return response(problem).build();
    }

    /** The problem of a failure that is not one of Jersey's own. */
    static ProblemBody problem(Throwable failure) {
        if (failure instanceof BridgeException known && known.code() != ErrorCode.INTERNAL) {
            return ProblemBody.of(known);
        }
        if (failure instanceof JsonProcessingException json) {
            return json(json);
        }
        if (failure instanceof ProcessingException && failure.getCause() instanceof JsonProcessingException json) {
            return json(json);
        }
        if (gone(failure)) {
            LOG.debug("the client went away before its request was complete", failure);
            return ProblemBody.of(ErrorCode.INVALID_REQUEST, "The request is not complete.", null);
        }
        String incident = UUID.randomUUID().toString();
        LOG.error("incident {}", incident, failure);
        return ProblemBody.of(
                ErrorCode.INTERNAL,
                "The bridge failed unexpectedly (incident " + incident + ").",
                "Look for the incident in the bridge's log, and report it.");
    }

    private static boolean gone(Throwable failure) {
        return failure instanceof EofException || failure.getCause() instanceof EofException;
    }

    private static ProblemBody json(JsonProcessingException failure) {
        String place = failure.getLocation() == null
                ? ""
                : " at line " + failure.getLocation().getLineNr() + ", column "
                        + failure.getLocation().getColumnNr();
        return ProblemBody.of(
                ErrorCode.INVALID_REQUEST,
                "The body is not the JSON document this call takes" + place + ".",
                "Send one JSON object, UTF-8, with the keys that the reference names.");
    }

    /** Jersey's own refusals: no such path, wrong method, wrong content type. The text is ours. */
    private static Response web(WebApplicationException failure) {
        int status = failure.getResponse().getStatus();
        String detail = switch (status) {
            case 404 -> "There is no such path.";
            case 405 -> "The path does not take this method.";
            case 406 -> "The path does not answer with an accepted content type.";
            case 413 -> "The body is too large.";
            case 415 -> "The path does not take this content type.";
            default -> "The request is not understood.";
        };
        if (status >= 500) {
            return response(problem(failure)).build();
        }
        Response.ResponseBuilder answer = response(ProblemBody.of(
                ErrorCode.INVALID_REQUEST, status, detail, "The reference of the REST interface lists what there is."));
        Object allow = failure.getResponse().getHeaders().getFirst(HttpHeaders.ALLOW);
        if (allow != null) {
            answer.header(HttpHeaders.ALLOW, allow);
        }
        return answer.build();
    }

    /** The answer of a problem; one that may be gone soon says when to ask again. */
    static Response.ResponseBuilder response(ProblemBody problem) {
        Response.ResponseBuilder answer =
                Response.status(problem.status()).type(ProblemBody.MEDIA_TYPE).entity(problem);
        return problem.status() == 503 ? answer.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS) : answer;
    }
}
