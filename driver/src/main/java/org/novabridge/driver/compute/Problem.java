package org.novabridge.driver.compute;

import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Why an operation did not do what was asked.
 *
 * @param detail a sentence for the operator, without secrets
 * @param remedy what to do about it; null when nothing is known
 */
public record Problem(
        ErrorCode code, String detail, @Nullable String remedy) {

    /** The problem of a failure; anything that is not ours says nothing about the host (OSSA-2019-003). */
    public static Problem of(Throwable failure) {
        if (failure instanceof BridgeException known) {
            String message = known.getMessage();
            return new Problem(known.code(), message == null ? known.code().type() : message, known.remedy());
        }
        return new Problem(
                ErrorCode.INTERNAL,
                "the bridge failed unexpectedly (" + failure.getClass().getSimpleName() + ")",
                "the bridge's log has the details; please report them");
    }

    /** The same failure as an exception. */
    public BridgeException toException() {
        return new BridgeException(code, detail, remedy);
    }
}
