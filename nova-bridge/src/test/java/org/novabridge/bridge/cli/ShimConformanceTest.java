package org.novabridge.bridge.cli;

import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Nova's own generic tests of a driver ({@code nova/tests/unit/virt/test_virt_drivers.py}) against {@code
 * bridge.BridgeDriver}, with this bridge and real guests behind it. They take a driver's NotImplementedError for a pass; here
 * it is counted by itself, and only what is on a list may raise it ({@code shim/tests/conformance.py}).
 */
@Tag("nova")
class ShimConformanceTest extends ServedProgram {
    @TestFactory
    List<DynamicTest> everyGenericTestOfADriver() throws Exception {
        configureEmbedded("""
                images_type = qcow2
                wait_soft_reboot_seconds = 1
                [vnc]
                enabled = true
                [serial_console]
                enabled = true
                """);
        start();
        ShimRun run = ShimRun.of(folder, "conformance", at("b.sock"), at("state"));
        System.out.printf(
                "conformance: %d passed, %d not implemented, %d skipped, %d failed%n",
                run.ended("passed").size(),
                run.ended("not-implemented").size(),
                run.ended("skipped").size(),
                run.ended("failed").size());
        return run.tests();
    }
}
