package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.RemoteBridge.Word;
import org.novabridge.driver.model.BridgeException;

/**
 * An instance on the host to which it was sent, as the host that it comes from may speak of it. When nothing is answered, it
 * may have been done or not; each may be asked for again.
 *
 * @param host where it is
 * @param claim by which right it is spoken of
 */
record RemoteCopy(RemoteBridge remote, String host, MigrationClaim claim) {

    /** It is that host's now, and runs if it ran. */
    void take() {
        ask(Word.TAKE, claim);
    }

    /**
     * It stays there for good.
     *
     * @param running see {@link MigrationClaim}
     * @throws BridgeException INSTANCE_INVALID_STATE, DISK_NOT_FOUND when it is not whole there, INSTANCE_NOT_FOUND: then
     *     it was not kept now. All else says nothing about that
     */
    void keep(@Nullable Boolean running) {
        ask(Word.KEEP, claim.when(running));
    }

    /**
     * It goes from there.
     *
     * @param running see {@link MigrationClaim}
     * @return false when there was none
     */
    boolean drop(@Nullable Boolean running) {
        return ask(Word.DROP, claim.when(running)).path(GuestArrival.REMOVED).asBoolean();
    }

    private JsonNode ask(Word word, MigrationClaim right) {
        byte[] request = right.json();
        return remote.call(host, word, to -> to.write(request), () -> false);
    }
}
