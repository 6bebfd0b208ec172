package org.novabridge.driver.model;

import java.util.Map;

/**
 * The flavor of an instance as Nova keeps it with the instance.
 *
 * @param memoryMb guest memory in MiB
 * @param rootGb root disk in GiB; 0 means the size of the image
 * @param ephemeralGb ephemeral disk in GiB
 * @param swapMb swap disk in MiB
 * @param extraSpecs extra specs, keys with their scope ({@code quota:disk_read_iops_sec})
 */
public record Flavor(
        String name, int vcpus, int memoryMb, int rootGb, int ephemeralGb, int swapMb, Map<String, String> extraSpecs) {
    public Flavor {
        extraSpecs = Map.copyOf(extraSpecs);
    }
}
