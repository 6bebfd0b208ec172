package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.hypervisor.EmbedLab;

/**
 * A real guest fills its thin pool: QEMU stops it, the bridge says why, and when the pool has grown it goes on by itself.
 * All that it has written is there.
 */
@Tag("lab")
@Timeout(1800)
class FaultFullPoolLabTest {
    private static final String GROUP = "brim";
    private static final String POOL = GROUP + "/" + GROUP + "-pool";
    private static final Duration LONG = CrashInstance.LONG;
    private static final int SECTOR = 512;

    /**
     * A boot sector, so that the guest costs a second and not an operating system: from sector 64 up to 64 MiB it writes
     * 64 sectors at a time by the BIOS (int 13h, function 43h), each full of its own number in 4 bytes. It says B on the
     * serial port when it begins, D when all is written, E when a write failed.
     *
     * <pre>
     *       xor ax, ax; mov ds, ax; mov es, ax; mov ss, ax; mov sp, 7c00h; cld; mov al, 'B'; call say
     * next: mov eax, [lba]; mov di, 8000h
     * fill: mov cx, 128; rep stosd; inc eax; test di, di; jnz fill
     *       mov si, packet; mov ax, 4300h; mov dl, 80h; int 13h; jc fail
     *       add word [lba], 64; adc word [lba+2], 0; cmp word [lba+2], 2; jb next
     *       mov al, 'D'; jmp end
     * fail: mov al, 'E'
     * end:  call say
     * halt: hlt; jmp halt
     * say:  mov dx, 3f8h; out dx, al; ret
     * packet: db 16, 0; dw 64, 8000h, 0
     * lba:  dq 64
     * </pre>
     */
    private static final byte[] GUEST = HexFormat.of()
            .parseHex("31c08ed88ec08ed0bc007cfcb042e83c0066a15a7cbf0080b9800066f3ab"
                    + "664085ff75f4be527cb80043b280cd13721583065a7c4083165c7c00833e"
                    + "5c7c0272d0b044eb02b045e80300f4ebfdbaf803eec31000400000800000"
                    + "4000000000000000");

    private static final int FIRST = 64;
    private static final int END = 0x20000;
    private static final int STEP = 64;

    private final String uuid = UUID.randomUUID().toString();
    private final List<String> events = new CopyOnWriteArrayList<>();
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
                "images_lvm_pool_size = 48M",
                "images_lvm_pool_metadata_size = 4M",
                "images_lvm_max_over_subscription_ratio = 100",
                "disk_cachemodes = block=none");
        CrashVolumes.makeGroup(bridge.load().snapshot());
        byte[] boot = Arrays.copyOf(GUEST, 1 << 20);
        boot[510] = 0x55;
        boot[511] = (byte) 0xaa;
        Path raw = Files.write(folder.resolve("boot.raw"), boot);
        FaultyDisk.run(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "qcow2",
                raw.toString(),
                bridge.image().toString());
    }

    @AfterEach
    void remove() throws Exception {
        CrashVolumes.removeGroup(GROUP, List.of(disk));
        Trees.delete(folder);
    }

    private static Operation done(ComputeDriver driver, Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(driver.operations(), operation.id(), LONG);
        assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
        return ended;
    }

    private static void await(String what, BooleanSupplier wanted) throws InterruptedException {
        Instant end = Instant.now().plus(LONG);
        while (!wanted.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(end);
            Thread.sleep(200);
        }
    }

    @Test
    void itGoesOnWhenThePoolHasGrownAndHasLostNothing() throws Exception {
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            driver.events()
                    .follow(told -> events.add(told.event().kind()
                            + String.valueOf(told.event().detail().getOrDefault("level", ""))));
            done(driver, service.create(OPERATOR, bridge.spec(uuid), RequestKey.NONE));
            await("the pool is full", () -> service.show(uuid).stalled() != null);

            InstanceView stopped = service.show(uuid);
            assertThat(stopped.state()).isEqualTo("paused");
            assertThat(stopped.stalled()).contains("write to vda").contains("goes on by itself");
            assertThat(service.list().get(0).stalled()).isNotNull();
            await("the alarm is told", () -> events.contains("out-of-space"));
            assertThat(console(service)).contains("B").doesNotContain("D").doesNotContain("E");
            Thread.sleep(12_000);
            assertThat(service.show(uuid).state())
                    .as("nothing has grown meanwhile")
                    .isEqualTo("paused");

            FaultyDisk.run("lvextend", "--size", "+64M", POOL);
            await("the guest has written everything", () -> console(service).contains("D"));

            assertThat(service.show(uuid).state()).isEqualTo("running");
            assertThat(service.show(uuid).stalled()).isNull();
            assertThat(console(service)).doesNotContain("E");
            Operation went = driver.operations().list().get(0);
            assertThat(went.kind()).isEqualTo(Operation.Kind.UNPAUSE);
            assertThat(String.valueOf(went.result().get("reason")))
                    .contains("vda")
                    .contains(POOL);
            // libvirt says "resumed" of a start, too.
            await("Nova hears that it runs", () -> sinceTheAlarm().contains("resumed"));
            assertThat(sinceTheAlarm()).doesNotHaveDuplicates();
            allIsThere(Path.of("/dev", GROUP, uuid + "_disk"));

            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
            assertThat(service.list()).isEmpty();
        }
    }

    private List<String> sinceTheAlarm() {
        List<String> all = List.copyOf(events);
        return all.subList(all.indexOf("out-of-space"), all.size());
    }

    private String console(InstanceService service) {
        return new String(service.consoleLog(uuid, 4096), java.nio.charset.StandardCharsets.US_ASCII)
                .replaceAll("(?s)^.*Booting from Hard Disk\\.*", "");
    }

    /** Every byte, past the page cache. */
    private static void allIsThere(Path device) throws Exception {
        for (int sector = FIRST; sector < END; sector += STEP) {
            ByteBuffer found = ByteBuffer.wrap(CrashVolumes.read(device, (long) sector * SECTOR, STEP * SECTOR))
                    .order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < STEP * SECTOR; at += Integer.BYTES) {
                int written = sector + at / SECTOR;
                if (found.getInt(at) != written) {
                    fail("sector %d has %d at byte %d", written, found.getInt(at), at % SECTOR);
                }
            }
        }
    }
}
