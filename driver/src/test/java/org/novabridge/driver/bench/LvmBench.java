package org.novabridge.driver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.ChildObserver;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.LvmBackend;
import org.novabridge.driver.storage.lvm.ThinBackend;
import org.novabridge.driver.storage.lvm.VolumeGroupBootstrap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code tools/bench lvm}, as it runs inside the lab. */
public final class LvmBench {
    private static final Logger LOG = LoggerFactory.getLogger(LvmBench.class);
    private static final String GROUP = "nova";
    private static final String CLEAN_GROUP = "nova-clean";
    private static final String POOL = "nova-pool";
    private static final Path FOLDER = Path.of("/mnt/bench");

    /** Which disk of the lab is whose. */
    private static final int DIRTY = 0;

    private static final int SOURCES = 1;
    private static final int CLEAN = 2;

    private final Settings settings;
    private final List<Path> devices;
    private final Disk disk;
    private final Measured measured = new Measured();
    private final BenchProgress progress;

    private LvmBench(Settings settings) {
        this.settings = settings;
        this.devices = LabGroup.disks();
        this.disk = new Disk(List.of(devices.get(DIRTY), devices.get(CLEAN)), settings.controlGroup());
        this.progress = new BenchProgress(steps(settings));
    }

    private static int steps(Settings settings) {
        int passes = settings.limit() > 0 ? 2 : 1;
        int inTurn = settings.wants(Measured.Work.CREATE)
                ? 3 * 7 * passes * settings.sizes().size()
                : 0;
        int pauses = settings.wants(Measured.Work.PAUSE) ? 2 * settings.sizes().size() : 0;
        int crowds = settings.wants(Measured.Work.CROWD) ? 2 * settings.crowds().size() : 0;
        int parallel = settings.wants(Measured.Work.PARALLEL) ? 2 : 0;
        return settings.repetitions() * (inTurn + pauses + crowds + parallel);
    }

    /** Prints the report on stdout, what it is doing on stderr. */
    public static void main(String... words) {
        int code = 0;
        try {
            new LvmBench(Settings.of(words)).run();
        } catch (IOException | RuntimeException e) {
            LOG.error("the run failed", e);
            code = 1;
        }
        // Threads of the executor outlive the work.
        System.exit(code);
    }

    private void run() throws IOException {
        Map<String, List<Map<String, Double>>> commands = new LinkedHashMap<>();
        try {
            measure(commands);
        } catch (RuntimeException e) {
            System.err.println("bench: this is what was measured before it failed");
            print(commands);
            throw e;
        }
        print(commands);
    }

    private void print(Map<String, List<Map<String, Double>>> commands) {
        BenchReport report = new BenchReport(measured, new Promises(measured).aims(), commands);
        System.out.print(settings.json() ? report.json() : report.text());
        System.out.flush();
    }

    private void measure(Map<String, List<Map<String, Double>>> commands) throws IOException {
        CommandClock clock = new CommandClock(new ProcessExecutor(new Onlooker(), Files.createTempDirectory("bench")));
        makeGroups();
        List<SourceImage> images = makeImages();
        ConfigSnapshot config = config();
        Contender thin = new BackendContender(Contender.THIN, new ThinBackend(config, clock, FileOwner.ofThisHost()));
        Contender thick = new BackendContender(Contender.THICK, new LvmBackend(config, clock, FileOwner.ofThisHost()));
        Contender clean =
                new BackendContender(Contender.CLEAN, new LvmBackend(cleanConfig(), clock, FileOwner.ofThisHost()));
        Floors floors = new Floors(GROUP);
        try (NovaContender nova = new NovaContender(settings.novaProgram(), FOLDER, GROUP)) {
            RootDisks disks = new RootDisks(
                    List.of(thin, floors.cloned(), floors.clonedAndActivatedLast(), thick, clean, nova, floors.copy()),
                    images,
                    settings.growth(),
                    disk,
                    measured,
                    progress);
            disks.warmUp();
            if (settings.wants(Measured.Work.CREATE)) {
                inTurn(disks);
            }
        }
        SourceImage smallest = images.get(0);
        for (Contender ours : List.of(thin, thick, clean)) {
            commands.put(ours.name(), commands(ours, smallest, clock));
        }
        List<Contender> clones = List.of(thin, floors.cloned());
        if (settings.wants(Measured.Work.PARALLEL)) {
            Lineup lineup = new Lineup(settings.parallel(), smallest, settings.growth(), disk, measured, progress);
            for (int i = 0; i < settings.repetitions(); i++) {
                lineup.repetition(clones);
            }
        }
        if (settings.wants(Measured.Work.PAUSE)) {
            new Pauses(GROUP, POOL, FOLDER, disk, measured, progress)
                    .measure(images, settings.growth(), settings.repetitions());
        }
        if (settings.wants(Measured.Work.CROWD)) {
            Crowd crowd = new Crowd(GROUP, POOL, disk, measured, progress);
            for (int count : settings.crowds()) {
                crowd.measure(count, settings.repetitions(), smallest, smallest.bytes() + settings.growth(), clones);
            }
        }
    }

    private void inTurn(RootDisks disks) {
        for (int i = 0; i < settings.repetitions(); i++) {
            disks.repetition(i);
        }
        if (settings.limit() > 0) {
            disk.allow(settings.limit());
            for (int i = 0; i < settings.repetitions(); i++) {
                disks.repetition(i);
            }
            disk.allow(0);
        }
    }

    /** The commands of one create, some times over. */
    private List<Map<String, Double>> commands(Contender ours, SourceImage image, CommandClock clock) {
        List<Map<String, Double>> commands = new ArrayList<>();
        for (int i = 0; i < settings.repetitions(); i++) {
            String uuid = UUID.randomUUID().toString();
            commands.add(clock.during(() -> ours.create(uuid, image, image.bytes() + settings.growth())));
            ours.remove(uuid);
        }
        return commands;
    }

    private void makeGroups() {
        progress.say("make volume group and thin pool");
        CommandExecutor executor = new ProcessExecutor();
        VolumeGroupBootstrap.of(config(), executor).apply();
        progress.say("make and wipe the clean volume group");
        VolumeGroupBootstrap.wiping(cleanConfig(), executor, Progress.NONE).apply();
    }

    private ConfigSnapshot cleanConfig() {
        return LabGroup.of(CLEAN_GROUP, devices.get(CLEAN))
                .set(LibvirtOptions.IMAGES_LVM_TYPE, "default")
                .set(BridgeOptions.STATE_PATH, "/run/nova-bridge-bench")
                .build();
    }

    private ConfigSnapshot config() {
        return LabGroup.thinAndThick(GROUP, POOL, devices.get(DIRTY));
    }

    /** On the second disk, which is not counted and not limited. */
    private List<SourceImage> makeImages() throws IOException {
        LabGroup.mount(devices.get(SOURCES), FOLDER);
        Path cache = Files.createDirectories(FOLDER.resolve("_base"));
        List<SourceImage> images = new ArrayList<>();
        for (long size : settings.sizes()) {
            progress.say("make an image of " + Quantities.size(size));
            images.add(SourceImage.make(cache, size));
        }
        return images;
    }

    /** There, so that children wait at their gate as those of the service do; a journal is no part of a backend. */
    private static final class Onlooker implements ChildObserver {
        @Override
        public void started(Child child) {
            // looks
        }

        @Override
        public void ended(Child child) {
            // looks
        }
    }
}
