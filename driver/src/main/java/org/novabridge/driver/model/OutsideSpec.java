package org.novabridge.driver.model;

import java.util.List;
import java.util.Map;

/**
 * What a caller is about to plug and connect for an instance.
 *
 * @param ports Nova's VIF dictionaries
 * @param volumes with their connection_info, without passwords and keys
 */
public record OutsideSpec(List<Map<String, Object>> ports, List<BlockDevice> volumes) {
    public OutsideSpec {
        ports = List.copyOf(ports);
        volumes = List.copyOf(volumes);
    }
}
