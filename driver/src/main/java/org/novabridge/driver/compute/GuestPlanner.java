package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.RescueSpec;

/** The rules of the house as the use cases see them: pure apart from probing the host. */
interface GuestPlanner {

    /**
     * The plan by today's configuration.
     *
     * @param made the record of an instance that has its disks already: their backend, source and
     *     format win over today's options; null for a new one
     * @throws BridgeException whatever the rules refuse
     */
    GuestPlan plan(InstanceSpec spec, @Nullable InstanceRecord made);

    /** The rescue that is asked for, with its image decided. */
    RescueSpec rescue(InstanceSpec spec, RescueSpec asked);

    /** Where a running guest's disks differ from the plan. */
    List<InstanceView.Drift> drift(InstanceSpec spec, InstanceRecord made, String liveXml);

    /** The spec for the record, without secrets. */
    JsonNode write(InstanceSpec spec);

    /** A spec that {@link #write} wrote. */
    InstanceSpec read(JsonNode written);
}
