package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.InstanceOwner;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.InstanceView.Remedy;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Problem;
import org.novabridge.driver.model.ErrorCode;

/** drift and drift apply as they are typed, against a bridge that remembers what it was asked. */
class DriftCommandTest extends TypedToBridge {
    private static final Drift LIMIT = new Drift("vda", "iotune.total_iops_sec", null, "500", Remedy.LIVE);
    private static final Drift VOLUME = new Drift("vdb", "cache", "none", "writeback", Remedy.REPLUG);
    private static final Drift CACHE = new Drift("vda", "cache", "writeback", "none", Remedy.HARD_REBOOT);

    private void guest(InstanceOwner owner, Drift... drift) {
        InstanceView view = new InstanceView(
                UUID,
                "instance-0000002a",
                "web",
                owner,
                "lvm",
                "running",
                1,
                List.of(),
                List.of(drift),
                null,
                null,
                null,
                null,
                null);
        bridge.answers.put("list", List.of(view));
        bridge.answers.put("show", view);
    }

    /** What was asked beside looking. */
    private List<String> changes() {
        return bridge.calls.stream()
                .filter(call -> !call.startsWith("list(") && !call.startsWith("show("))
                .map(call -> call.replaceFirst("key=.*", "key)"))
                .toList();
    }

    @Test
    void driftSaysWhatEachAttributeNeeds() {
        guest(InstanceOwner.OPERATOR, LIMIT, VOLUME, CACHE);
        assertThat(run("drift")).as(err.toString()).isZero();
        assertThat(out.toString())
                .containsPattern(UUID + " +instance-0000002a +operator +vda +iotune.total_iops_sec +- +500 +live\n")
                .containsPattern("vdb +cache +none +writeback +replug\n")
                .containsPattern("vda +cache +writeback +none +hard-reboot\n");
        guest(InstanceOwner.OPERATOR);
        assertThat(run("drift")).isZero();
        assertThat(out.toString()).contains("nothing drifts; guests looked at: 1");
        assertThat(changes()).isEmpty();
    }

