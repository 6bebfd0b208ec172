package org.novabridge.bridge.cli;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The Python shim before a real bridge with real guests, twice: Nova's own generic tests of a driver ({@code nova/tests/unit/virt/test_virt_drivers.py}) of {@code
 * bridge.BridgeDriver}, and servers of a whole Nova in one process, from its API on. The generic tests take a driver's NotImplementedError for a pass; here
 * it is counted by itself, and only what is on a list may raise it ({@code shim/tests/conformance.py}).
 */
@Tag("nova")
class ShimConformanceTest extends ServedProgram {
    @TestFactory
    List<DynamicTest> genericTestsOfADriverAndAWholeNova() throws Exception {
        configureEmbedded("""
                images_type = qcow2
                nfs_mount_point_base = %s
                device_detach_timeout = 5
                wait_soft_reboot_seconds = 1
                [vnc]
                enabled = true
                server_listen = 127.0.0.7
                [serial_console]
                enabled = true
                [DEFAULT]
                shutdown_timeout = 1
                """.formatted(Files.createDirectories(folder.resolve("mnt"))));
        start();
        List<DynamicTest> tests = new ArrayList<>();
        for (String what : List.of("conformance", "whole")) {
            ShimRun run = ShimRun.of(folder, what, at("b.sock"), at("state"));
            System.out.printf(
                    "%s: %d passed, %d not implemented, %d skipped, %d failed%n",
                    what,
                    run.ended("passed").size(),
                    run.ended("not-implemented").size(),
                    run.ended("skipped").size(),
                    run.ended("failed").size());
            tests.addAll(run.tests());
        }
        return tests;
    }
}
