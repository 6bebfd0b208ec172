package org.novabridge.driver.compute;

import java.util.function.Supplier;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** What refuses a resize or migration before the guest is touched: Nova takes it on as it was after this one code alone. */
final class ResizeRefusal {
    private ResizeRefusal() {}

    /** @throws BridgeException RESIZE_REFUSED for every failure but a defect of ours and a caller who thought better of it */
    static <T> T of(Supplier<T> check) {
        try {
            return check.get();
        } catch (BridgeException e) {
            throw refusal(e);
        }
    }

    /** That failure as a refusal, unless it is a defect of ours or somebody has thought better of it. */
    static RuntimeException refusal(RuntimeException why) {
        if (!(why instanceof BridgeException e)) {
            return why;
        }
        return switch (e.code()) {
            case RESIZE_REFUSED, INTERNAL, CANCELLED -> e;
            default -> new BridgeException(ErrorCode.RESIZE_REFUSED, String.valueOf(e.getMessage()), e.remedy(), e);
        };
    }
}
