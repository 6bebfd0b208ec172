package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource.HostPort;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;

class HostProbeTest {
    @TempDir
    Path root;

    /** QEMU opens the base of a qcow2 disk as it opens the disk itself. */
    @Test
    void theFolderOfBaseImagesOnAnotherFileSystemIsAskedTooWhetherItTakesDirectIo() throws Exception {
        Path instances = Files.createDirectories(root.resolve("instances"));
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, instances.toString())
                .build();
        Path base = Files.createDirectory(instances.resolve("_base"));
        HostProbe.Outcome one = HostProbe.look(config, Optional.empty(), root);
        assertThat(one.facts().has(HostFact.DIRECT_IO)).isTrue();
        Files.delete(base);
        Files.createSymbolicLink(base, Path.of("/sys/kernel"));
        HostProbe.Outcome two = HostProbe.look(config, Optional.empty(), root);
        assertThat(two.facts().has(HostFact.DIRECT_IO) && two.facts().is(HostFact.DIRECT_IO))
                .as("nothing can be written to %s", base)
                .isFalse();
    }

    @Test
    void filesOfTheHostAreLookedAtAndNothingIsLeftBehind() throws Exception {
        Path instances = Files.createDirectories(root.resolve("instances"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/machine-id"), "0123456789abcdef\n");
        Files.createDirectories(root.resolve("proc/self"));
        Files.createDirectories(root.resolve("proc/sys/kernel"));
        Files.writeString(root.resolve("proc/sys/kernel/arch"), "x86_64\n");
        Files.writeString(root.resolve("proc/self/mounts"), "cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\n");
        Path ceph = Files.writeString(root.resolve("ceph.conf"), "[global]\nmon_host = 10.0.0.1\n");
        HostProbe.Outcome found = HostProbe.look(
                ConfigSnapshot.builder()
                        .set(DefaultOptions.INSTANCES_PATH, instances.toString())
                        .set(LibvirtOptions.IMAGES_RBD_CEPH_CONF, ceph.toString())
                        .set(LibvirtOptions.RNG_DEV_PATH, "/dev/null")
                        .build(),
                Optional.empty(),
                root);

        assertThat(found.facts().text(HostFact.MACHINE_ID)).isEqualTo("0123456789abcdef");
        assertThat(found.facts().is(HostFact.CPU_CONTROL)).isTrue();
        assertThat(found.facts().is(HostFact.KVM)).isFalse();
        assertThat(found.facts().is(HostFact.RNG_DEVICE)).isTrue();
        assertThat(found.facts().hostPorts(HostFact.RBD_MONITORS)).containsExactly(new HostPort("10.0.0.1", "6789"));
        assertThat(instances).isEmptyDirectory();
        assertThat(found.facts().text(HostFact.ARCH)).isEqualTo("x86_64");
        assertThat(found.missing()).containsEntry(HostFact.HOST_UUID, "libvirt was not asked");
        assertThat(found.missing()).doesNotContainKey(HostFact.KVM);
        assertThat(found.facts().unknown())
                .containsAll(found.missing().keySet())
                .hasSameSizeAs(found.missing().keySet());
    }

    @Test
    void whatCannotBeProbedIsNamedWithItsReason() {
        HostProbe.Outcome found = HostProbe.look(
                ConfigSnapshot.builder()
                        .set(DefaultOptions.INSTANCES_PATH, root.resolve("none").toString())
                        .set(
                                LibvirtOptions.IMAGES_RBD_CEPH_CONF,
                                root.resolve("none.conf").toString())
                        .set(LibvirtOptions.RNG_DEV_PATH, "")
                        .build(),
                Optional.empty(),
                root);
        assertThat(found.missing())
                .containsEntry(HostFact.DIRECT_IO, "instances_path " + root.resolve("none") + " does not exist")
                .containsEntry(HostFact.RBD_MONITORS, root.resolve("none.conf") + " cannot be read")
                .containsEntry(HostFact.RNG_DEVICE, "rng_dev_path is not set")
                .containsKey(HostFact.MACHINE_ID);
        assertThat(found.facts().is(HostFact.CPU_CONTROL)).isFalse();
    }

    @Test
    void aLibvirtThatGoesAwayIsNoHostWithoutItsFacts() {
        Hypervisor hypervisor = mock(Hypervisor.class);
        when(hypervisor.versions()).thenReturn(new Hypervisor.Versions(9_000_000, 7_002_022));
        when(hypervisor.capabilitiesXml())
                .thenThrow(new BridgeException(ErrorCode.HYPERVISOR_UNAVAILABLE, "libvirt is away"));

        assertThatThrownBy(() -> HostProbe.look(ConfigSnapshot.defaults(), Optional.of(hypervisor), root))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_UNAVAILABLE));
    }

    @Test
    void libvirtIsAskedForTheRest() {
        Hypervisor hypervisor = mock(Hypervisor.class);
        when(hypervisor.versions()).thenReturn(new Hypervisor.Versions(9_000_000, 7_002_022));
        when(hypervisor.capabilitiesXml())
                .thenReturn("<capabilities><host><uuid>u-1</uuid><cpu><arch>x86_64</arch><model>EPYC</model>"
                        + "<feature name='ht'/><feature name='vme'/></cpu></host></capabilities>");
        when(hypervisor.cpuModels("x86_64")).thenReturn(List.of("qemu64", "EPYC"));
        when(hypervisor.domainCapabilitiesXml("x86_64", "", "qemu"))
                .thenReturn("<domainCapabilities><devices><disk supported='yes'><enum name='bus'><value>ide</value>"
                        + "<value>virtio</value></enum></disk><video supported='yes'><enum name='modelType'>"
                        + "<value>vga</value></enum></video></devices></domainCapabilities>");
        HostProbe.Outcome found = HostProbe.look(
                ConfigSnapshot.builder()
                        .set(DefaultOptions.INSTANCES_PATH, root.toString())
                        .set(LibvirtOptions.VIRT_TYPE, "qemu")
                        .build(),
                Optional.of(hypervisor),
                root);
        assertThat(found.facts().text(HostFact.ARCH)).isEqualTo("x86_64");
        assertThat(found.facts().text(HostFact.HOST_UUID)).isEqualTo("u-1");
        assertThat(found.facts().text(HostFact.CPU_MODEL)).isEqualTo("EPYC");
        assertThat(found.facts().texts(HostFact.CPU_MODELS)).isEqualTo(List.of("qemu64", "EPYC"));
        assertThat(found.missing()).containsEntry(HostFact.FREE_SERIAL_PORTS, "[serial_console]enabled is false");
        assertThat(found.facts().texts(HostFact.CPU_FEATURES)).isEqualTo(List.of("ht", "vme"));
        assertThat(found.facts().number(HostFact.QEMU_VERSION)).isEqualTo(7_002_022);
        assertThat(found.facts().texts(HostFact.DISK_BUSES)).isEqualTo(List.of("ide", "virtio"));
        assertThat(found.facts().texts(HostFact.VIDEO_MODELS)).isEqualTo(List.of("vga"));
    }

    @Test
    void aRefusalOfLibvirtsIsTheReasonAndNotAFailure() {
        Hypervisor hypervisor = mock(Hypervisor.class);
        when(hypervisor.versions()).thenReturn(new Hypervisor.Versions(9_000_000, 7_002_022));
        when(hypervisor.capabilitiesXml()).thenReturn("<capabilities><host><cpu/></host></capabilities>");
        when(hypervisor.domainCapabilitiesXml("", "", "kvm"))
                .thenThrow(new BridgeException(ErrorCode.HYPERVISOR_FAILED, "kvm is not supported"));
        HostProbe.Outcome found = HostProbe.look(ConfigSnapshot.defaults(), Optional.of(hypervisor), root);
        assertThat(found.missing())
                .containsEntry(HostFact.DISK_BUSES, "kvm is not supported")
                .containsEntry(HostFact.ARCH, "libvirt does not tell");
    }
}
