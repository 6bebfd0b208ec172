package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/** When QEMU is asked for io_uring, and what its answer means. EmbedTuningTest asks a real one. */
class IoUringFactTest {
    private static final ConfigSnapshot URING = ConfigSnapshot.builder()
            .set(LibvirtOptions.DISK_IO_MODES, List.of("file=io_uring"))
            .build();
    private static final HostFacts FACTS =
            HostFacts.builder().put(HostFact.ARCH, "x86_64").build();

    @TempDir
    Path root;

    private Path qemu = Path.of("");
    private final RecordingExecutor executor = new RecordingExecutor();

    @BeforeEach
    void host() throws IOException {
        qemu = Files.writeString(
                Files.createDirectories(root.resolve("usr/bin")).resolve("qemu-system-x86_64"), "");
        Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(root.resolve("proc/sys/kernel"));
        kernel("6.1.0-49-amd64", "0");
    }

    private void kernel(String release, String disabled) throws IOException {
        Files.writeString(root.resolve("proc/sys/kernel/osrelease"), release + "\n");
        Files.writeString(root.resolve("proc/sys/kernel/io_uring_disabled"), disabled + "\n");
    }

    private void reads() {
        executor.printing(qemu.toString(), "read 512/512 bytes at offset 0\n{\"return\": \"\"}\n");
    }

    private HostFacts facts(ConfigSnapshot config) {
        return IoUringFact.add(config, executor, FACTS, root);
    }

    @Test
    void qemuIsAskedOnlyWhereTheConfigurationSaysIoUringOrAuto() {
        ConfigSnapshot threads = ConfigSnapshot.builder()
                .set(LibvirtOptions.DISK_IO_MODES, List.of("file=threads"))
                .build();
        assertThat(facts(threads).has(HostFact.IO_URING)).isFalse();
        assertThat(facts(ConfigSnapshot.defaults()).has(HostFact.IO_URING)).isFalse();
        assertThat(executor.commands()).isEmpty();

        reads();
        ConfigSnapshot profile = ConfigSnapshot.builder()
                .ioProfile(
                        "p",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.IO, "auto")
                                .build())
                .build();
        assertThat(facts(profile).is(HostFact.IO_URING)).isTrue();
        assertThat(executor.lines())
                .singleElement()
                .asString()
                .startsWith(qemu + " -machine none")
                .contains("aio=io_uring");
    }

    @Test
    void aQemuThatDoesNotStartSaysNo() {
        executor.failing(qemu.toString(), 1, "Invalid parameter 'io_uring'");
        assertThat(facts(URING).is(HostFact.IO_URING)).isFalse();
    }

    /** What QEMU 9 and later say where they get no ring, and 7.2 where io_uring_enter is forbidden; both end well. */
    @ParameterizedTest
    @CsvSource({
        "read 512/512 bytes at offset 0,'Unable to use linux io_uring, falling back to thread pool: no ring'",
        "read failed: Operation not permitted,''"
    })
    void aQemuThatOpensTheDiskAndDoesNotReadFromItByIoUringSaysNo(String stdout, String stderr) {
        executor.on(qemu.toString(), command -> RecordingExecutor.result(command, 0, stdout, stderr));
        assertThat(facts(URING).is(HostFact.IO_URING)).isFalse();
    }

    @Test
    void aMonitorThatWouldNotReadSaysNothing() {
        executor.printing(qemu.toString(), "{\"error\": {\"class\": \"CommandNotFound\"}}");
        assertThat(facts(URING).has(HostFact.IO_URING)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"ppc64le,ppc64", "armv7l,arm", "i686,i386", "aarch64,aarch64"})
    void qemuIsFoundUnderItsOwnNameOfTheMachine(String arch, String name) throws IOException {
        qemu = Files.move(qemu, qemu.resolveSibling("qemu-system-" + name));
        reads();
        HostFacts facts = FACTS.toBuilder().put(HostFact.ARCH, arch).build();
        assertThat(IoUringFact.add(URING, executor, facts, root).is(HostFact.IO_URING))
                .isTrue();
    }

    @Test
    void aQemuThatCannotBeTriedSaysNothing() throws IOException {
        executor.failing(qemu.toString(), 139, "");
        assertThat(facts(URING).has(HostFact.IO_URING)).isFalse();
        Files.delete(qemu);
        assertThat(facts(URING).has(HostFact.IO_URING)).isFalse();
        assertThat(IoUringFact.add(URING, executor, HostFacts.builder().build(), root)
                        .has(HostFact.IO_URING))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"6.1.0,1", "6.1.0,2", "5.12.19,0", "4.18.0-553.el8,0"})
    void aKernelThatForbidsItOrIsTooOldIsNotTried(String release, String disabled) throws IOException {
        kernel(release, disabled);
        assertThat(facts(URING).is(HostFact.IO_URING)).isFalse();
        assertThat(executor.commands()).isEmpty();
    }

    @Test
    void aGivenFactIsKept() {
        HostFacts given = FACTS.toBuilder().put(HostFact.IO_URING, false).build();
        assertThat(IoUringFact.add(URING, executor, given, root).is(HostFact.IO_URING))
                .isFalse();
        assertThat(executor.commands()).isEmpty();
    }
}
