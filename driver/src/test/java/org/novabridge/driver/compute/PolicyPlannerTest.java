package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.host.SerialPorts;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFactsReader;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.policy.DomainPolicy;

/** What of a plan is this host's and not a rule's. */
class PolicyPlannerTest {
    private static final String SPEC = """
            {"instance": {"uuid": "%s", "name": "instance-1", "project_id": "p", "user_id": "u", "vcpus": 1,
              "memory_mb": 64, "root_gb": 1, "ephemeral_gb": 0, "image_ref": "i"%s,
              "flavor": {"vcpus": 1, "memory_mb": 64, "root_gb": 1}},
             "image_meta": {"id": "i", "disk_format": "qcow2"}%s}
            """;

    private static PolicyPlanner planner(ConfigSnapshot config) {
        return new PolicyPlanner(
                () -> config,
                () -> HostFactsReader.read(
                        "{\"arch\": \"x86_64\", \"direct_io\": true}".getBytes(StandardCharsets.UTF_8)),
                new DomainPolicy(Clock.systemUTC()),
                new SerialPorts(Clock.systemUTC()));
    }

    private static InstanceSpec spec(String instance, String more) {
        return InstanceSpecReader.read(
                SPEC.formatted(OperationsTest.UUID_A, instance, more).getBytes(StandardCharsets.UTF_8));
    }

    private static ConfigSnapshot.Builder config() {
        return ConfigSnapshot.builder().set(LibvirtOptions.VIRT_TYPE, "qemu").set(LibvirtOptions.CPU_MODE, "none");
    }

    @ParameterizedTest
    @CsvSource({"own,kernel,aki", "rescued,kernel.rescue,aki", "option,kernel.rescue,aki-9"})
    void aKernelBesideTheDisksLiesInTheFolderOfTheInstance(String which, String file, String image) {
        ConfigSnapshot config = which.equals("option")
                ? config().set(LibvirtOptions.RESCUE_KERNEL_ID, "aki-9").build()
                : config().build();
        GuestPlan plan = planner(config)
                .plan(spec(", \"kernel_id\": \"aki\"", which.equals("own") ? "" : ", \"rescue\": {}"), null);
        GuestPlan.PlannedDisk kernel = plan.disk(file).orElseThrow();
        assertThat(kernel.filling()).isEqualTo(new GuestPlan.Filling.Boot(image));
        assertThat(kernel.backend()).isEqualTo("raw");
        assertThat(kernel.target()).isNull();
        assertThat(plan.xml()).contains("/" + file + "</kernel>");
        assertThat(plan.disks().get(0).name()).isNotEqualTo(file);
    }

    /** Nova prepares the disks before it connects volumes. */
    @Test
    void aGuestIsPlannedBeforeItsVolumesAreConnectedAndDefinedAfter() {
        for (String connection : List.of(
                "{}", "{\"driver_volume_type\": \"iscsi\", \"serial\": \"v-1\", \"data\": {\"target_lun\": 1}}")) {
            GuestPlan plan = planner(config().build())
                    .plan(
                            spec(
                                    "",
                                    ", \"block_device_info\": {\"block_device_mapping\": [{\"disk_bus\": \"scsi\","
                                            + " \"connection_info\": " + connection + "}]}"),
                            null);
            assertThat(plan.volumes()).singleElement().satisfies(volume -> {
                assertThat(volume.target()).isEqualTo("sda");
                assertThat(volume.connected()).isFalse();
            });
            assertThat(plan.disks()).hasSize(1);
            assertThat(plan.updates().get("device_names")).asString().contains("device:/dev/sda=/dev/sda");
            assertThatThrownBy(plan::xml).isInstanceOfSatisfying(BridgeException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                assertThat(e.getMessage()).contains("sda");
                assertThat(e.remedy()).contains("device_path");
            });
        }
    }

    /** Volumes that the guest does not see need not be connected. */
    @Test
    void onlyAStableRescueHasTheVolumesOfTheGuest() {
        String volume = ", \"block_device_info\": {\"block_device_mapping\": [{\"mount_device\": \"/dev/vdb\","
                + " \"connection_info\": {\"driver_volume_type\": \"local\", \"serial\": \"v-1\","
                + " \"data\": {\"device_path\": \"/dev/cinder/v\"}}}]}, \"rescue\": {\"image_meta\": {\"id\": \"r\", \"properties\": {%s}}}";
        assertThat(planner(config().build())
                        .plan(spec("", volume.formatted("")), null)
                        .outside())
                .containsEntry("volumes", List.of());
        assertThat(planner(config().build())
                        .plan(spec("", volume.formatted("\"hw_rescue_bus\": \"virtio\"")), null)
                        .outside())
                .containsEntry("volumes", List.of("v-1"));
    }
}
