package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.lvm.VolumeCensus;

class HostReconciliationTest {
    private static final Caller NOVA = new Caller(Caller.Role.NOVA, 64055, "nova");
    private static final String UNKNOWN = UUID_B + "_disk";
    private static final String ROW =
            "{\"lv_name\":\"%s\", \"lv_size\":\"4194304\", \"lv_tags\":\"%s\", \"lv_attr\":\"-wi-a-----\"}";

    @TempDir(factory = InMemory.class)
    Path root;

    private final RecordingExecutor executor = new RecordingExecutor();
    private final Map<String, String> tagsByVolume = new TreeMap<>();
    private final List<HostEvent> told = new CopyOnWriteArrayList<>();
    private FakeHost host;
    private FakeHost.Life life;
    private HostReconciliation reconciliation;

    @BeforeEach
    void open() {
        executor.on("lvs", this::report)
                .doing("lvremove", command -> tagsByVolume.remove(last(command)))
                .doing("lvrename", command -> {
                    List<String> argv = command.argv();
                    String tags = tagsByVolume.remove(argv.get(argv.size() - 2));
                    tagsByVolume.put(last(command), String.valueOf(tags));
                })
                .printing("vgs", """
                        {"report": [{"vg": [{"vg_name":"nova", "vg_size":"8522825728", "vg_free":"4194304",
                         "vg_extent_size":"4194304", "vg_tags":"", "vg_missing_pv_count":"0",
                         "vg_mda_size":"67104768", "vg_mda_free":"33549824", "vg_exported":""}]}]}
                        """);
        host = new FakeHost(root);
        live();
        OperationsTest.Awaited.ended(
                life.operations(),
                life.node()
                        .create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE)
                        .id());
        tagsByVolume.put(UUID_A + "_disk", "nova-bridge");
        tagsByVolume.put(UNKNOWN, "nova-bridge");
        tagsByVolume.put("root", "");
    }

    private void live() {
        life = host.open(CrashPoint.NONE);
        reconciliation = reconciliation(executor);
    }

    private HostReconciliation reconciliation(RecordingExecutor with) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .set(BridgeOptions.STATE_PATH, root.resolve("state").toString())
                .build();
        return new HostReconciliation(
                life.parts(),
                new HostLook(life.parts(), () -> VolumeCensus.of(config, with), Set::of),
                () -> VolumeCensus.of(config, with),
                told::add);
    }

    @AfterEach
    void close() {
        life.operations().close();
    }

    private static String last(Command command) {
        List<String> argv = command.argv();
        return argv.get(argv.size() - 1).replace("nova/", "");
    }

    private org.novabridge.driver.exec.CommandResult report(Command command) {
        List<String> rows = new ArrayList<>();
        String line = command.toString();
        tagsByVolume.forEach((name, tags) -> {
            if (!line.contains("lv_name=\"") || line.contains("lv_name=\"" + name + "\"")) {
                rows.add(ROW.formatted(name, tags));
            }
        });
        return RecordingExecutor.result(command, 0, "{\"report\": [ {\"lv\": [" + String.join(",", rows) + "]} ]}", "");
    }

    private Operation reconcile(String... remove) {
        return OperationsTest.Awaited.ended(
                life.operations(),
                reconciliation
                        .reconcile(OPERATOR, List.of(remove), RequestKey.NONE)
                        .id());
    }

    private void refused(String words, String... remove) {
        int operations = life.operations().list().size();
        assertThatThrownBy(() -> reconcile(remove)).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e).hasMessageContaining(words);
        });
        assertThat(life.operations().list()).hasSize(operations);
        assertThat(executor.lines()).noneMatch(line -> line.matches("(lvremove|lvrename|lvchange) .*"));
    }

    private List<String> found(HostReport report) {
        return report.found().stream()
                .map(one -> one.kind().word() + " " + one.name())
                .toList();
    }

    @Test
    void aLookFindsWhatNothingKnowsAndChangesNothing() {
        HostReport report = reconciliation.report(List.of());
        assertThat(found(report)).containsExactly("volume-unknown " + UNKNOWN);
        assertThat(report.compared())
                .containsEntry("records", 1)
                .containsEntry("domains", 1)
                .containsEntry("folders", 1)
                .containsEntry("volumes", 3);
        assertThat(executor.lines()).allMatch(line -> line.startsWith("lvs "));
        assertThat(reconciliation.report(List.of(UNKNOWN)).found()).hasSize(1);
    }

    @Test
    void nothingIsRemovedThatWasNotNamed() {
        Operation done = reconcile();
        assertThat(done.state()).isEqualTo(Operation.State.DONE);
        assertThat(done.instance()).isEqualTo("host");
        assertThat(done.result()).containsEntry("removed", List.of()).containsKeys("compared", "found", "settling");
        assertThat(tagsByVolume).containsKey(UNKNOWN);
    }

    @Test
    void whatIsNamedIsWipedAndGoes() {
        Operation done = reconcile(UNKNOWN);
        assertThat(done.state()).as("%s", done).isEqualTo(Operation.State.DONE);
        assertThat(done.kind()).isEqualTo(Operation.Kind.RECONCILE);
        assertThat(done.result()).containsEntry("removed", List.of(UNKNOWN)).containsEntry("found", List.of());
        assertThat(tagsByVolume).containsOnlyKeys(UUID_A + "_disk", "root");
        assertThat(executor.lines()).anyMatch(line -> line.matches("blkdiscard --zeroout .*nb-wipe-.*" + UNKNOWN));
    }

    @Test
    void everythingElseIsRefusedWithTheReasonAndNothingIsDone() {
        tagsByVolume.put(UUID_B + "_disk.swap", "");
        refused("instance " + UUID_A + " has it", UNKNOWN, UUID_A + "_disk");
        refused("root: nova-bridge has not made it", "root");
        refused(
                "_disk.swap: its instance is not here, and nothing says that nova-bridge has made it",
                UUID_B + "_disk.swap");
        refused("has no such volume", UNKNOWN, "typo");
        assertThatThrownBy(() -> reconciliation.report(List.of("typo"))).hasMessageContaining("no such volume");
        assertThat(tagsByVolume).hasSize(4);
    }

    @Test
    void onlyTheOperatorMay() {
        assertThatThrownBy(() -> reconciliation.reconcile(NOVA, List.of(), RequestKey.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }

    /** An instance of that name is made between the request and the removal. */
    @Test
    void whatIsKnownByNowStays() {
        int[] looks = {0};
        RecordingExecutor late = new RecordingExecutor().on("lvs", command -> {
            if (++looks[0] == 3) {
                life.parts().records().save(record());
            }
            return report(command);
        });
        Operation failed = OperationsTest.Awaited.ended(
                life.operations(),
                reconciliation(late)
                        .reconcile(OPERATOR, List.of(UNKNOWN), RequestKey.NONE)
                        .id());
        assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
        assertThat(detail(failed))
                .contains(UNKNOWN + ": nothing was removed: ")
                .contains("instance " + UUID_B + " has it");
        assertThat(late.lines()).allMatch(line -> line.startsWith("lvs "));
    }

    private static String detail(Operation ended) {
        return Optional.ofNullable(ended.problem()).map(Problem::detail).orElse("");
    }

    private InstanceRecord record() {
        InstanceRecord made = life.parts().records().find(UUID_A).orElseThrow();
        return new InstanceRecord(
                made.version(),
                UUID_B,
                made.name(),
                made.displayName(),
                made.owner(),
                made.backend(),
                made.disks(),
                made.spec(),
                made.created(),
                null,
                false,
                null,
                null);
    }

    @Test
    void aWipeThatWaitsIsBegunAgain() throws InterruptedException {
        tagsByVolume.put("nb-wipe-1", "");
        Operation done = reconcile();
        assertThat(done.result()).containsEntry("settling", List.of("nb-wipe-1"));
        while (tagsByVolume.containsKey("nb-wipe-1")) {
            Thread.sleep(5);
        }
        assertThat(life.operations().list()).anyMatch(one -> one.kind() == Operation.Kind.WIPE);
    }

    @Test
    void whatIsFoundIsToldOnce() {
        reconciliation.lookOnce();
        reconciliation.report(List.of());
        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(HostEvent.Kind.LEFTOVERS);
            assertThat(event.detail()).containsEntry("found", List.of(UNKNOWN));
        });
        tagsByVolume.put(UUID_B + "_disk.eph0", "nova-bridge");
        reconciliation.report(List.of());
        assertThat(told).hasSize(2);
        assertThat(told.get(1).detail()).containsEntry("found", List.of(UUID_B + "_disk.eph0"));
    }

    /** A wipe that was begun goes on by its name, as after any other removal. */
    @Test
    void aBridgeThatDiesInTheMiddleRemovesNothingMore() {
        JournalEntry entry = JournalEntry.pending(
                        "1",
                        Operation.Kind.RECONCILE,
                        "host",
                        OPERATOR,
                        RequestKey.NONE,
                        life.operations().now())
                .state(
                        Operation.State.RUNNING,
                        "remove " + UNKNOWN,
                        life.operations().now());
        life.operations().journal().write(entry);
        life.operations().close();
        live();
        Operation settled = life.operations().get("1");
        assertThat(settled.state()).isEqualTo(Operation.State.INTERRUPTED);
        assertThat(detail(settled)).contains("nothing else is removed");
        assertThat(tagsByVolume).containsKey(UNKNOWN);
    }
}
