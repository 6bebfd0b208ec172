package org.novabridge.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From QEMU's command line to qemu-storage-daemon's. */
class QemuDiskTest {
    private static final String IO_THREAD = "{\"qom-type\":\"iothread\",\"id\":\"iothread1\"}";
    private static final String BASE =
            "{\"driver\":\"file\",\"filename\":\"/i/_base/b\",\"node-name\":\"libvirt-2-storage\",\"read-only\":true}";
    private static final String FILE =
            "{\"driver\":\"file\",\"filename\":\"/i/u/disk\",\"aio\":\"native\",\"node-name\":\"libvirt-1-storage\",\"auto-read-only\":true,\"discard\":\"unmap\",\"cache\":{\"direct\":true,\"no-flush\":false}}";
    private static final String FORMAT =
            "{\"node-name\":\"libvirt-1-format\",\"read-only\":false,\"cache\":{\"direct\":true,\"no-flush\":false},\"driver\":\"qcow2\",\"file\":\"libvirt-1-storage\",\"backing\":\"libvirt-2-storage\"}";

    private static QemuDisk disk(String device) {
        return QemuDisk.of(List.of(
                "/usr/bin/qemu-system-x86_64",
                "-object",
                "{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}",
                "-object",
                IO_THREAD,
                "-device",
                "piix3-usb-uhci,id=usb",
                "-blockdev",
                BASE,
                "-blockdev",
                FILE,
                "-blockdev",
                FORMAT,
                "-device",
                device));
    }

    @Test
    void theDaemonServesTheNodesOfTheDeviceAsTheGuestHadThem() {
        QemuDisk disk = disk(
                "{\"driver\":\"virtio-blk-pci\",\"iothread\":\"iothread1\",\"drive\":\"libvirt-1-format\",\"write-cache\":\"on\"}");
        assertThat(disk.path()).isEqualTo("/i/u/disk");
        assertThat(StorageDaemon.line(disk, Path.of("/f/nbd.sock")))
                .containsExactly(
                        "qemu-storage-daemon",
                        "--object",
                        IO_THREAD,
                        "--blockdev",
                        BASE,
                        "--blockdev",
                        FILE,
                        "--blockdev",
                        FORMAT,
                        "--nbd-server",
                        "addr.type=unix,addr.path=/f/nbd.sock",
                        "--export",
                        "{\"type\":\"nbd\",\"id\":\"bench\",\"name\":\"disk\",\"node-name\":\"libvirt-1-format\",\"writable\":true,\"writethrough\":false,\"iothread\":\"iothread1\"}");
    }

    @Test
    void withoutAThreadAndWithoutAWriteCacheTheMainLoopFlushesEachWrite() {
        QemuDisk disk = disk("{\"driver\":\"virtio-blk-pci\",\"drive\":\"libvirt-1-format\",\"write-cache\":\"off\"}");
        assertThat(StorageDaemon.line(disk, Path.of("/f/nbd.sock")))
                .doesNotContain("--object")
                .last()
                .asString()
                .contains("\"writethrough\":true")
                .doesNotContain("iothread");
    }

    @Test
    void anotherDiskTakesThePlaceOfTheLowestNodeAlone() {
        QemuDisk other = disk("{\"driver\":\"virtio-blk-pci\",\"drive\":\"libvirt-1-format\"}")
                .at("/dev/lab/disk2");
        assertThat(other.path()).isEqualTo("/dev/lab/disk2");
        assertThat(other.nodes()).hasSize(3).contains(BASE, FORMAT, FILE.replace("/i/u/disk", "/dev/lab/disk2"));
    }

    @Test
    void aQemuWithoutAVirtioDiskIsSaidSo() {
        assertThatThrownBy(() -> disk("{\"driver\":\"ide-hd\",\"drive\":\"libvirt-1-format\"}"))
                .hasMessageContaining("no virtio-blk device");
    }
}
