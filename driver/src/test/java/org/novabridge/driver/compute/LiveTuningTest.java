package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.InstanceView.Remedy;
import org.novabridge.driver.model.ErrorCode;

/** What a running guest is brought live; EmbedTuningTest sees QEMU take it. */
class LiveTuningTest extends OneHost {
    private static final Drift LIMIT = new Drift("vda", "iotune.total_iops_sec", null, "500", Remedy.LIVE);
    private static final Drift ENDED = new Drift("vda", "iotune.size_iops_sec", "4096", null, Remedy.LIVE);
    private static final Drift GROUP = new Drift("vda", "iotune.group_name", null, "disks", Remedy.HARD_REBOOT);

    private static final Drift PIN = new Drift("vda", "iothread_cpus", "0", "2-3,5", Remedy.LIVE);

    private static Function<ComputeNode, Operation> apply(Caller caller) {
        return node -> node.applyLive(caller, UUID_A, RequestKey.NONE);
    }

    private void guest() {
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
        host.liveDrift.addAll(List.of(LIMIT, ENDED));
    }

    @Test
    void theLimitsOfADiskAreSetTogetherAndWhatWasBroughtIsSaid() {
        guest();
        Operation done = done(apply(OPERATOR));
        assertThat(host.calls).containsExactly("limit vda");
        assertThat(host.applied).containsEntry("vda", "{total_iops_sec=500}");
        assertThat(done.result().toString())
                .contains("attribute=iotune.total_iops_sec", "attribute=iotune.size_iops_sec", "left=[]");
    }

    @Test
    void whatNeedsMoreIsLeft() {
        guest();
        host.liveDrift.clear();
        host.liveDrift.add(GROUP);
        assertThat(done(apply(NOVA)).result().toString()).contains("applied=[]", "needs=hard-reboot");
        assertThat(host.calls).isEmpty();
    }

    @Test
    void everyThreadThatTheRunningGuestHasIsPinned() {
        guest();
        host.liveDrift.clear();
        host.liveDrift.add(PIN);
        host.live.put(
                UUID_A,
                new StandInGuest(Path.of("stand-in"), UUID_A)
                        .xml()
                        .replace("<uuid>", "<iothreads>2</iothreads><uuid>")
                        .replace("<domain", "<domain cache='none'"));
        assertThat(done(apply(OPERATOR)).result().toString()).contains("attribute=iothread_cpus", "left=[]");
        assertThat(host.calls).containsExactly("pin 1", "pin 2");
        assertThat(host.applied).containsOnly(Map.entry("thread 1", "[2, 3, 5]"), Map.entry("thread 2", "[2, 3, 5]"));
    }

    @Test
    void aThreadForVolumesIsAddedWhereTheOthersRun() {
        guest();
        host.liveDrift.clear();
        host.liveDrift.add(new Drift("guest", "iothreads", "1", "3", Remedy.LIVE));
        host.live.put(
                UUID_A,
                new StandInGuest(Path.of("stand-in"), UUID_A)
                        .xml()
                        .replace(
                                "<uuid>",
                                "<iothreads>1</iothreads><cputune><iothreadpin iothread='1' cpuset='4'/></cputune><uuid>")
                        .replace("<domain", "<domain cache='none'"));
        assertThat(done(apply(OPERATOR)).result().toString()).contains("attribute=iothreads", "left=[]");
        assertThat(host.calls).containsExactly("add thread 2", "add thread 3", "pin 1", "pin 2", "pin 3");
        assertThat(host.applied).containsEntry("thread 3", "[4]");
    }

    @Test
    void aGuestThatDoesNotRunHasNothingToBeBrought() {
        guest();
        done(node -> node.stop(NOVA, UUID_A, RequestKey.NONE));
        assertThat(failed(apply(NOVA)).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        assertThat(host.applied).isEmpty();
    }

    @Test
    void aBridgeThatDiesInBetweenLeavesAGuestThatCanBeBroughtTheRest() {
        int places = dyingEverywhere(this::guest, apply(OPERATOR), where -> {
            assertThat(host.running).as(where).containsKey(UUID_A);
            done(apply(OPERATOR));
            assertThat(host.applied).as(where).containsKey("vda");
        });
        assertThat(places).isGreaterThan(3);
    }
}
