package org.novabridge.driver.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Processors and memory of this host, as the kernel has them now.
 *
 * @param onlineCpus in the kernel's form: {@code 0-3,6}
 * @param memoryMb all of it, in MiB
 * @param memoryMbUsed what is neither free nor only a cache, in MiB (nova/virt/libvirt/host.py 26.2.2, {@code
 *     get_memory_mb_used})
 */
public record HostNumbers(String onlineCpus, long memoryMb, long memoryMbUsed) {
    private static final long KIB_OF_A_MIB = 1024;

    /** @throws BridgeException INTERNAL when the kernel does not tell */
    public static HostNumbers look() {
        return look(Path.of("/"));
    }

    static HostNumbers look(Path root) {
        try {
            Map<String, Long> kib = new HashMap<>();
            for (String line : Files.readAllLines(root.resolve("proc/meminfo"), StandardCharsets.UTF_8)) {
                String[] words = line.strip().split(":?\\s+", -1);
                if (words.length > 1) {
                    kib.put(words[0], Long.parseLong(words[1]));
                }
            }
            long total = kib.getOrDefault("MemTotal", 0L);
            long available =
                    kib.getOrDefault("MemFree", 0L) + kib.getOrDefault("Buffers", 0L) + kib.getOrDefault("Cached", 0L);
            return new HostNumbers(
                    Files.readString(root.resolve("sys/devices/system/cpu/online"))
                            .strip(),
                    total / KIB_OF_A_MIB,
                    total / KIB_OF_A_MIB - available / KIB_OF_A_MIB);
        } catch (IOException | NumberFormatException e) {
            throw new BridgeException(
                    ErrorCode.INTERNAL,
                    "the kernel does not tell of processors and memory: " + e.getMessage(),
                    "check that /proc and /sys are mounted",
                    e);
        }
    }
}
