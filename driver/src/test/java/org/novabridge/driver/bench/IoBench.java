package org.novabridge.driver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.novabridge.driver.bench.Served.Storage;
import org.novabridge.driver.compute.EmbedBridge;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.storage.lvm.VolumeGroupBootstrap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code tools/bench io}: what io modes, I/O threads and storage cost, through QEMU's own block layer. */
public final class IoBench {
    private static final Logger LOG = LoggerFactory.getLogger(IoBench.class);
    private static final String GROUP = "nova";
    private static final String POOL = "nova-pool";
    private static final long IMAGE_BYTES = 16 << 20;

    /** Seconds for a request before one was measured. */
    private static final double FIRST_GUESS = 1e-4;

    private static final long LEAST_REQUESTS = 200;

    /** Which disk of the lab is whose. */
    private static final int VOLUMES = 0;

    private static final int FILES = 1;
    private static final int BARE = 2;

    private final Words words;
    private final Path folder;
    private final boolean lab;
    private final Fio fio;
    private final List<IoLoad> loads;
    private final Map<Served, QemuDisk> disks = new LinkedHashMap<>();
    private final Map<Served, String> missing = new LinkedHashMap<>();
    private final Turns<IoReport.Cell> turns = new Turns<>();
    private final Turns<IoReport.Cell> threads = new Turns<>();
    private final BenchProgress progress;

    private IoBench(Words words) {
        this.words = words;
        this.folder = words.path("folder");
        this.lab = words.text("where").equals("lab");
        this.fio = new Fio(words.number("seconds"), Quantities.bytes(words.text("size")));
        this.loads = words.list("loads").stream().map(IoLoad::of).toList();
        this.progress = new BenchProgress((wanted().size() + 2) * loads.size() * words.number("repetitions"));
    }

    /** Prints the report on stdout, what it is doing on stderr. */
    public static void main(String... words) {
        int code = 0;
        try {
            new IoBench(Words.of(words)).run();
        } catch (IOException | RuntimeException e) {
            LOG.error("the run failed", e);
            code = 1;
        }
        // Threads of the executor outlive the work.
        System.exit(code);
    }

    private List<Served> wanted() {
        List<Served> wanted = new ArrayList<>();
        for (Storage storage :
                lab ? List.of(Storage.THICK, Storage.THIN, Storage.BARE) : List.of(Storage.RAW, Storage.QCOW2)) {
            for (String mode : words.list("modes")) {
                wanted.add(Served.plain(storage, mode));
                wanted.add(new Served(storage, mode, true, "none"));
            }
        }
        if (!lab && words.list("modes").contains("threads")) {
            wanted.add(new Served(Storage.RAW, "threads", false, "writeback"));
        }
        return wanted;
    }

    private void run() throws IOException {
        EmbedBridge bridge = bridge();
        SourceImage image = SourceImage.make(Files.createDirectories(folder.resolve("image")), IMAGE_BYTES);
        List<String> lines = lab
                ? List.of(
                        "images_volume_group = " + GROUP,
                        "images_lvm_pool = " + POOL,
                        "images_lvm_max_over_subscription_ratio = 100")
                : List.of();
        try (IoGuests guests = new IoGuests(bridge, image, lines)) {
            for (Served served : wanted()) {
                define(guests, served);
            }
            fill();
            for (int i = 0; i < words.number("repetitions"); i++) {
                repetition(i);
            }
        }
        IoReport report = new IoReport(lab ? Storage.BARE : Storage.RAW, turns, threads, missing);
        System.out.print(words.json() ? report.json() : report.text());
        System.out.flush();
    }

    private EmbedBridge bridge() throws IOException {
        if (!lab) {
            return new EmbedBridge(Files.createDirectories(folder.resolve("guests")), words.path("root"));
        }
        LabGroup.mount(LabGroup.disks().get(FILES), folder);
        VolumeGroupBootstrap.of(
                        LabGroup.thinAndThick(GROUP, POOL, LabGroup.disks().get(VOLUMES)), new ProcessExecutor())
                .apply();
        return new EmbedBridge(Files.createDirectories(folder.resolve("guests")), BenchGuests.libvirtRoot());
    }

