package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/** Who keeps a volume from being removed, on trees that look as /sys and /proc do. */
class DeviceHoldersTest {
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final Path DEVICE = LvmNames.device("nova", VOLUME);
    private static final String MAPPER = LvmCommands.mapperName("nova", VOLUME);

    @TempDir
    Path host;

    private final RecordingExecutor executor = new RecordingExecutor();

    @BeforeEach
    void theVolumeIsThere() throws IOException {
        mapping("dm-7", MAPPER, "LVM-abc");
        write("sys/block/dm-7/dev", "253:7");
        Files.createDirectories(host.resolve("sys/block/dm-7/holders"));
        process("1", "systemd", "/dev/null");
    }

    private void write(String file, String content) throws IOException {
        Path path = host.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content + "\n");
    }

    private void mapping(String kernelName, String name, String uuid) throws IOException {
        write("sys/block/" + kernelName + "/dm/name", name);
        write("sys/block/" + kernelName + "/dm/uuid", uuid);
    }

    private void liesOnIt(String kernelName) throws IOException {
        Files.createDirectories(host.resolve("sys/block/dm-7/holders").resolve(kernelName));
    }

    private void process(String pid, String command, String opened) throws IOException {
        write("proc/" + pid + "/comm", command);
        write("proc/" + pid + "/mountinfo", "22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/host-root rw");
        Path folder = Files.createDirectories(host.resolve("proc/" + pid + "/fd"));
        Files.createSymbolicLink(folder.resolve("3"), Path.of(opened));
        Path namespaces = Files.createDirectories(host.resolve("proc/" + pid + "/ns"));
        Files.createSymbolicLink(namespaces.resolve("mnt"), Path.of("mnt:[" + pid + "]"));
    }

    private void isMounted(String pid, String place) throws IOException {
        write("proc/" + pid + "/mountinfo", "30 22 253:7 / " + place + " rw - xfs /dev/mapper/" + MAPPER + " rw");
    }

    private DeviceHolders holders() {
        return new DeviceHolders(host.resolve("sys"), host.resolve("proc"));
    }

    private DeviceHolders.Found found() {
        return holders().of(DEVICE, MAPPER);
    }

    @Test
    void whereNobodyIsFoundTheOperatorIsToldHowToLook() {
        assertThat(found().who()).isEmpty();
        assertThat(found().remedy()).contains("fuser -v " + DEVICE).contains("lsblk");
        assertThat(holders().of(DEVICE, "nova-gone").remedy()).contains("fuser -v " + DEVICE);
    }

    @Test
    void aGuestsGroupThatTheHostHasActivatedIsNamed() throws IOException {
        mapping("dm-9", "guest--vg-root", "LVM-def");
        liesOnIt("dm-9");
        assertThat(found().who()).isEqualTo(": it is held by the mapping guest--vg-root");
        assertThat(found().remedy()).endsWith(": vgchange --activate n guest-vg");
    }

    @Test
    void otherMappingsAreNamedWithWhatTakesThemAway() throws IOException {
        mapping("dm-8", "stray", "");
        mapping("dm-9", "secret", "CRYPT-PLAIN-secret");
        liesOnIt("dm-8");
        liesOnIt("dm-9");
        liesOnIt("md127");
        write("sys/block/loop3/loop/backing_file", "/dev/dm-7");
        assertThat(found().who())
                .isEqualTo(": it is held by the mapping stray, the mapping secret, the device /dev/md127,"
                        + " the loop device /dev/loop3");
        assertThat(found().remedy())
                .contains(
                        "dmsetup remove stray",
                        "cryptsetup close secret",
                        "lsblk /dev/md127",
                        "losetup --detach /dev/loop3");
    }

    @Test
    void processesAndMountsAreNamed() throws IOException {
        process("41", "qemu-system-x86", "/dev/dm-7");
        process("42", "cp", DEVICE.toString());
        process("43", "cat", "/dev/dm-77");
        isMounted("1", "/mnt/look");
        assertThat(found().who())
                .isEqualTo(": it is held by a mount at /mnt/look, process 41 (qemu-system-x86), process 42 (cp)");
        assertThat(found().remedy()).contains("umount /mnt/look", "end process 41", "end process 42");
    }

    /** The same path is another file system on the host. */
    @Test
    void aMountOfAnotherNamespaceIsTakenAwayThere() throws IOException {
        process("43", "dockerd", "/dev/dm-77");
        process("44", "nginx", "/dev/dm-77");
        isMounted("43", "/var");
        isMounted("44", "/");
        assertThat(found().who())
                .isEqualTo(": it is held by a mount at /var in the mount namespace of process 43,"
                        + " a mount at / in the mount namespace of process 44");
        assertThat(found().remedy())
                .endsWith(": end process 44, whose root it is; nsenter --target 43 --mount umount /var")
                .doesNotContain("; umount", ": umount");
    }

    /** Services with a namespace of their own have copies, which go with the host's. */
    @Test
    void aCopyOfTheHostsMountIsNotNamed() throws IOException {
        process("43", "colord", "/dev/dm-77");
        isMounted("1", "/mnt/look");
        isMounted("43", "/mnt/look");
        assertThat(found().who()).isEqualTo(": it is held by a mount at /mnt/look");
        assertThat(found().remedy()).endsWith(": umount /mnt/look");
    }

    @Test
    void ofManyProcessesAFewAreNamed() throws IOException {
        for (int pid = 50; pid < 60; pid++) {
            process(String.valueOf(pid), "reader", "/dev/dm-7");
        }
        assertThat(found().who()).endsWith("process 54 (reader), 5 more");
    }

    private RetiredVolumes retired(String attributes) {
        executor.printing("vgs", Recorded.group(1L << 33, "", 0))
                .printing("lvs", Recorded.volumes(VOLUME, "4194304", "nova-bridge", attributes));
        LvmSettings settings = Recorded.settings(LvmSettings.Clear.NONE, 0, false, false);
        return new RetiredVolumes(
                settings,
                new LvmCommands(settings.alarmAfter()),
                new LockedGroup(executor, settings),
                new Eraser(executor, settings),
                holders());
    }

    private void isNamed(BridgeException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
        assertThat(e).hasMessageContaining("nova/" + VOLUME).hasMessageContaining("held by the mapping guestvg-root");
        assertThat(e.remedy()).contains("vgchange --activate n guestvg");
    }

    @Test
    void aRemovalThatFailsNamesTheMappingOnAnOpenVolume() throws IOException {
        mapping("dm-9", "guestvg-root", "LVM-def");
        liesOnIt("dm-9");
        assertThatThrownBy(() -> retired("-wi-ao----").remove(VOLUME, Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, this::isNamed);
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    /** It came after the volume was found closed. */
    @Test
    void aRemovalThatLvmRefusesNamesItToo() throws IOException {
        mapping("dm-9", "guestvg-root", "LVM-def");
        liesOnIt("dm-9");
        executor.failing("lvremove", 5, "  Logical volume nova/" + VOLUME + " is used by another device.");
        assertThatThrownBy(() -> retired("-wi-a-----").remove(VOLUME, Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, this::isNamed);
    }

    @Test
    void theHolderOfAnEncryptedDisksMappingIsNamedToo() throws IOException {
        mapping("dm-8", LvmNames.mapping(VOLUME), "CRYPT-LUKS2-abc");
        mapping("dm-9", "guestvg-root", "LVM-def");
        Files.createDirectories(host.resolve("sys/block/dm-8/holders/dm-9"));
        executor.failing("cryptsetup", 5, "Device x is still in use.");
        assertThatThrownBy(
                        () -> new Cryptsetup(executor, Duration.ofSeconds(60), path -> true, holders()).close(VOLUME))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
                    assertThat(e).hasMessageContaining("held by the mapping guestvg-root");
                });
    }
}
