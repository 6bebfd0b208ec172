package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;

/** Looks for whatever a dead bridge may have left of an instance, in every place where something could be. */
final class CrashLook {
    private final EmbedBridge bridge;
    private final String uuid;
    private final ComputeDriver driver;
    private final @Nullable CrashVolumes volumes;
    private final String[] marks;

    CrashLook(EmbedBridge bridge, ConfigHolder config, String uuid, ComputeDriver driver) {
        this.bridge = bridge;
        this.uuid = uuid;
        this.driver = driver;
        Optional<String> group = config.snapshot().find(LibvirtOptions.IMAGES_VOLUME_GROUP);
        this.volumes = group.map(name -> new CrashVolumes(
                        name,
                        uuid,
                        config.snapshot().get(LibvirtOptions.VOLUME_CLEAR).equals("zero"),
                        bridge.folder().resolve("extents")))
                .orElse(null);
        this.marks =
                group.map(name -> new String[] {uuid, "/dev/" + name + "/"}).orElse(new String[] {uuid});
    }

    Optional<CrashVolumes> volumes() {
        return Optional.ofNullable(volumes);
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
        List<String> left = new ArrayList<>();
        // libvirt's test driver comes with a domain of its own.
        driver.hypervisor().list().stream()
                .filter(guest -> !guest.name().equals("test"))
                .forEach(guest -> left.add("stray domain " + guest));
        driver.instances().list().stream()
                .filter(view -> view.owner() != null && !(stays && view.uuid().equals(uuid)))
                .forEach(view -> left.add("record of " + view.uuid()));
        List<Path> own =
                List.of(bridge.instances().resolve(uuid), bridge.state().resolve("instances/" + uuid + ".json"));
        List<Path> places = new ArrayList<>(List.of(
                bridge.instances().resolve(uuid + "_del"), bridge.folder().resolve("guest")));
        if (!stays) {
            places.addAll(own);
        }
        for (Path place : places) {
            if (Files.exists(place)) {
                left.add(place.toString());
            }
        }
        halfFiles(bridge.instances(), left);
        halfFiles(bridge.state(), left);
        filesIn(bridge.state().resolve("taken"), left);
        filesIn(bridge.instances().resolve("snapshots"), left);
        // Ended operations stay for their keys, with nothing to take back and nobody at work.
        for (JournalEntry entry : new Journal(bridge.state(), CrashPoint.NONE).load()) {
            if (!entry.state().ended()
                    || !entry.undo().isEmpty()
                    || !entry.children().isEmpty()) {
                left.add("journal entry " + entry);
            }
        }
        processes().forEach(process -> left.add("process " + process));
        if (volumes != null) {
            left.addAll(volumes.left(stays));
        }
        return left;
    }

    /** What stays: the bridge itself looks at its thin pool now and then, by a program that is gone in a moment. */
    private List<String> processes() throws IOException, InterruptedException {
        Instant end = Instant.now().plusSeconds(30);
        List<String> found = OurProcesses.of(bridge.folder(), marks);
        while (!found.isEmpty() && Instant.now().isBefore(end)) {
            Thread.sleep(100);
            found = OurProcesses.of(bridge.folder(), marks);
        }
        return found;
    }

    private static void filesIn(Path folder, List<String> left) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(Files::isRegularFile).forEach(file -> left.add("file " + file));
            }
        }
    }

    private static void halfFiles(Path root, List<String> left) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".part") || name.endsWith(".converted") || name.endsWith(".tmp"))
                    .forEach(left::add);
        }
    }
}
