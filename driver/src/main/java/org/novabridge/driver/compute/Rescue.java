package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;

/**
 * That an instance is rescued, and what it is without that.
 *
 * @param over the guest is defined with its own disks again, and those of the rescue are still to be removed
 * @param spec the spec it had, without secrets
 * @param own the local disks it had; it still has them
 * @param added the disks that it has for the rescue only
 * @param since when it was rescued; ISO-8601, UTC
 */
record Rescue(boolean over, JsonNode spec, List<RecordedDisk> own, List<RecordedDisk> added, String since) {
    Rescue {
        own = List.copyOf(own);
        added = List.copyOf(added);
    }

    Rescue ended() {
        return new Rescue(true, spec, own, added, since);
    }

    /** Without the document: it is long, and what a tenant wrote into it has no place in the log. */
    @Override
    public String toString() {
        return "Rescue[" + (over ? "over" : "since " + since) + ", " + added + "]";
    }
}
