package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;

/** A guest with encrypted disks goes to another host: its key does not go with it, and none is needed to come back. */
class EncryptedMigrationTest extends TwoHosts {
    private static final byte[] KEY = "A-KEY-TO-BE-SEEN-BY-NOBODY-012345".getBytes(StandardCharsets.US_ASCII);

    @Override
    String backend() {
        return "lvm-crypt";
    }

    @Override
    void bring(FakeHost.Life host) {
        try (DiskKey key = DiskKey.of(KEY)) {
            host.node().bringKey(OPERATOR, UUID_A, null, key);
        }
    }

    private Operation there(Function<ComputeNode, Operation> ask) {
        return OperationsTest.Awaited.ended(
                destination.operations(), ask.apply(destination.node()).id());
    }

    private static Function<ComputeNode, Operation> start() {
        return node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE);
    }

    @Test
    void withItsKeyThereItRunsThereAndIsConfirmed() throws IOException {
        bring(destination);
        done(go());
        isThere(true);
        assertThat(there.unlocked).containsExactlyInAnyOrder(ROOT, LOCAL);
        done(confirm());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
        assertThat(here.unlocked).isEmpty();
    }

    @Test
    void withoutItsKeyItIsThereAndStaysOffUntilSomebodyBringsIt() throws IOException {
        Problem problem = failed(go());
        assertThat(problem.code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(problem.detail()).contains("the disks are on other", "no key for disk");
        assertThat(problem.remedy()).contains("bring its key there", "migrate-revert");
        isThere(false);
        assertThat(failed(confirm()).detail()).contains("does not run here");

        bring(destination);
        assertThat(there(start()).state()).isEqualTo(Operation.State.DONE);
        done(confirm());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
    }

    @Test
    void itComesBackWithoutItsKey() {
        failed(go());
        done(revert());
        runsHereAsBefore();
        assertThat(here.unlocked).containsExactlyInAnyOrder(ROOT, LOCAL);
        assertThat(there.unlocked).isEmpty();
    }

    @Test
    void aTransferThatBreaksOffLetsItRunHereWithoutItsKey() {
        wire.broken = RemoteBridge.Word.RECEIVE;
        failed(go());
        destinationRests();
        runsHereAsBefore();
    }

    @Test
    void aLargerDiskIsLargerByWhatComesBeforeIt() {
        bring(destination);
        done(go("other", FakeHost.flavor(2, 3, 1, 0), false));
        assertThat(there.disks.get(ROOT)).isEqualTo(new DiskContent.Blank((3L << 30) + FakeStreams.HEADER));
    }

    /** Swap of the new flavor is encrypted anew, and that wants the key; also a dry run says so. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aDiskThatIsMadeThereWantsTheKeyBeforeTheGuestIsTouched(boolean dryRun) {
        Function<ComputeNode, Operation> resize = go("other", FakeHost.flavor(2, 3, 1, 64), dryRun);
        Problem problem = failed(resize);
        assertThat(problem.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(problem.detail()).contains("no key for disk.swap");
        assertThat(here.calls).isEmpty();
        runsHereAsBefore();
        bring(destination);
        done(resize);
    }

    @ParameterizedTest
    @CsvSource({"lvm-crypt,qcow2", "qcow2,lvm-crypt"})
    void whereOneHostAloneEncryptsItIsRefusedBeforeTheGuestIsTouched(String from, String to) {
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        here.backend = from;
        there.backend = to;
        bring(source);
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        here.written.putAll(DATA);
        here.calls.clear();
        Problem problem = failed(go());
        assertThat(problem.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(problem.detail()).contains("not the same encryption");
        assertThat(here.calls).isEmpty();
        runsHereAsBefore();
    }

    /** It would take the blocks for the guest's own. */
    @Test
    void aBridgeThatKnowsNoEncryptedDisksIsOfferedThemByAProtocolThatItRefuses() {
        wire.protocol = MigrationOffer.PROTOCOL;
        assertThat(failed(go()).detail()).contains("encryption is none of protocol 1");
        assertThat(here.calls).isEmpty();
        runsHereAsBefore();
    }
}
