package org.novabridge.driver.compute;

import java.util.List;

/** What is outside of one instance: {@code <state_path>/outside/<uuid>.json}, 0600. */
record OutsideRecord(int version, String instance, List<OutsideDevice> devices) {
    static final int VERSION = 1;

    OutsideRecord {
        devices = List.copyOf(devices);
    }
}
