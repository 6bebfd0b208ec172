package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.InstanceView.Remedy;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.xml.DomainXml;

/** A volume that a running guest loses for a moment; EmbedReplugTest does it in QEMU. */
class VolumeReplugTest extends OneHost {
    private static final Drift CACHE = new Drift("vdc", "cache", "writeback", "none", Remedy.REPLUG);

    /** The guest runs with the volume as an older configuration had it. */
    private void guest() {
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        done(node -> node.attachVolume(NOVA, UUID_A, Volumes.file("v-1", "vdc", "/mnt/v-1"), RequestKey.NONE));
        for (Map<String, String> documents : List.of(host.live, host.definitions)) {
            documents.computeIfPresent(
                    UUID_A, (id, document) -> document.replace("cache=\"none\"", "cache=\"writeback\""));
        }
        host.calls.clear();
        host.liveDrift.add(CACHE);
    }

    private static Function<ComputeNode, Operation> replug(String volume) {
        return node -> node.replugVolume(OPERATOR, UUID_A, volume, false, RequestKey.NONE);
    }

    /** Its cache mode in what runs and in the definition; - where it is not. */
    private List<String> cache() {
        return List.of(cache(host.live.getOrDefault(UUID_A, "")), cache(host.definitions.getOrDefault(UUID_A, "")));
    }

    private static String cache(String document) {
        Optional<LiveDisk> disk = DomainXml.read(document).disk("vdc");
        return disk.isEmpty() ? "-" : Objects.requireNonNull(disk.get().cache());
    }

    @ParameterizedTest
    @CsvSource({"v-1", "vdc", "/dev/vdc"})
    void aNamedVolumeIsDetachedAndComesBackAsConfigured(String volume) {
        guest();
        Operation done = done(replug(volume));
        assertThat(host.calls).containsExactly("detach live", "detach persistent", "attach live persistent");
        assertThat(done.result()).containsEntry("device", "/dev/vdc").containsEntry("replugged", true);
        assertThat(done.result().get("changes") + "").contains("attribute=cache");
        assertThat(cache()).containsExactly("none", "none");
    }

    @Test
    void aDryRunSaysWhatWouldBeBroughtAndTouchesNothing() {
        guest();
        Operation done = done(node -> node.replugVolume(OPERATOR, UUID_A, "v-1", true, RequestKey.NONE));
        assertThat(done.result()).containsEntry("replugged", false);
        assertThat(done.result().get("changes") + "").contains("attribute=cache");
        assertThat(host.calls).isEmpty();
    }

    @Test
    void oneThatIsAsConfiguredIsLeftAlone() {
        guest();
        host.liveDrift.clear();
        assertThat(done(replug("v-1")).result()).containsEntry("replugged", false);
        assertThat(host.calls).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "vda, INVALID_REQUEST, a disk of the instance",
        "v-9, VOLUME_NOT_FOUND, has no volume v-9",
        "vdx, VOLUME_NOT_FOUND, has no volume vdx",
    })
    void onlyAVolumeIsReplugged(String name, ErrorCode code, String why) {
        guest();
        Problem problem = failed(replug(name));
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.detail()).contains(why);
        assertThat(host.calls).isEmpty();
    }

    @Test
    void theRootDiskIsRefusedAlsoWhenItIsAVolume() {
        done(node -> node.create(
                NOVA, Volumes.with(FakeHost.spec(UUID_A), Volumes.file("v-0", "vda", "/mnt/v-0")), RequestKey.NONE));
        host.calls.clear();
        Problem problem = failed(replug("v-0"));
        assertThat(problem.detail()).contains("its root disk");
        assertThat(problem.remedy()).contains("reboot the guest hard");
        assertThat(host.calls).isEmpty();
    }

    @Test
    void oneThatCouldNotComeBackIsNotTakenAway() {
        guest();
        host.volumeSources = volume -> {
            throw new BridgeException(ErrorCode.DISK_NOT_FOUND, volume.target() + " is not there");
        };
        assertThat(failed(replug("v-1")).code()).isEqualTo(ErrorCode.DISK_NOT_FOUND);
        assertThat(host.calls).isEmpty();
    }

    @Test
    void aGuestThatDoesNotRunHasNothingPlugged() {
        guest();
        done(node -> node.stop(NOVA, UUID_A, RequestKey.NONE));
        assertThat(failed(replug("v-1")).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
    }

    @Test
    void aGuestThatDoesNotLetGoKeepsItAsItIs() {
        guest();
        host.lettingGo.set(100);
        assertThat(failed(replug("v-1")).code()).isEqualTo(ErrorCode.DEVICE_DETACH_FAILED);
        assertThat(cache()).containsExactly("writeback", "writeback");
    }

    /** It may answer when nobody waits any more. */
    @Test
    void oneThatWasLetGoTooLateIsGivenBackByTheNextTry() {
        guest();
        host.liveDrift.clear();
        String without = Objects.requireNonNull(host.live.get(UUID_A)).replaceAll("<disk.*</disk>", "");
        host.live.put(UUID_A, without);
        assertThat(cache()).containsExactly("-", "writeback");
        assertThat(done(replug("v-1")).result()).containsEntry("replugged", true);
        assertThat(cache()).containsExactly("none", "none");
    }

    @Test
    void whenTheNewAttachFailsItComesBackAsItWas() {
        guest();
        host.failOnce = "attach";
        Problem problem = failed(replug("v-1"));
        assertThat(problem.detail()).contains("told to fail once at attach");
        assertThat(cache()).containsExactly("writeback", "writeback");
        done(replug("v-1"));
        assertThat(cache()).containsExactly("none", "none");
    }

    /** After a crash the guest has the volume, in both places the same way; and the next try ends it. */
    @Test
    void whereverTheBridgeDiesTheGuestHasTheVolume() {
        int places = dyingEverywhere(this::guest, replug("v-1"), where -> {
            assertThat(List.of(List.of("none", "none"), List.of("writeback", "writeback")))
                    .as(where)
                    .contains(cache());
            done(replug("v-1"));
            assertThat(cache()).as(where).containsExactly("none", "none");
        });
        assertThat(places).isGreaterThan(9);
    }
}