    private void define(IoGuests guests, Served served) {
        if (served.storage() == Storage.BARE) {
            QemuDisk thick = disks.get(served.of(Storage.THICK));
            if (thick != null) {
                disks.put(served, thick.at(LabGroup.disks().get(BARE).toString()));
            }
            return;
        }
        progress.say("start a guest: " + served);
        try {
            disks.put(served, guests.disk(served));
        } catch (RuntimeException e) {
            LOG.debug("not measured: {}", served, e);
            progress.say("not measured: " + served + ": " + e.getMessage());
            missing.put(served, String.valueOf(e.getMessage()));
        }
    }

    private void fill() {
        List<Storage> filled = new ArrayList<>();
        for (Map.Entry<Served, QemuDisk> disk : disks.entrySet()) {
            if (!filled.contains(disk.getKey().storage())) {
                filled.add(disk.getKey().storage());
                progress.say("fill: " + disk.getKey().storage().text);
                try (StorageDaemon daemon = new StorageDaemon(disk.getValue(), folder)) {
                    fio.fill(daemon.target());
                }
            }
        }
    }

    /** All loads of all; who begins changes with each repetition. */
    private void repetition(int number) {
        Storage lowest = lab ? Storage.BARE : Storage.RAW;
        Served floor = Served.plain(lowest, Served.FLOOR);
        Served nothing = Served.plain(Storage.NOTHING, "");
        List<Served> order = new ArrayList<>(List.of(floor, nothing));
        order.addAll(disks.keySet());
        Collections.rotate(order, number);
        String path = disks.entrySet().stream()
                .filter(disk -> disk.getKey().storage() == lowest)
                .map(disk -> disk.getValue().path())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no disk could be served: " + missing));
        for (IoLoad load : loads) {
            for (Served served : order) {
                if (missing.containsKey(served)) {
                    continue;
                }
                if (served.ioThread()) {
                    withAndWithout(served, load, number % 2 == 0);
                    continue;
                }
                Optional<Sample> sample = served.equals(floor)
                        ? Optional.of(fio.run(load, List.of("--ioengine=libaio", "--direct=1", "--filename=" + path)))
                        : run(
                                served,
                                served.equals(nothing)
                                        ? QemuDisk.nothing(fio.bytes())
                                        : Objects.requireNonNull(disks.get(served)),
                                load);
                sample.ifPresent(one -> {
                    turns.add(new IoReport.Cell(load, served), one);
                    progress.step("%s, %s: %.0f requests a second".formatted(load.text, served, 1 / one.seconds()));
                });
            }
        }
    }

    /** An I/O thread beside the same definition without one, both asked by the {@link StayingClient}. */
    private void withAndWithout(Served threaded, IoLoad load, boolean threadFirst) {
        Served plain = threaded.inMainLoop();
        double each = turns.figures(new IoReport.Cell(load, plain))
                .map(Figures::seconds)
                .orElse(FIRST_GUESS);
        long requests = Math.max(LEAST_REQUESTS, Math.round(words.number("seconds") / each));
        for (Served served : threadFirst ? List.of(threaded, plain) : List.of(plain, threaded)) {
            QemuDisk disk = disks.get(served);
            if (disk == null) {
                return;
            }
            try (StorageDaemon daemon = new StorageDaemon(disk, folder)) {
                Sample sample = StayingClient.run(load, requests, daemon.uri());
                threads.add(new IoReport.Cell(load, served), sample);
                progress.say("%s, %s, one client: %.0f requests a second"
                        .formatted(load.text, served, 1 / sample.seconds()));
            }
        }
        progress.step("%s, %s".formatted(load.text, threaded));
    }

    /** A daemon for each run: what an earlier run has left in its queues and caches is nobody's. */
    private Optional<Sample> run(Served served, QemuDisk disk, IoLoad load) {
        try (StorageDaemon daemon = new StorageDaemon(disk, folder)) {
            try {
                return Optional.of(fio.run(load, daemon.target()));
            } catch (IllegalStateException e) {
                String end = daemon.end().orElseThrow(() -> e);
                progress.say("not measured: " + served + ": " + end);
                missing.put(served, end);
                return Optional.empty();
            }
        }
    }
}
