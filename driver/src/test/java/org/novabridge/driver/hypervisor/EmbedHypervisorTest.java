package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;

/** The life of a real QEMU guest, call by call. */
@Tag("embed")
@Timeout(120)
class EmbedHypervisorTest {
    private static final List<GuestEvent> EVENTS = new CopyOnWriteArrayList<>();

    private final String uuid = EmbedLab.newUuid();
    private final Hypervisor hypervisor = EmbedLab.hypervisor();

    @BeforeAll
    static void listen() {
        EmbedLab.hypervisor().subscribe(EVENTS::add);
    }

    @AfterEach
    void remove() {
        hypervisor.destroy(uuid);
        hypervisor.undefine(uuid);
    }

    @Test
    void aGuestIsDefinedStartedPausedResumedEndedAndForgotten() {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        assertThat(guest())
                .isEqualTo(new Guest(uuid, "nb-" + uuid.substring(0, 8), -1, GuestState.SHUTDOWN, false, false));

        hypervisor.start(uuid, true);
        assertThat(guest().state()).isEqualTo(GuestState.PAUSED);
        assertThat(guest().id()).isPositive();
        hypervisor.resume(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.RUNNING);
        hypervisor.pause(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.PAUSED);
        assertThat(hypervisor.list()).contains(guest());

        hypervisor.destroy(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.SHUTDOWN);
        hypervisor.destroy(uuid);
        hypervisor.undefine(uuid);
        assertThat(hypervisor.find(uuid)).isEmpty();
        hypervisor.destroy(uuid);
        hypervisor.undefine(uuid);

        await(() -> kinds().contains(GuestEvent.Kind.UNDEFINED));
        assertThat(kinds())
                .containsSubsequence(
                        GuestEvent.Kind.DEFINED,
                        GuestEvent.Kind.STARTED,
                        GuestEvent.Kind.RESUMED,
                        GuestEvent.Kind.PAUSED,
                        GuestEvent.Kind.STOPPED,
                        GuestEvent.Kind.UNDEFINED);
        assertThat(EVENTS.stream().filter(e -> e.uuid().equals(uuid) && e.kind() == GuestEvent.Kind.STOPPED))
                .extracting(GuestEvent::detail)
                .containsExactly("destroyed");
    }

    @Test
    void theStoredDefinitionDiffersFromTheLiveOne() {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        hypervisor.start(uuid, true);

        assertThat(hypervisor.xml(uuid, false)).contains("<domain type='qemu' id='");
        assertThat(hypervisor.xml(uuid, true)).contains("<domain type='qemu'>").contains(uuid);
    }

