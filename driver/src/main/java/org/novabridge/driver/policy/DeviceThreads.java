package org.novabridge.driver.policy;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The I/O threads of a disk's own device, or the one of the controller that it hangs on.
 *
 * @param ids at least one; more than one serve the queues of one device together
 * @param ofController the controller has it
 */
record DeviceThreads(List<Integer> ids, boolean ofController) {
    DeviceThreads {
        ids = List.copyOf(ids);
    }

    /** For explanations: {@code 1}, {@code 1,2}. */
    @Override
    public String toString() {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
