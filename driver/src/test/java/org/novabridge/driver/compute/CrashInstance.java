package org.novabridge.driver.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.novabridge.conf.EphemeralStorageEncryptionOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.DiskKey;

/** An instance of the crash run, made and removed through the driver, and what is left of it. */
final class CrashInstance {
    /** Only what hangs takes so long: a virtual machine may stand still for minutes, and goes on. */
    static final Duration LONG = Duration.ofMinutes(10);

    private static final byte[] KEY = new byte[32];

    private final EmbedBridge bridge;
    private final String uuid;
    private final ComputeDriver driver;
    private final CrashLook look;

    /** Large disks cost nothing. */
    private final boolean thin;

    private final boolean encrypted;

    /** Negative for an instance with every kind of disk. */
    private int swapMb = -1;

    CrashInstance(EmbedBridge bridge, ConfigHolder config, String uuid, ComputeDriver driver) {
        this.bridge = bridge;
        this.uuid = uuid;
        this.driver = driver;
        this.look = new CrashLook(bridge, config, uuid, driver);
        this.thin = config.snapshot().get(LibvirtOptions.IMAGES_LVM_TYPE).equals("thin");
        this.encrypted = config.snapshot().get(EphemeralStorageEncryptionOptions.ENABLED);
    }

    String uuid() {
        return uuid;
    }

    /** @param guest with one that runs; else the disks alone */
    Operation make(boolean guest) throws IOException {
        InstanceService service = driver.instances();
        bringKey();
        InstanceSpec spec = spec(guest);
        return ended(
                guest
                        ? service.create(OperationsTest.OPERATOR, spec, RequestKey.NONE)
                        : service.prepare(OperationsTest.OPERATOR, spec, RequestKey.NONE));
    }

    private InstanceSpec spec(boolean guest) throws IOException {
        if (swapMb >= 0) {
            return bridge.specOfFewDisks(uuid, thin ? 1 : 0, swapMb);
        }
        return guest || thin ? bridge.specOfAllDisks(uuid) : bridge.specOfSmallDisks(uuid);
    }

    /**
     * Made from now on with a root disk, a config drive and, of that size, swap: what is done to more disks is no other
     * step, and their making and removal would take most of the time.
     */
    void withFewDisks(int ofSwapMb) {
        swapMb = ofSwapMb;
    }

    /** That an instance without a guest is made with. */
    Flavor flavor() {
        try {
            return spec(false).instance().flavor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of its disks, when they are encrypted: it is forgotten once they are open. */
    void bringKey() {
        if (encrypted) {
            try (DiskKey key = DiskKey.of(KEY)) {
                driver.instances().bringKey(OperationsTest.OPERATOR, uuid, null, key);
            }
        }
    }

    Operation remove(boolean guest) {
        InstanceService service = driver.instances();
        return ended(
                guest
                        ? service.delete(OperationsTest.OPERATOR, uuid, RequestKey.NONE)
                        : service.release(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
    }

    /** It, and the wipes that it has left behind. */
    Operation ended(Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(driver.operations(), operation.id(), LONG);
        driver.operations().list().stream()
                .filter(other -> other.kind() == Operation.Kind.WIPE)
                .forEach(wipe -> OperationsTest.Awaited.ended(driver.operations(), wipe.id(), LONG));
        return ended;
    }

    /** As a guest writes to its logical volumes. */
    void write() throws IOException, InterruptedException {
        if (look.volumes().isPresent()) {
            volumes().writeAsGuest("");
        }
    }

    /** The cache is filled anew each time, so that its steps are among the places. */
    void removeBases() throws IOException, InterruptedException {
        if (look.volumes().isPresent()) {
            volumes().removeBases();
        }
        Path bases = bridge.instances().resolve("_base");
        if (Files.isDirectory(bases)) {
            Trees.delete(bases);
        }
        Trees.delete(bridge.state().resolve("images"));
    }

    /** Something is being done about it, or a volume of it is being wiped: its device goes before its wipe has ended. */
    boolean busy() throws IOException {
        return atWork() || look.volumes().isPresent() && volumes().wiping();
    }

    /** Some operation has not ended. */
    boolean atWork() {
        return driver.operations().busy(uuid)
                || driver.operations().list().stream()
                        .anyMatch(operation -> !operation.state().ended());
    }

    CrashVolumes volumes() {
        return look.volumes().orElseThrow();
    }

    /** Sentences; empty when nothing is left. */
    List<String> left() throws IOException, InterruptedException {
        return left(false);
    }

    /**
     * As {@link #left()}.
     *
     * @param stays the instance itself, without a guest
     */
    List<String> left(boolean stays) throws IOException, InterruptedException {
        return look.left(stays);
    }
}
