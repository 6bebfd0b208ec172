package org.novabridge.driver.host.tuning;

import java.util.List;

/** One decision about the host. Changes nothing, and says what it cannot see. */
interface TuningCheck {
    List<Finding> look(ObservedHost host);
}
