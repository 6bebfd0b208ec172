package org.novabridge.driver.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.novabridge.driver.compute.ComputeDriver;
import org.novabridge.driver.compute.EmbedBridge;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.RequestKey;

/**
 * Lets the whole driver start a real guest for each definition, and reads from its QEMU what libvirt made of it. The first
 * guest of each storage is stopped and lends its disk to all definitions on that storage; the others go.
 */
final class IoGuests implements AutoCloseable {
    private static final String IMAGE = "0f9b5c4e-0000-4000-8000-0000000000f0";

    private final EmbedBridge bridge;
    private final SourceImage image;
    private final List<String> lines;
    private final Map<Served.Storage, String> lenders = new LinkedHashMap<>();
    private final Map<Served.Storage, String> paths = new LinkedHashMap<>();
    private final List<String> guests = new ArrayList<>();

    /** @param lines more of [libvirt] */
    IoGuests(EmbedBridge bridge, SourceImage image, List<String> lines) {
        this.bridge = bridge;
        this.image = image;
        this.lines = lines;
    }

    /** @throws RuntimeException with the reason when this host has no such guest */
    QemuDisk disk(Served served) {
        String uuid = UUID.randomUUID().toString();
        try (ComputeDriver driver = open(served)) {
            InstanceService instances = driver.instances();
            BenchGuests.done(
                    driver,
                    instances.create(
                            BenchGuests.OPERATOR, bridge.specOfRaw(uuid, 1, IMAGE, image.file()), RequestKey.NONE));
            guests.add(uuid);
            QemuDisk disk = QemuDisk.ofGuest(uuid);
            if (lenders.putIfAbsent(served.storage(), uuid) == null) {
                paths.put(served.storage(), disk.path());
                BenchGuests.done(driver, instances.stop(BenchGuests.OPERATOR, uuid, RequestKey.NONE));
                return disk;
            }
            remove(driver, uuid);
            return disk.at(Objects.requireNonNull(paths.get(served.storage())));
        }
    }

    private ComputeDriver open(Served served) {
        List<String> all = new ArrayList<>(lines);
        all.addAll(served.configuration());
        try {
            bridge.configure(served.storage().imagesType, all.toArray(new String[0]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bridge.open(bridge.load());
    }

    private void remove(ComputeDriver driver, String uuid) {
        BenchGuests.done(driver, driver.instances().delete(BenchGuests.OPERATOR, uuid, RequestKey.NONE));
        guests.remove(uuid);
    }

    /** Deletes what is left of them. */
    @Override
    public void close() {
        if (guests.isEmpty()) {
            return;
        }
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            for (String uuid : List.copyOf(guests)) {
                remove(driver, uuid);
            }
        }
    }
}
