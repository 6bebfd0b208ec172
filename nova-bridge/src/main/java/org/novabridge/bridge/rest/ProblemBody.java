package org.novabridge.bridge.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * An error as {@code application/problem+json} (RFC 9457).
 *
 * @param type {@code /problems/} and the stable word of the {@link ErrorCode}
 * @param title one sentence that is the same for every problem of the type
 * @param status the HTTP status
 * @param detail what happened this time
 * @param remedy what to do about it; null when nothing is known
 * @param novaException the one class of {@code nova.exception} that the shim raises
 */
public record ProblemBody(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String remedy,
        @JsonProperty("nova_exception") String novaException) {
    static final String MEDIA_TYPE = "application/problem+json";

    private static final String TYPES = "/problems/";

    static ProblemBody of(ErrorCode code, String detail, @Nullable String remedy) {
        return of(code, code.httpStatus(), detail, remedy);
    }

    static ProblemBody of(ErrorCode code, int status, String detail, @Nullable String remedy) {
        return new ProblemBody(TYPES + code.type(), title(code), status, detail, remedy, code.novaException());
    }

    /** What a failure looks like in an answer, and in that of {@code nova-bridge transfer}. */
    public static ProblemBody of(BridgeException failure) {
        String message = failure.getMessage();
        return of(failure.code(), message == null ? title(failure.code()) : message, failure.remedy());
    }

    /** The code that the type names; INTERNAL for one that this release does not know. */
    public ErrorCode code() {
        return type.startsWith(TYPES) ? ErrorCode.ofType(type.substring(TYPES.length())) : ErrorCode.INTERNAL;
    }

    /** The same failure as an exception, on the client's side. */
    public BridgeException toException() {
        return new BridgeException(code(), detail, remedy);
    }

    private static String title(ErrorCode code) {
        String words = code.type().replace('-', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
