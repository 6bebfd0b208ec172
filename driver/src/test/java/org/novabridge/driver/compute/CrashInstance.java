package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.InstanceSpec;

/** An instance of the crash run, made and removed through the driver, and what is left of it. */
final class CrashInstance {
    private static final Duration LONG = Duration.ofSeconds(150);

    private final EmbedBridge bridge;
    private final String uuid;
    private final ComputeDriver driver;
    private final CrashLook look;

    /** Large disks cost nothing. */
    private final boolean thin;

    CrashInstance(EmbedBridge bridge, ConfigHolder config, String uuid, ComputeDriver driver) {
        this.bridge = bridge;
        this.uuid = uuid;
        this.driver = driver;
        this.look = new CrashLook(bridge, config, uuid, driver);
        this.thin = config.snapshot().get(LibvirtOptions.IMAGES_LVM_TYPE).equals("thin");
    }

    /** @param guest with one that runs; else the disks alone */
    Operation make(boolean guest) throws IOException {
        InstanceService service = driver.instances();
        InstanceSpec spec = guest || thin ? bridge.specOfAllDisks(uuid) : bridge.specOfSmallDisks(uuid);
        return ended(
                guest
                        ? service.create(OperationsTest.OPERATOR, spec, RequestKey.NONE)
                        : service.prepare(OperationsTest.OPERATOR, spec, RequestKey.NONE));
    }

    Operation remove(boolean guest) {
        InstanceService service = driver.instances();
        return ended(
                guest
                        ? service.delete(OperationsTest.OPERATOR, uuid, RequestKey.NONE)
                        : service.release(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
    }

    Operation ended(Operation operation) {
        return OperationsTest.Awaited.ended(driver.operations(), operation.id(), LONG);
    }

    /** As a guest writes to its logical volumes. */
    void write() throws IOException, InterruptedException {
        if (look.volumes().isPresent()) {
            volumes().writeAsGuest();
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
        return driver.operations().busy(uuid)
                || driver.operations().list().stream()
                        .anyMatch(operation -> !operation.state().ended())
                || look.volumes().isPresent() && volumes().wiping();
    }

    CrashVolumes volumes() {
        return look.volumes().orElseThrow();
    }

    /** Sentences; empty when nothing is left. */
    List<String> left() throws IOException, InterruptedException {
        return look.left();
    }
}
