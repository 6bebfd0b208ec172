package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;
import org.novabridge.driver.model.BridgeException;

/** The bridge of another host, as this one speaks to it during a migration. */
interface RemoteBridge {

    /** What is asked of it; each is a command of its own there: {@code nova-bridge transfer offer} … */
    enum Word {
        /** Takes an instance, or says why not. */
        OFFER,
        /** Takes the disks of what was offered. */
        RECEIVE,
        /** The instance is that host's now: it may run there. */
        TAKE,
        /** It stays there for good. */
        KEEP,
        /** It goes from there, with its disks. */
        DROP;

        String command() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Writes what the other side reads. */
    @FunctionalInterface
    interface Stream {
        void writeTo(OutputStream to) throws IOException;
    }

    /**
     * Asks, and waits for the answer.
     *
     * @throws BridgeException what the other bridge refused or failed with; STORAGE_FAILED or CANCELLED with what went
     *     wrong as the cause when there is no answer, and then it may have been done or not
     */
    JsonNode call(String host, Word word, Stream request, BooleanSupplier cancelled);

    /** Whether this failure of {@link #call} says nothing about what was done. */
    static boolean unanswered(BridgeException failure) {
        return failure.getCause() != null;
    }
}
