package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.hypervisor.EmbedLab;
import org.novabridge.driver.model.Flavor;

/**
 * As {@link FaultFullPoolLabTest}, with an operating system: Linux writes files to the ext4 of its ephemeral disk until the
 * pool is full and its group, too. The group gets room, and dmeventd grows the pool by our profile; Linux goes on, and its
 * file system and files are whole.
 */
@Tag("lab")
@Timeout(1800)
class FaultFullPoolLinuxLabTest {
    private static final String GROUP = "brim";
    private static final String POOL = GROUP + "/" + GROUP + "-pool";
    private static final Duration LONG = CrashInstance.LONG;

    /** dmeventd looks every 10 s, and ever more seldom while there is no room. */
    private static final Duration GROWTH = Duration.ofMinutes(3);

    /** How long a full pool lets a write wait before it fails: a minute, unless the module is told otherwise. */
    private static final Path NO_SPACE_TIMEOUT = Path.of("/sys/module/dm_thin_pool/parameters/no_space_timeout");

    private final String uuid = UUID.randomUUID().toString();
    private final String disk = Objects.requireNonNull(System.getenv("LAB_DISKS"), "run by tools/lvm-lab-tests")
            .split(" ")[0];
    private Path folder;
    private EmbedBridge bridge;

    @BeforeEach
    void make() throws Exception {
        folder = EmbedBridge.newFolder();
        bridge = new EmbedBridge(folder, EmbedLab.root());
        bridge.configure(
                "lvm",
                "images_volume_group = " + GROUP,
                "images_lvm_devices = " + disk,
                "images_lvm_type = thin",
                "images_lvm_pool_size = 96M",
                "images_lvm_pool_metadata_size = 4M",
                "images_lvm_autoextend_threshold = 80",
                "images_lvm_autoextend_percent = 50",
                "images_lvm_max_over_subscription_ratio = 100",
                "disk_cachemodes = block=none",
                "[DEFAULT]",
                "default_ephemeral_format = ext4");
        CrashVolumes.makeGroup(bridge.load().snapshot());
        Path image = Path.of(System.getProperty("guest.files", ""));
        assertThat(image).as("made by tools/lvm-lab-tests").isRegularFile();
        Files.copy(image, bridge.image(), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(NO_SPACE_TIMEOUT, "5");
    }

    @AfterEach
    void remove() throws Exception {
        Files.writeString(NO_SPACE_TIMEOUT, "60");
        CrashVolumes.removeGroup(GROUP, List.of(disk));
        Trees.delete(folder);
    }

    @Test
    void itsFileSystemIsWholeWhenThePoolWasFullAndHasGrown() throws Exception {
        FaultyDisk.run("lvcreate", "--yes", "--extents", "100%FREE", "--name", "filler", GROUP);
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            Flavor flavor = new Flavor("writing", 1, 128, 1, 1, 0, Map.of());
            done(driver, service.create(OPERATOR, bridge.spec(uuid, flavor), RequestKey.NONE));
            await("the pool is full", LONG, () -> {
                assertThat(console(service)).doesNotContain("failed", "unmounted");
                return service.show(uuid).stalled() != null;
            });
            assertThat(service.show(uuid).state()).isEqualTo("paused");
            assertThat(service.show(uuid).stalled()).contains("write to vdb");
            String written = console(service);
            assertThat(written).contains("file 0 written");

            FaultyDisk.run("lvremove", "--yes", GROUP + "/filler");
            Instant room = Instant.now();
            long before = size();
            await("dmeventd has grown the pool", GROWTH, () -> size() > before);
            System.out.println("full pool: dmeventd has grown it from " + before + " to " + size() + " bytes after "
                    + Duration.between(room, Instant.now()).toSeconds() + " s");
            await("Linux has written its files", LONG, () -> {
                assertThat(console(service)).doesNotContain("failed");
                return console(service).contains("files unmounted");
            });
            assertThat(service.show(uuid).state()).isEqualTo("running");
            assertThat(service.show(uuid).stalled()).isNull();
            assertThat(console(service)).doesNotContain("I/O error", "EXT4-fs error", "EXT4-fs warning");

            wholeOn("check");
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
        }
    }

    /** Looks at a snapshot of the disk, so that the guest may go on. */
    private void wholeOn(String snapshot) throws Exception {
        String device = "/dev/" + GROUP + "/" + snapshot;
        String origin = GROUP + "/" + uuid + "_disk.local";
        FaultyDisk.run("lvcreate", "--yes", "--snapshot", "--setactivationskip", "n", "--name", snapshot, origin);
        FaultyDisk.run("udevadm", "settle");
        System.out.println(
                "  " + FaultyDisk.run("e2fsck", "-fn", device).strip().replace("\n", "\n  "));
        Path files = Files.createDirectory(folder.resolve("files"));
        FaultyDisk.run("debugfs", "-R", "rdump / " + files, device);
        String sums = FaultyDisk.run("sh", "-c", "cd " + files + " && sha256sum -c SHA256SUMS");
        assertThat(sums.lines()).hasSize(32).allMatch(line -> line.endsWith(": OK"));
        FaultyDisk.run("lvremove", "--yes", GROUP + "/" + snapshot);
    }

    private static long size() {
        try {
            return Long.parseLong(
                    FaultyDisk.run("lvs", "--noheadings", "--units", "b", "--nosuffix", "--options", "lv_size", POOL)
                            .strip());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void done(ComputeDriver driver, Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(driver.operations(), operation.id(), LONG);
        assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
    }

    private static void await(String what, Duration most, BooleanSupplier wanted) throws InterruptedException {
        Instant end = Instant.now().plus(most);
        while (!wanted.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(end);
            Thread.sleep(500);
        }
    }

    private String console(InstanceService service) {
        return new String(service.consoleLog(uuid, 1 << 16), StandardCharsets.UTF_8);
    }
}
