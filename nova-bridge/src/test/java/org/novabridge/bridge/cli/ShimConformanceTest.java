package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
    private static final Set<String> AS_STOCK = Set.of(
            "test_get_mks_console",
            "test_get_rdp_console",
            "test_host_power_action_reboot",
            "test_host_power_action_shutdown",
            "test_host_power_action_startup",
            "test_restore_running",
            "test_restore_soft_deleted",
            "test_set_host_enabled",
            "test_soft_delete");

    /** What comes later. A method that is implemented goes off this list, and none may come onto it unseen. */
    private static final Set<String> LATER = Set.of(
            "test_attach_detach_different_power_states",
            "test_attach_detach_volume",
            "test_block_stats",
            "test_get_device_name_for_instance",
            "test_get_diagnostics",
            "test_get_host_cpu_stats",
            "test_get_instance_diagnostics",
            "test_get_instance_disk_info",
            "test_get_spice_console",
            "test_live_migration",
            "test_live_migration_abort",
            "test_live_migration_force_complete",
            "test_rescue",
            "test_set_admin_password",
            "test_swap_volume",
            "test_trigger_crash_dump",
            "test_unrescue_rescued_instance",
            "test_unrescue_unrescued_instance");

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
            Set<String> found = new TreeSet<>();
            run.ended("not-implemented")
                    .forEach(one -> found.add(one.name().substring(one.name().indexOf('.') + 1)));
            assertThat(found).isEqualTo(known);
        }));
        return tests;
    }
}