    @Test
    void aDocumentOutsideTheSchemaIsRefused() {
        String wrong = EmbedLab.guest(uuid, "").replace("<devices>", "<nonsense/><devices>");

        assertThatThrownBy(() -> hypervisor.define(wrong)).isInstanceOfSatisfying(HypervisorException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED);
            assertThat(e.libvirtCode()).isEqualTo(org.libvirt.Error.ErrorNumber.VIR_ERR_XML_INVALID_SCHEMA.ordinal());
            assertThat(e).hasMessageContaining("nonsense");
        });
        assertThat(hypervisor.find(uuid)).isEmpty();
    }

    @Test
    void aSavedGuestIsStartedWhereItWas() {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        hypervisor.start(uuid, false);
        hypervisor.managedSave(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.SHUTDOWN);
        assertThat(guest().hasManagedSave()).isTrue();

        hypervisor.start(uuid, false);
        assertThat(guest().state()).isEqualTo(GuestState.RUNNING);
        assertThat(guest().hasManagedSave()).isFalse();
        await(() -> EVENTS.stream()
                .anyMatch(e -> e.uuid().equals(uuid)
                        && e.kind() == GuestEvent.Kind.STARTED
                        && e.detail().equals("restored")));
    }

    @Test
    void undefineTakesTheManagedSaveImageWithIt() throws Exception {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        hypervisor.start(uuid, true);
        hypervisor.managedSave(uuid);
        Path image = EmbedLab.root().resolve("lib/qemu/save/nb-" + uuid.substring(0, 8) + ".save");
        assertThat(image).exists();

        hypervisor.undefine(uuid);
        assertThat(image).doesNotExist();
        assertThat(hypervisor.find(uuid)).isEmpty();
    }

    @Test
    void undefineOfARunningGuestLeavesItRunningUntilItIsEnded() {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        hypervisor.start(uuid, true);
        hypervisor.undefine(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.PAUSED);
        hypervisor.undefine(uuid);
        hypervisor.destroy(uuid);
        assertThat(hypervisor.find(uuid)).isEmpty();
    }

    @Test
    void aRunningGuestLearnsOfABiggerDisk() throws Exception {
        Path disk = EmbedLab.root().resolve(uuid + ".raw");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        hypervisor.define(EmbedLab.guest(
                uuid,
                "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" + disk
                        + "'/><target dev='vda' bus='virtio'/></disk>"));
        hypervisor.start(uuid, true);
        hypervisor.blockResize(uuid, "vda", 4L << 20);
        assertThat(Files.size(disk)).isEqualTo(4L << 20);
    }

    @Test
    void whatARunningGuestUsesIsCounted() throws Exception {
        Path disk = EmbedLab.root().resolve(uuid + ".raw");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        hypervisor.define(EmbedLab.guest(
                uuid,
                "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" + disk
                        + "'/><target dev='vda' bus='virtio'/></disk>"));
        assertThatThrownBy(() -> hypervisor.statistics(uuid)).satisfies(e -> code(e, ErrorCode.INSTANCE_INVALID_STATE));
        hypervisor.start(uuid, false);
        // Its firmware looks for something to boot from.
        await(() -> hypervisor.statistics(uuid).disks().get(0).readBytes() > 0);
        GuestStatistics used = hypervisor.statistics(uuid);
        assertThat(used.memoryKib()).isPositive();
        assertThat(used.memory()).containsEntry("current", used.memoryKib());
        assertThat(used.processors()).singleElement().satisfies(processor -> {
            assertThat(processor.id()).isZero();
            assertThat(processor.nanoseconds()).isPositive();
        });
        assertThat(used.disks()).singleElement().satisfies(traffic -> {
            assertThat(traffic.target()).isEqualTo("vda");
            assertThat(traffic.readRequests()).isPositive();
            assertThat(traffic.writeBytes()).isZero();
        });
        assertThat(used.ports()).isEmpty();
    }

    @Test
    void aGuestGetsANonMaskableInterruptAndRunsOnWhenItDoesNotMind() {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        assertThatThrownBy(() -> hypervisor.injectNmi(uuid)).satisfies(e -> code(e, ErrorCode.INSTANCE_INVALID_STATE));
        hypervisor.start(uuid, false);
        hypervisor.injectNmi(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.RUNNING);
        hypervisor.pause(uuid);
        hypervisor.injectNmi(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.PAUSED);
    }

    /** libvirt tells both apart; to Nova no agent is no agent. */
    @Test
    void withoutAnAgentThatAnswersNoPasswordIsSet() {
        String channel = "<channel type='unix'><source mode='bind'/>"
                + "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
        try (GuestPassword password = GuestPassword.of("geheim".getBytes(StandardCharsets.UTF_8))) {
            for (String devices : List.of("", channel)) {
                hypervisor.define(EmbedLab.guest(uuid, devices));
                assertThatThrownBy(() -> hypervisor.setPassword(uuid, "root", password))
                        .satisfies(e -> code(e, ErrorCode.INSTANCE_NOT_RUNNING));
                hypervisor.start(uuid, false);
                assertThatThrownBy(() -> hypervisor.setPassword(uuid, "root", password))
                        .satisfies(e -> code(e, ErrorCode.NOT_SUPPORTED))
                        .hasMessageNotContaining("geheim");
                hypervisor.destroy(uuid);
            }
        }
    }

    /** Nobody is at the other end of the second one's channel. */
    @Test
    void withoutAnAgentTheClockOfAGuestIsNotSetAndNobodyWaits() {
        String channel = "<channel type='unix'><source mode='bind'/>"
                + "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
        for (String devices : List.of("", channel)) {
            hypervisor.define(EmbedLab.guest(uuid, devices));
            hypervisor.start(uuid, false);
            long before = System.nanoTime();
            assertThatThrownBy(() -> hypervisor.setClock(uuid, Instant.now())).isInstanceOf(BridgeException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
            assertThat(guest().state()).isEqualTo(GuestState.RUNNING);
            hypervisor.destroy(uuid);
        }
    }

    @Test
    void withoutAnAgentNobodyTellsTheDriversOfAGuest() {
        hypervisor.define(EmbedLab.guest(
                uuid,
                "<channel type='unix'><source mode='bind'/>"
                        + "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>"));
        assertThatThrownBy(() -> hypervisor.drivers(uuid)).satisfies(e -> code(e, ErrorCode.NOT_SUPPORTED));
        hypervisor.start(uuid, false);
        assertThatThrownBy(() -> hypervisor.drivers(uuid))
                .satisfies(e -> code(e, ErrorCode.NOT_SUPPORTED))
                .hasMessage("no agent answers in guest " + uuid);
        hypervisor.undefine(uuid);
        hypervisor.destroy(uuid);
        assertThatThrownBy(() -> hypervisor.drivers(uuid)).satisfies(e -> code(e, ErrorCode.INSTANCE_NOT_FOUND));
    }

    @Test
    void theProcessorsOfTheHostHaveWorkedAndRested() {
        HostCpuTimes before = hypervisor.cpuTimes();
        assertThat(before.user()).isPositive();
        assertThat(before.kernel()).isPositive();
        assertThat(before.idle()).isPositive();
        assertThat(before.iowait()).isNotNegative();
        assertThat(before.mhz()).isPositive();
        await(() -> {
            HostCpuTimes now = hypervisor.cpuTimes();
            return now.user() + now.kernel() + now.idle() > before.user() + before.kernel() + before.idle();
        });
    }

    @Test
    void aGuestIsAskedToShutDownAndNotEnded() {
        hypervisor.define(EmbedLab.guest(uuid, ""));
        hypervisor.start(uuid, false);
        hypervisor.requestShutdown(uuid);
        assertThat(guest().state()).isEqualTo(GuestState.RUNNING);
    }

    @Test
    void wrongMomentsAndMissingGuestsAreNamed() {
        assertThatThrownBy(() -> hypervisor.start(uuid, false)).satisfies(e -> code(e, ErrorCode.INSTANCE_NOT_FOUND));
        assertThatThrownBy(() -> hypervisor.xml(uuid, false)).satisfies(e -> code(e, ErrorCode.INSTANCE_NOT_FOUND));
        hypervisor.define(EmbedLab.guest(uuid, ""));
        assertThatThrownBy(() -> hypervisor.resume(uuid)).satisfies(e -> code(e, ErrorCode.INSTANCE_INVALID_STATE));
        assertThatThrownBy(() -> hypervisor.requestShutdown(uuid))
                .satisfies(e -> code(e, ErrorCode.INSTANCE_INVALID_STATE));
        hypervisor.start(uuid, true);
        assertThatThrownBy(() -> hypervisor.start(uuid, true))
                .satisfies(e -> code(e, ErrorCode.INSTANCE_INVALID_STATE));
        assertThatThrownBy(() -> hypervisor.blockResize(uuid, "vdz", 1 << 20))
                .satisfies(e -> code(e, ErrorCode.HYPERVISOR_FAILED));
    }

    @Test
    void theHostIsDescribed() {
        assertThat(hypervisor.connected()).isTrue();
        assertThat(hypervisor.versions().libvirt()).isGreaterThanOrEqualTo(9_000_000);
        assertThat(hypervisor.hostname()).isNotBlank();
        assertThat(hypervisor.versions().hypervisor()).isGreaterThanOrEqualTo(7_002_000);
        assertThat(hypervisor.capabilitiesXml()).contains("<arch name='x86_64'>");
        assertThat(hypervisor.expandCpu("<cpu><arch>x86_64</arch><model>Haswell</model></cpu>"))
                .contains("name='avx2'");
        assertThat(hypervisor.domainCapabilitiesXml("x86_64", "pc", "qemu")).contains("<domainCapabilities>");
        assertThat(hypervisor.domainCapabilitiesXml("x86_64", "", "")).contains("<domainCapabilities>");
        assertThat(hypervisor.cpuModels("x86_64")).contains("qemu64", "EPYC").doesNotContain("");
        assertThatThrownBy(() -> hypervisor.cpuModels("pdp11")).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> hypervisor.domainCapabilitiesXml("x86_64", "no-such-machine", "qemu"))
                .isInstanceOf(HypervisorException.class);
    }

    private Guest guest() {
        return hypervisor.find(uuid).orElseThrow();
    }

    private List<GuestEvent.Kind> kinds() {
        return EVENTS.stream()
                .filter(e -> e.uuid().equals(uuid))
                .map(GuestEvent::kind)
                .toList();
    }

    private static void code(Throwable thrown, ErrorCode expected) {
        assertThat(((BridgeException) thrown).code()).isEqualTo(expected);
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 60 s").isLessThan(end);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
