package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Nova's own generic tests of a driver ({@code nova/tests/unit/virt/test_virt_drivers.py}) against {@code
 * bridge.BridgeDriver}, with this bridge and real guests behind it. They take a driver's NotImplementedError for a pass; here
 * it is counted by itself.
 */
@Tag("nova")
class ShimConformanceTest extends ServedProgram {
    /** What no driver on libvirt implements either. */
    private static final Set<String> AS_STOCK = Set.of();

    /** What comes later. A method that is implemented goes off this list, and none may come onto it unseen. */
    private static final Set<String> LATER = Set.of();

    @TestFactory
    List<DynamicTest> everyGenericTestOfADriver() throws Exception {
        configureEmbedded("""
                images_type = qcow2
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
        List<DynamicTest> tests = new ArrayList<>(run.tests());
        tests.add(DynamicTest.dynamicTest("whatIsNotImplementedIsKnown", () -> {
            Set<String> known = new TreeSet<>(AS_STOCK);
            known.addAll(LATER);
            assertThat(run.ended("not-implemented").stream()
                            .map(one -> one.name().substring(one.name().indexOf('.') + 1))
                            .collect(Collectors.toCollection(TreeSet::new)))
                    .isEqualTo(known);
        }));
        return tests;
    }
}
