package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.DiskContent;

/**
 * A bridge started on the state folder of the release before, and on one of today's: {@code state/record-N} of the tests'
 * resources was written by the bridge whose instance records had version N. Guest A is Nova's and has failed a reboot;
 * guest B is an operator's, and its resize waits for its end; their specs are as the planner of the tests writes them. Who
 * raises the version has the folder of the one before already; {@code -Dgolden.update=true} writes today's, for the day
 * after.
 */
class StateBeforeTest extends OneHost {
    private static final Path RECORDED = Path.of("src/test/resources/state");
    private static final String STAMP = "\"20[0-9-]{8}T[0-9:.]+Z\"";

    /** The guests run, as they do while a bridge is upgraded. */
    private void start(int version) throws IOException {
        host = new FakeHost(root.resolve("upgraded"));
        Path recorded = RECORDED.resolve("record-" + version);
        try (Stream<Path> files = Files.walk(recorded)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copy(file, host.root.resolve(recorded.relativize(file).toString()));
            }
        }
        life = host.open(CrashPoint.NONE);
    }

    private void copy(Path file, Path to) throws IOException {
        String text = Files.readString(file);
        if (file.toString().endsWith(".xml")) {
            String uuid = file.getFileName().toString().replace(".xml", "");
            host.definitions.put(uuid, text.strip());
            host.live.put(uuid, text.strip());
            host.running.put(uuid, GuestState.RUNNING);
            return;
        }
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        // Operations are kept for a day, and this folder for years.
        Files.writeString(to, text.replaceAll(STAMP, "\"" + Instant.now() + "\""));
    }

    private void disks() {
        life.parts()
                .records()
                .list()
                .forEach(made -> made.disks().forEach(disk -> {
                    host.disks.put(made.uuid() + "/" + disk.name(), new DiskContent.Blank(1));
                    host.written.put(made.uuid() + "/" + disk.name(), "data");
                }));
        life.parts()
                .records()
                .find(UUID_B)
                .orElseThrow()
                .pending()
                .kept()
                .forEach(name -> host.kept.put(UUID_B + "/" + name, "data"));
    }

    @ParameterizedTest
    @ValueSource(ints = {InstanceRecord.VERSION - 1, InstanceRecord.VERSION})
    void recordsAreReadAndOperationsAnswer(int version) throws IOException {
        start(version);
        assertThat(life.parts().records().find(UUID_A).orElseThrow().version()).isEqualTo(version);
        assertThat(life.node().list()).extracting(InstanceView::uuid).containsExactlyInAnyOrder(UUID_A, UUID_B);
        assertThat(life.node().state(UUID_A).owner()).isEqualTo(InstanceOwner.NOVA);
        assertThat(life.node().state(UUID_A).state()).isEqualTo("running");
        assertThat(Objects.requireNonNull(life.node().state(UUID_B).resize()).phase())
                .isEqualTo("waiting");
        assertThat(life.operations().list())
                .extracting(Operation::kind)
                .containsExactlyInAnyOrder(
                        Operation.Kind.CREATE,
                        Operation.Kind.CREATE,
                        Operation.Kind.RESIZE,
                        Operation.Kind.REBOOT_HARD);
        // A caller that comes back with its key after the upgrade is told how it ended, and nothing is done twice.
        int before = life.operations().list().size();
        Operation again = done(node -> node.create(NOVA, FakeHost.spec(UUID_A), new RequestKey("create-a", "hash-a")));
        assertThat(again.result()).containsKey("updates");
        Operation failed =
                ended(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, null, new RequestKey("reboot-a", "hash-r")));
        assertThat(Objects.requireNonNull(failed.problem()).detail()).isNotEmpty();
        assertThat(life.operations().list()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {InstanceRecord.VERSION - 1, InstanceRecord.VERSION})
    void theGuestsAreServed(int version) throws IOException {
        start(version);
        disks();
        assertThat(host.calls).as("nothing was done to them").isEmpty();
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(life.parts().records().find(UUID_A).orElseThrow().version()).isEqualTo(InstanceRecord.VERSION);
        done(node -> node.rescue(NOVA, UUID_A, FakeHost.RESCUE, RequestKey.NONE));
        done(node -> node.unrescue(NOVA, UUID_A, RequestKey.NONE));
        done(node -> node.revertResize(OPERATOR, UUID_B, RequestKey.NONE));
        assertThat(life.node().state(UUID_B).resize()).isNull();
        for (String uuid : List.of(UUID_A, UUID_B)) {
            done(node -> node.delete(uuid.equals(UUID_A) ? NOVA : OPERATOR, uuid, RequestKey.NONE));
            assertThat(host.left(uuid)).isEmpty();
        }
    }

    /** Two releases apart is too far, and a newer one's folder is nobody's to touch. */
    @ParameterizedTest
    @ValueSource(ints = {InstanceRecord.VERSION - 2, InstanceRecord.VERSION + 1})
    void anyOtherVersionStopsTheStart(int version) throws IOException {
        start(InstanceRecord.VERSION);
        life.operations().close();
        Path record = host.root.resolve("state/instances/" + UUID_A + ".json");
        String text =
                Files.readString(record).replace("\"version\" : " + InstanceRecord.VERSION, "\"version\" : " + version);
        Files.writeString(record, text);
        assertThatThrownBy(() -> host.open(CrashPoint.NONE))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("version " + version);
        assertThat(record).hasContent(text);
    }

    @Test
    void todaysFolderIsRecordedForTheDayAfter() throws IOException {
        Path today = RECORDED.resolve("record-" + InstanceRecord.VERSION);
        if (Boolean.getBoolean("golden.update") && !Files.exists(today)) {
            record(today);
        }
        assertThat(today)
                .as("run mvn test -pl driver -am -Dtest=StateBeforeTest -Dgolden.update=true")
                .isDirectoryContaining("glob:**.xml");
    }

    private void record(Path to) throws IOException {
        host = new FakeHost(root.resolve("today"));
        life = host.open(CrashPoint.NONE);
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), new RequestKey("create-a", "hash-a")));
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_B), RequestKey.NONE));
        ResizeRequest larger = new ResizeRequest(FakeHost.flavor(2, 3, 1, 64), false, false);
        done(node -> node.resize(OPERATOR, UUID_B, larger, RequestKey.NONE));
        host.failAt = "plan";
        ended(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, null, new RequestKey("reboot-a", "hash-r")));
        life.operations().close();
        try (Stream<Path> files = Files.walk(host.root.resolve("state"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(host.root.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(file, copy);
            }
        }
        for (String uuid : host.definitions.keySet()) {
            Files.writeString(to.resolve(uuid + ".xml"), host.definitions.get(uuid) + "\n");
        }
    }
}