    @Test
    void aGuestThatWasDeletedSinceTheListIsLeftOutUnlessItWasNamed() {
        guest(InstanceOwner.OPERATOR, LIMIT);
        bridge.answers.remove("show");
        assertThat(run("drift")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("nothing drifts; guests looked at: 0");
        assertThat(run("drift", "apply", "--all")).as(err.toString()).isZero();
        assertThat(run("drift", "apply", UUID)).isEqualTo(ErrorCode.INSTANCE_NOT_FOUND.exitCode());
        assertThat(changes()).isEmpty();
    }

    @Test
    void applyBringsWhatIsLiveAndSaysWhatIsLeft() {
        guest(InstanceOwner.OPERATOR, LIMIT, VOLUME, CACHE);
        assertThat(run("drift", "apply", UUID)).as(err.toString()).isZero();
        assertThat(changes()).containsExactly("applyLive(OPERATOR, " + UUID + ", key)");
        assertThat(out.toString())
                .contains(
                        UUID + ": set live: vda iotune.total_iops_sec\n",
                        UUID + ": needs --replug for vdb cache: unmount the volume in the guest, then name it\n",
                        UUID + ": needs --reboot for vda cache\n");
    }

    @Test
    void aRebootIsOnlyForGuestsOfTheOperatorAndOnlyWhenSaid() {
        guest(InstanceOwner.OPERATOR, CACHE);
        assertThat(run("drift", "apply", "--all", "--reboot"))
                .as(err.toString())
                .isZero();
        assertThat(changes()).containsExactly("reboot(OPERATOR, " + UUID + ", HARD, null, key)");
        assertThat(out.toString()).contains(UUID + ": hard-rebooted for vda cache\n");
        bridge.calls.clear();
        guest(InstanceOwner.NOVA, LIMIT, CACHE);
        assertThat(run("drift", "apply", "--all", "--reboot")).isZero();
        assertThat(changes()).containsExactly("applyLive(OPERATOR, " + UUID + ", key)");
        assertThat(out.toString()).contains("for vda cache run: openstack server reboot --hard " + UUID + "\n");
    }

    @Test
    void aDryRunChangesNothing() {
        guest(InstanceOwner.OPERATOR, LIMIT, CACHE);
        assertThat(run("drift", "apply", "--all", "--reboot", "--dry-run")).isZero();
        assertThat(changes()).isEmpty();
        assertThat(out.toString())
                .contains("would set live: vda iotune.total_iops_sec", "would be hard-rebooted for vda cache");
    }

    /** What the bridge answers when it was asked for a replug. */
    private void replugged(boolean done, List<Drift> changes, List<Drift> left) {
        Operation plain = TestBridge.operation("op-1", Operation.State.DONE, null);
        bridge.outcome = new Operation(
                plain.id(),
                Operation.Kind.REPLUG_VOLUME,
                plain.instance(),
                plain.caller(),
                plain.state(),
                plain.phase(),
                plain.percent(),
                plain.created(),
                plain.updated(),
                Map.of("device", "/dev/vdb", "replugged", done, "changes", plain(changes), "left", plain(left)),
                null);
    }

    private static List<Map<String, Object>> plain(List<Drift> drift) {
        return drift.stream()
                .map(one -> Map.<String, Object>of(
                        "disk",
                        one.disk(),
                        "attribute",
                        one.attribute(),
                        "needs",
                        one.needs().word()))
                .toList();
    }

    @Test
    void aVolumeIsRepluggedOnlyWhenItIsNamed() {
        guest(InstanceOwner.NOVA, VOLUME);
        Drift thread = new Drift("vdb", "iothread", null, "1", Remedy.REPLUG);
        replugged(true, List.of(VOLUME), List.of(thread));
        assertThat(run("drift", "apply", UUID, "--replug", "v-1"))
                .as(err.toString())
                .isZero();
        assertThat(changes()).containsExactly("replugVolume(OPERATOR, " + UUID + ", v-1, false, key)");
        assertThat(out.toString())
                .contains(UUID + ": replugged /dev/vdb for vdb cache\n", UUID + ": still different: vdb iothread\n")
                .doesNotContain("needs --replug");
    }

    @Test
    void aReplugIsTriedDryAndOneThatBringsNothingIsLeft() {
        guest(InstanceOwner.OPERATOR, VOLUME);
        replugged(false, List.of(VOLUME), List.of(VOLUME));
        assertThat(run("drift", "apply", UUID, "--replug", "vdb", "--dry-run")).isZero();
        assertThat(changes()).containsExactly("replugVolume(OPERATOR, " + UUID + ", vdb, true, key)");
        assertThat(out.toString())
                .contains(UUID + ": would replug /dev/vdb, which the guest is without meanwhile, for vdb cache\n");
        replugged(false, List.of(), List.of());
        assertThat(run("drift", "apply", UUID, "--replug", "vdb")).isZero();
        assertThat(out.toString()).contains("/dev/vdb has nothing that a replug would bring");
    }

    @Test
    void volumesAreOfOneInstance() {
        assertThat(run("drift", "apply", "--all", "--replug", "vdb")).isEqualTo(2);
        assertThat(err.toString()).contains("--replug is for volumes of one instance");
        assertThat(run("drift", "apply", UUID, UUID, "--replug", "vdb")).isEqualTo(2);
        assertThat(changes()).isEmpty();
    }

    @Test
    void whichGuestsHasToBeSaid() {
        assertThat(run("drift", "apply")).isEqualTo(2);
        assertThat(run("drift", "apply", "--all", UUID)).isEqualTo(2);
        assertThat(err.toString()).contains("name instances, or say --all");
        assertThat(changes()).isEmpty();
    }

    @Test
    void theFirstFailureEndsIt() {
        guest(InstanceOwner.OPERATOR, LIMIT, CACHE);
        bridge.outcome = TestBridge.operation(
                "op-1", Operation.State.FAILED, new Problem(ErrorCode.HYPERVISOR_FAILED, "libvirt said no", null));
        assertThat(run("drift", "apply", "--all", "--reboot")).isEqualTo(1);
        assertThat(changes()).containsExactly("applyLive(OPERATOR, " + UUID + ", key)");
        assertThat(err.toString()).contains("libvirt said no");
    }
}
