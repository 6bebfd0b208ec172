package org.novabridge.driver.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.novabridge.driver.compute.ComputeDriver;
import org.novabridge.driver.compute.EmbedBridge;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.compute.SnapshotRequest;

/**
 * Part c: a real guest of the whole driver, whose disk is made into an image while it runs. What counts is the time
 * that its processors stand still, which the driver reports itself ({@code still_seconds}).
 */
final class Pauses {
    private final String group;
    private final String pool;
    private final Path folder;
    private final Disk disk;
    private final Measured measured;
    private final BenchProgress progress;

    Pauses(String group, String pool, Path folder, Disk disk, Measured measured, BenchProgress progress) {
        this.group = group;
        this.pool = pool;
        this.folder = folder;
        this.disk = disk;
        this.measured = measured;
        this.progress = progress;
    }

    void measure(List<SourceImage> images, long growth, int repetitions) {
        try {
            EmbedBridge bridge = new EmbedBridge(folder.resolve("guests"), BenchGuests.libvirtRoot());
            Files.createDirectories(folder.resolve("guests"));
            for (Map.Entry<String, String> kind :
                    List.of(Map.entry(Contender.THIN, "thin"), Map.entry(Contender.THICK, "default"))) {
                bridge.configure(
                        "lvm",
                        "disk_cachemodes = block=none",
                        "images_volume_group = " + group,
                        "images_lvm_type = " + kind.getValue(),
                        "images_lvm_pool = " + pool,
                        "images_lvm_max_over_subscription_ratio = 100");
                try (ComputeDriver driver = bridge.open(bridge.load())) {
                    for (SourceImage image : images) {
                        int gib = Math.toIntExact((image.bytes() + growth + (1L << 30) - 1) >> 30);
                        ofOneGuest(driver, bridge, image, gib, kind.getKey(), repetitions);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void ofOneGuest(
            ComputeDriver driver, EmbedBridge bridge, SourceImage image, int gib, String who, int repetitions)
            throws IOException {
        String uuid = UUID.randomUUID().toString();
        String imageId = UUID.nameUUIDFromBytes(image.id().getBytes(StandardCharsets.UTF_8))
                .toString();
        InstanceService guests = driver.instances();
        progress.say("start a guest with a disk of " + gib + " GiB, " + who);
        BenchGuests.done(
                driver,
                guests.create(
                        BenchGuests.OPERATOR, bridge.specOfRaw(uuid, gib, imageId, image.file()), RequestKey.NONE));
        Measured.Cell cell = new Measured.Cell(Measured.Work.PAUSE, disk.limit(), gib + " GiB", who);
        for (int i = 0; i < repetitions; i++) {
            Path file = folder.resolve("image-of-a-guest");
            double[] still = new double[1];
            Sample whole = disk.measure(() -> still[0] = standsStill(driver, uuid, file));
            Sample sample = new Sample(still[0], whole.bytes());
            measured.add(cell, sample);
            progress.measured(cell, sample);
            Files.delete(file);
        }
        BenchGuests.done(driver, guests.delete(BenchGuests.OPERATOR, uuid, RequestKey.NONE));
    }

    private static double standsStill(ComputeDriver driver, String uuid, Path file) {
        Operation taken = BenchGuests.done(
                driver,
                driver.instances()
                        .snapshot(
                                BenchGuests.OPERATOR,
                                uuid,
                                new SnapshotRequest("qcow2", false, file),
                                RequestKey.NONE));
        Map<String, Object> result = Objects.requireNonNull(taken.result());
        if (!"live".equals(result.get("way"))) {
            throw new IllegalStateException("the guest was not left running: " + result.get("reason"));
        }
        return ((Number) Objects.requireNonNull(result.get("still_seconds"))).doubleValue();
    }
}
