package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.hypervisor.DiskError;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestDriver;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.hypervisor.GuestStatistics;
import org.novabridge.driver.hypervisor.HostCpuTimes;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.model.VolumeEncryption;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.policy.DiskPolicy;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.DiskState;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.EncryptedDisks;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageExport;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.ThinBackend;
import org.novabridge.driver.xml.DomainXml;

/**
 * A host of maps for unit tests. Domains and disks outlive a bridge, as they do in the world; a bridge
 * is opened with {@link #open} and dies by a {@link CrashPoint} that throws at one place and from then on.
 */
final class FakeHost {
    /** Thrown where the bridge dies, and at every place after it: a dead bridge changes nothing. */
    static final class Dead extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Of a host with libvirt 9.0. */
    private static final HostFacts FACTS = HostFacts.builder()
            .put(HostFact.ARCH, "x86_64")
            .put(HostFact.DIRECT_IO, true)
            .put(HostFact.KVM, true)
            .put(HostFact.RNG_DEVICE, true)
            .put(HostFact.LIBVIRT_VERSION, 9_000_000)
            .put(HostFact.QEMU_VERSION, 7_002_022)
            .build();

    final Path root;
    final Map<String, String> definitions = new ConcurrentHashMap<>();
    final Map<String, GuestState> running = new ConcurrentHashMap<>();
    /** The documents of running guests. */
    final Map<String, String> live = new ConcurrentHashMap<>();
    /** How often a running guest is asked for a device before it lets it go. */
    final AtomicInteger lettingGo = new AtomicInteger();
    /** What of this host is no volume. */
    volatile VolumeSources volumeSources = volume -> {};

    final Map<String, String> saved = new ConcurrentHashMap<>();
    final Map<String, DiskContent> disks = new ConcurrentHashMap<>();
    /** What is written on a disk, by instance and name; its size stands behind it. */
    final Map<String, String> written = new ConcurrentHashMap<>();

    /** What disks were before a resize, by instance and name; one that is half made says so. */
    final Map<String, String> kept = new ConcurrentHashMap<>();

    /** The bridges of other hosts; nobody there. */
    volatile RemoteBridge remote = (name, word, request, cancelled) -> {
        throw new BridgeException(ErrorCode.STORAGE_FAILED, "ssh does not come to " + name);
    };

    volatile Duration sourcePatience = Duration.ofMinutes(1);

    /** By which the rules of the house make the documents; null for a document with nothing in it. */
    volatile @Nullable ConfigSnapshot rules;

    volatile boolean roomToKeep = true;
    /** Room for a disk that comes is made until nobody wants it any more. */
    volatile boolean zeroesSlowly;

    /** A disk that gives nothing until it is abandoned, and then takes its time. */
    volatile boolean readsHang;

    final java.util.concurrent.CountDownLatch hanging = new java.util.concurrent.CountDownLatch(1);

    /** Whether the guest was off when that disk was left. */
    volatile boolean offWhenLeft;

    volatile boolean disksAreBlocks;

    /** What the running guest was told last of a disk's size, by the name of its device. */
    final Map<String, Long> told = new ConcurrentHashMap<>();

    /** What the configuration wants of a running guest and can have live, and what was brought of it. */
    final List<InstanceView.Drift> liveDrift = new CopyOnWriteArrayList<>();

    final Map<String, String> applied = new ConcurrentHashMap<>();

    /** Pictures of disks, by the id of their operation. */
    final Set<String> pictures = ConcurrentHashMap.newKeySet();

    /** For how many pictures room is set aside. */
    final AtomicInteger setAside = new AtomicInteger();

    /** Images of disks, finished or not, by the id of their operation. */
    final Set<String> images = ConcurrentHashMap.newKeySet();

    /** Whether guests of this host get a config drive. */
    volatile boolean configDrives;

    /** Ids of the kernel and the ramdisk that guests of this host boot; null when they boot by themselves. */
    volatile @Nullable String kernel;

    volatile @Nullable String ramdisk;

    /** Names of files that were handed over and are still there. */
    final Set<String> exchange = ConcurrentHashMap.newKeySet();

    /** How long an interrupted operation of Nova's waits for its caller. */
    volatile Duration lease = Duration.ofMillis(300);

    /** Of the cache. */
    final Set<String> cachedImages = ConcurrentHashMap.newKeySet();

    /** Bytes of each of them. */
    long virtualSize = 1 << 20;

    final Set<String> frozen = ConcurrentHashMap.newKeySet();
    /** Encrypted disks that are open; a restart of the host closes them. */
    final Set<String> unlocked = ConcurrentHashMap.newKeySet();

    /** What makes new disks: {@code lvm-crypt} makes encrypted ones. */
    volatile String backend = "qcow2";

    /** Why QEMU has stopped guests; it forgets that when they go on. */
    final Map<String, List<DiskError>> diskErrors = new ConcurrentHashMap<>();

    volatile boolean takesPictures = true;
    /** Why pictures cannot be read any more. */
    volatile @Nullable String pictureLost;

    volatile Map<String, String> imageProperties = Map.of();
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile boolean obeysShutdown = true;
    volatile @Nullable String failAt;

    /** How calls fail at {@link #failAt}. */
    volatile ErrorCode failWith = ErrorCode.HYPERVISOR_FAILED;
    /** Hears of each call that worked. */
    volatile Consumer<String> onCall = what -> {};

    /** Whether an agent answers that sets the clock of a guest, and when each was set. */
    volatile boolean hasAgent = true;

    final Map<String, Instant> clocks = new ConcurrentHashMap<>();

    /** The first call that begins so fails. */
    volatile @Nullable String failOnce;

    volatile String cacheMode = "none";

    /** AIO requests of the host; empty: it does not tell. */
    volatile Optional<AioRoom> aioRoom = Optional.empty();

    /** Guests have a disk with io=native. */
    volatile boolean nativeDisk;
    /** I/O threads of the guest, each with a disk that has io=native. */
    volatile int nativeThreads;

    volatile int qemuVersion = 7_002_000;
    volatile @Nullable ErrorCode expandFailure;

    volatile String place = "/instances";
    volatile Duration shutdownTimeout = Duration.ofMillis(60);
    volatile Duration quiesceTimeout = Duration.ofMinutes(5);

    /** Passwords of users in guests. */
    final Map<String, String> passwords = new ConcurrentHashMap<>();

    /** What libvirt says when something is asked that it or the guest does not do. */
    volatile @Nullable ErrorCode refusal;

    /** What libvirt was given of volumes, as QEMU takes it; a restart of libvirt loses it. */
    final Map<String, String> secrets = new ConcurrentHashMap<>();

    volatile Consumer<GuestEvent> events = event -> {};

    FakeHost(Path root) {
        this.root = root;
    }

    /** One life of the bridge. */
    record Life(
            Operations operations,
            ComputeNode node,
            ArrivalNode arrivals,
            Parts parts,
            EventFeed events,
            OutsideDevices outside) {}

    Life open(CrashPoint crashPoint) {
        Journal journal = new Journal(root.resolve("state"), crashPoint);
        List<JournalEntry> entries = journal.load();
        Operations operations = new Operations(journal, Clock.systemUTC(), 2, OperationsTest.ROOMY);
        InstanceRecords records = new InstanceRecords(root.resolve("state"), crashPoint);
        records.load();
        OutsideRecords outside = new OutsideRecords(root.resolve("state"), crashPoint);
        outside.load();
        DiskKeys keys = new DiskKeys(Clock.systemUTC());
        Parts parts = new Parts(
                new FakeHypervisor(crashPoint),
                new FakePlanner(),
                new FakeFiles(cachedImages, virtualSize, exchange, crashPoint),
                new FakeBackends(crashPoint, keys),
                volume -> volumeSources.demand(volume),
                new FakeImages(crashPoint),
                new InstanceFolders(() -> root.resolve("instances"), FileOwner.ofThisHost(), crashPoint),
                records,
                keys,
                new Locks(),
                operations,
                Clock.systemUTC(),
                () -> new Patience(
                        Duration.ofMillis(200),
                        shutdownTimeout,
                        Duration.ofMillis(20),
                        2,
                        Duration.ofMillis(20),
                        quiesceTimeout),
                Duration.ofMillis(5),
                new AioAdmission(() -> aioRoom));
        EventRelay relay = new EventRelay(operations::explains, Duration.ofMillis(1), (delay, work) -> work.run());
        EventFeed feed = new EventFeed(Clock.systemUTC());
        relay.subscribe(feed::tell);
        ComputeNode node = new ComputeNode(parts, feed, (name, word, request, cancelled) -> {
            crashPoint.reach("before asking to " + word);
            JsonNode answer = remote.call(name, word, request, cancelled);
            crashPoint.reach("after asking to " + word);
            return answer;
        });
        ArrivalNode arrivals = ArrivalNode.of(parts, () -> sourcePatience);
        new Settlement(operations, node::forward, id -> {}, () -> {}, () -> {}, lease).settle(entries);
        events = relay::accept;
        return new Life(operations, node, arrivals, parts, feed, new OutsideDevices(outside, parts));
    }

    /** Everything of the instance that is left on the host. */
    List<String> left(String uuid) {
        List<String> left = new ArrayList<>();
        if (definitions.containsKey(uuid)) {
            left.add("definition");
        }
        if (running.containsKey(uuid)) {
            left.add("guest");
        }
        pictures.forEach(picture -> left.add("picture " + picture));
        images.forEach(image -> left.add("image " + image));
        kept.keySet().stream().filter(disk -> disk.startsWith(uuid)).forEach(disk -> left.add("kept " + disk));
        disks.keySet().stream().filter(disk -> disk.startsWith(uuid)).forEach(disk -> left.add("disk " + disk));
        for (String place :
                List.of("instances/" + uuid, "instances/" + uuid + "_del", "state/instances/" + uuid + ".json")) {
            if (Files.exists(root.resolve(place))) {
                left.add(place);
            }
        }
        return left;
    }

    static final RescueSpec RESCUE =
            new RescueSpec(new ImageMeta("rescue", "rescue", "raw", "bare", null, 0, 0, Map.of()), null, null);

    static InstanceSpec spec(String uuid) {
        Flavor flavor = new Flavor("m1", 1, 64, 1, 1, 0, Map.of());
        return new InstanceSpec(
                new Instance(
                        uuid,
                        "instance-" + uuid.substring(0, 8),
                        "guest",
                        "p",
                        "u",
                        1,
                        64,
                        1,
                        1,
                        flavor,
                        "image",
                        null,
                        null,
                        null,
                        null,
                        "",
                        Map.of(),
                        Map.of()),
                new ImageMeta("image", "image", "raw", "bare", null, 0, 0, Map.of()),
                BlockDeviceInfo.NONE,
                List.of(),
                null,
                null,
                true,
                null);
    }

    /** What tests resize to; sizes in GiB. */
    static Flavor flavor(int vcpus, int rootGb, int ephemeralGb, int swapMb) {
        return new Flavor("m" + vcpus + "." + rootGb, vcpus, 64, rootGb, ephemeralGb, swapMb, Map.of());
    }

    void call(CrashPoint crashPoint, String what, Runnable act) {
        crashPoint.reach("before " + what);
        String failing = failAt;
        if (failing != null && List.of(failing.split("\\|")).contains(what)) {
            throw new BridgeException(failWith, "told to fail at " + what);
        }
        String once = failOnce;
        if (once != null && what.startsWith(once)) {
            failOnce = null;
            throw new BridgeException(ErrorCode.HYPERVISOR_FAILED, "told to fail once at " + what);
        }
        calls.add(what);
        act.run();
        onCall.accept(what);
        crashPoint.reach("after " + what);
    }

    /** @param words id, device, path, who decrypts it */
    private static BlockDevice volume(String[] words) {
        String device = words[1].replace("/dev/", "");
        String path = words[2].isEmpty() ? null : words[2];
        return words[3].isEmpty() ? Volumes.file(words[0], device, path) : Volumes.encrypted(words[0], device, path);
    }

    private static String oneLine(String xml) {
        return xml.replace("\n", "");
    }

    private static DiskSource source(String backend, Path file) {
        return backend.equals(ThinBackend.NAME)
                ? new DiskSource.BlockSource(
                        Path.of("/dev/nova", file.getFileName().toString()))
                : new DiskSource.FileSource(file);
    }

    private static final String NATIVE_DISK =
            "<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/>"
                    + "<source dev='/dev/vg/a'/><target dev='vdx' bus='virtio'/></disk>";

    private final class FakePlanner implements GuestPlanner {
        @Override
        public GuestPlan plan(InstanceSpec spec, @Nullable InstanceRecord made) {
            if ("plan".equals(failAt)) {
                throw new BridgeException(ErrorCode.UNSUPPORTED_HARDWARE, "told to refuse");
            }
            String backend = made == null ? FakeHost.this.backend : made.backend();
            return new GuestPlan(
                    document(spec),
                    backend,
                    disks(spec, backend),
                    volumes(spec),
                    Map.of("root_device_name", "/dev/vda"),
                    Map.of("ports", List.of()));
        }

        /** Null while a volume is not connected. */
        private @Nullable String document(InstanceSpec spec) {
            if (rules != null) {
                return DomainXml.write(new DomainPolicy(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                        .plan(rules, spec, FACTS)
                        .definition());
            }
            List<PlannedVolume> volumes = volumes(spec);
            return volumes.stream().allMatch(PlannedVolume::connected)
                    ? "<domain" + (spec.rescue() == null ? "" : " rescued='yes'") + " cache='" + cacheMode
                            + "' vcpus='"
                            + spec.instance().vcpus() + "' uuid='"
                            + spec.instance().uuid() + "'><uuid>"
                            + spec.instance().uuid() + "</uuid><name>"
                            + spec.instance().name() + "</name><devices>"
                            + (nativeDisk ? NATIVE_DISK : "")
                            + IntStream.rangeClosed(1, nativeThreads)
                                    .mapToObj(id -> NATIVE_DISK
                                            .replace("io='native'", "io='native' iothread='" + id + "'")
                                            .replace("vdx", "vd" + (char) ('m' + id)))
                                    .collect(Collectors.joining())
                            + volumes.stream()
                                    .map(volume -> oneLine(DomainXml.write(volume.disk())))
                                    .collect(Collectors.joining())
                            + spec.networkInfo().stream()
                                    .map(vif -> "<interface type=\"bridge\"><mac address=\"" + vif.get("address")
                                            + "\"/></interface>")
                                    .collect(Collectors.joining())
                            + "</devices></domain>"
                    : null;
        }

        private List<PlannedVolume> volumes(InstanceSpec spec) {
            return spec.blockDeviceInfo().volumes().stream()
                    .map(volume -> Volumes.planned(
                            volume.volumeId().orElse(null),
                            Objects.requireNonNull(volume.deviceName()).replace("/dev/", ""),
                            volume.connectionData().get("device_path") instanceof String path
                                    ? new DiskSource.FileSource(Path.of(path))
                                    : new DiskSource.NotConnected("file"),
                            VolumeSecret.of(volume).map(VolumeSecret::uuid).orElse(null)))
                    .toList();
        }

        private List<PlannedDisk> disks(InstanceSpec spec, String backend) {
            Flavor flavor = spec.instance().flavor();
            List<PlannedDisk> all = new ArrayList<>();
            all.add(disk(spec, "disk", backend, (long) flavor.rootGb() << 30, new Filling.Image()));
            if (flavor.ephemeralGb() > 0) {
                Filling files = new Filling.FileSystem(null, null, "ephemeral0");
                all.add(disk(spec, "disk.local", backend, (long) flavor.ephemeralGb() << 30, files));
            }
            if (flavor.swapMb() > 0) {
                all.add(disk(spec, "disk.swap", backend, (long) flavor.swapMb() << 20, new Filling.Swap()));
            }
            if (configDrives) {
                all.add(disk(spec, "disk.config", "raw", 1 << 20, new Filling.ConfigDrive()));
            }
            boot(spec, "kernel", kernel).ifPresent(all::add);
            boot(spec, "ramdisk", ramdisk).ifPresent(all::add);
            if (spec.rescue() != null) {
                all.add(disk(spec, "disk.rescue", backend, 1 << 20, new Filling.Image()));
            }
            return all;
        }

        private Optional<PlannedDisk> boot(InstanceSpec spec, String word, @Nullable String image) {
            return Optional.ofNullable(image)
                    .map(id -> new PlannedDisk(
                            word,
                            word,
                            null,
                            "raw",
                            source("raw", Path.of("/instances", spec.instance().uuid(), word)),
                            "raw",
                            null,
                            new Filling.Boot(id)));
        }

        private PlannedDisk disk(InstanceSpec spec, String name, String backend, long size, Filling filling) {
            return new PlannedDisk(
                    name,
                    "disk",
                    "vda",
                    backend,
                    source(backend, Path.of("/instances", spec.instance().uuid(), name)),
                    backend,
                    size,
                    filling);
        }

        @Override
        public List<InstanceView.Drift> drift(InstanceSpec spec, InstanceRecord made, String liveXml) {
            if (rules != null) {
                return DriftReport.of(DomainXml.read(liveXml), DiskPolicy.plan(rules, spec, FACTS));
            }
            List<InstanceView.Drift> drift = new ArrayList<>();
            if (!liveXml.contains("'" + cacheMode + "'")) {
                drift.add(new InstanceView.Drift("vda", "cache", "old", cacheMode, InstanceView.Remedy.HARD_REBOOT));
            }
            liveDrift.forEach(one -> {
                String known = one.attribute().equals("iothread_cpus") ? "thread 1" : one.disk();
                if (!applied.containsKey(known)) {
                    drift.add(one);
                }
            });
            return drift;
        }

        @Override
        public JsonNode write(InstanceSpec spec) {
            Flavor flavor = spec.instance().flavor();
            return TextNode.valueOf(spec.instance().uuid() + " " + flavor.vcpus() + " " + flavor.rootGb() + " "
                    + flavor.ephemeralGb() + " " + flavor.swapMb() + (spec.rescue() == null ? "" : " rescued")
                    + spec.blockDeviceInfo().volumes().stream()
                            .map(volume -> " volume=" + volume.volumeId().orElse("") + "," + volume.deviceName() + ","
                                    + volume.connectionData().getOrDefault("device_path", "") + ","
                                    + volume.connectionData().getOrDefault(VolumeEncryption.MARK, ""))
                            .collect(Collectors.joining())
                    + spec.networkInfo().stream()
                            .map(vif -> " port=" + vif.get("address"))
                            .collect(Collectors.joining()));
        }

        @Override
        public RescueSpec rescue(InstanceSpec spec, RescueSpec asked) {
            return asked;
        }

        @Override
        public InstanceSpec read(JsonNode written) {
            List<String> words = List.of(written.asText().split(" "));
            if (words.contains("unreadable")) {
                throw new BridgeException(ErrorCode.INTERNAL, "the recorded spec cannot be read", null);
            }
            InstanceSpec plain = spec(words.get(0));
            if (words.size() > 1) {
                List<Integer> sizes =
                        words.stream().skip(1).limit(4).map(Integer::valueOf).toList();
                plain = plain.resized(flavor(sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3)));
            }
            return new InstanceSpec(
                    plain.instance(),
                    new ImageMeta("image", "image", "raw", "bare", null, 0, 0, imageProperties),
                    Volumes.with(
                                    plain,
                                    words.stream()
                                            .filter(word -> word.startsWith("volume="))
                                            .map(word -> word.substring("volume=".length())
                                                    .split(",", -1))
                                            .map(FakeHost::volume)
                                            .toArray(BlockDevice[]::new))
                            .blockDeviceInfo(),
                    words.stream()
                            .filter(word -> word.startsWith("port="))
                            .map(word -> Map.<String, Object>of("address", word.substring("port=".length())))
                            .toList(),
                    null,
                    null,
                    true,
                    words.contains("rescued") ? RESCUE : null);
        }
    }

    private record FakeFiles(Set<String> cached, long virtualSize, Set<String> exchange, CrashPoint crashPoint)
            implements SpecFiles {
        @Override
        public CachedImage image(ImageMeta image, @Nullable String file, int rootGb, Steps steps) {
            crashPoint.reach("image");
            cached.add(String.valueOf(image.id()));
            return new CachedImage("image", Path.of("/base"), "raw", 1 << 20);
        }

        @Override
        public Optional<CachedImage> cached(String imageId) {
            return cached.contains(imageId)
                    ? Optional.of(new CachedImage(imageId, Path.of("/base"), "raw", virtualSize))
                    : Optional.empty();
        }

        @Override
        public Path configDrive(@Nullable String file, Steps steps) {
            crashPoint.reach("config drive");
            if (file == null || !exchange.contains(file)) {
                throw new BridgeException(ErrorCode.INVALID_REQUEST, "there is no file " + file);
            }
            return Path.of("/taken", file);
        }

        @Override
        public void discard(String instance) {
            crashPoint.reach("discard");
        }
    }

    /** @param keys without which none is taken; null for disks that need none */
    private record FakePictures(
            FakeHost host, CrashPoint crashPoint, @Nullable DiskKeys keys) implements DiskSnapshots {
        @Override
        public <T> T choose(String instanceUuid, String diskName, Function<Choice, T> use) {
            if (keys != null && keys.find(instanceUuid, diskName).isEmpty()) {
                return use.apply(new Choice(null, "encrypted, and no key"));
            }
            if (!host.takesPictures) {
                return use.apply(new Choice(null, "no room"));
            }
            host.setAside.incrementAndGet();
            try {
                return use.apply(new Choice(
                        id -> host.call(crashPoint, "take picture", () -> host.pictures.add(id)),
                        "it can take pictures"));
            } finally {
                host.setAside.decrementAndGet();
            }
        }

        @Override
        public Path open(String instanceUuid, String diskName, String id) {
            if (!host.pictures.contains(id)) {
                throw new BridgeException(ErrorCode.DISK_NOT_FOUND, id);
            }
            return Path.of("/dev/fake", id);
        }

        @Override
        public Optional<String> lost(String id) {
            return Optional.ofNullable(host.pictureLost);
        }

        @Override
        public void remove(String id, Progress progress) {
            host.call(crashPoint, "remove picture", () -> host.pictures.remove(id));
        }
    }

    private final class FakeImages implements SnapshotImages {
        private final CrashPoint crashPoint;

        FakeImages(CrashPoint crashPoint) {
            this.crashPoint = crashPoint;
        }

        @Override
        public ImageExport.Target target(SnapshotRequest request, String id, String diskFormat) {
            return new ImageExport.Target(id, diskFormat, false, request.file());
        }

        @Override
        public ImageExport.Image make(Path source, String format, ImageExport.Target target, Progress progress) {
            images.add(target.id());
            if (pictureLost != null) {
                throw new BridgeException(ErrorCode.STORAGE_FAILED, "Input/output error");
            }
            call(crashPoint, "image of " + source.getFileName() + " as " + format, () -> {});
            return new ImageExport.Image(Path.of("/snapshots", target.id()), 5);
        }

        @Override
        public void remove(ImageExport.Target target) {
            call(crashPoint, "remove image", () -> images.remove(target.id()));
        }
    }

    private final class FakeBackends implements Backends {
        private final Map<String, ImageBackend> all;

        private final ImageBackend encrypted;

        FakeBackends(CrashPoint crashPoint, DiskKeys keys) {
            all = Stream.of("qcow2", "raw", ThinBackend.NAME)
                    .collect(Collectors.toMap(name -> name, name -> new FakeBackend(name, crashPoint)));
            encrypted = new FakeEncrypted(crashPoint, keys);
        }

        @Override
        public Optional<ImageBackend> find(String name) {
            return name.equals(encrypted.name()) ? Optional.of(encrypted) : Optional.ofNullable(all.get(name));
        }

        @Override
        public List<ImageBackend> all() {
            return List.copyOf(all.values());
        }
    }

    private final class FakeEncrypted extends FakeBackend implements EncryptedDisks {
        private final CrashPoint crashPoint;
        private final DiskKeys keys;

        FakeEncrypted(CrashPoint crashPoint, DiskKeys keys) {
            super("lvm-crypt", crashPoint);
            this.crashPoint = crashPoint;
            this.keys = keys;
        }

        @Override
        public DiskSource locate(String instanceUuid, String diskName) {
            return new DiskSource.BlockSource(Path.of("/dev/mapper", instanceUuid + "_" + diskName));
        }

        @Override
        public Optional<EncryptedDisks> encryption() {
            return Optional.of(this);
        }

        @Override
        public void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
            demandKey(instanceUuid, diskName);
            super.create(instanceUuid, diskName, content, progress);
            unlocked.add(instanceUuid + "/" + diskName);
        }

        @Override
        public void remove(String instanceUuid, String diskName, Progress progress) {
            lock(instanceUuid, diskName);
            super.remove(instanceUuid, diskName, progress);
        }

        @Override
        public Optional<DiskSnapshots> snapshots() {
            return Optional.of(new FakePictures(FakeHost.this, crashPoint, keys));
        }

        @Override
        public Path volume(String instanceUuid, String diskName) {
            return Path.of(place, instanceUuid, diskName + ".volume");
        }

        @Override
        public boolean open(String instanceUuid, String diskName) {
            return unlocked.contains(instanceUuid + "/" + diskName);
        }

        @Override
        public void demandKey(String instanceUuid, String diskName) {
            try (DiskKey key = keys.find(instanceUuid, diskName)
                    .orElseThrow(() -> new BridgeException(ErrorCode.DISK_KEY_REFUSED, "no key for " + diskName))) {
                if (key.passphrase().length == 0) {
                    throw new AssertionError("an empty key");
                }
            }
        }

        @Override
        public void unlock(String instanceUuid, String diskName) {
            demandKey(instanceUuid, diskName);
            call(crashPoint, "unlock " + diskName, () -> unlocked.add(instanceUuid + "/" + diskName));
        }

        @Override
        public void lock(String instanceUuid, String diskName) {
            call(crashPoint, "lock " + diskName, () -> unlocked.remove(instanceUuid + "/" + diskName));
        }
    }

    private class FakeBackend implements ImageBackend {
        private final String name;
        private final CrashPoint crashPoint;

        FakeBackend(String name, CrashPoint crashPoint) {
            this.name = name;
            this.crashPoint = crashPoint;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public BackendCapabilities capabilities() {
            return new BackendCapabilities("file", name, disksAreBlocks, true, true, false, true);
        }

        @Override
        public DiskSource locate(String instanceUuid, String diskName) {
            return source(name, Path.of(place, instanceUuid, diskName));
        }

        @Override
        public Optional<DiskStreams> streams() {
            return Optional.of(
                    new FakeStreams(FakeHost.this, crashPoint, encryption().isPresent()));
        }

        @Override
        public boolean exists(String instanceUuid, String diskName) {
            return disks.containsKey(instanceUuid + "/" + diskName);
        }

        @Override
        public List<String> list(String instanceUuid) {
            return disks.keySet().stream()
                    .filter(disk -> disk.startsWith(instanceUuid))
                    .map(disk -> disk.substring(instanceUuid.length() + 1))
                    .toList();
        }

        @Override
        public void demandReplaceable(String instanceUuid, CachedImage image) {
            call(crashPoint, "replaceable by " + image.imageId(), () -> {});
        }

        @Override
        public void warm(CachedImage image, Progress progress) {
            call(crashPoint, "warm " + name, () -> {});
        }

        @Override
        public void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
            call(crashPoint, "create " + diskName, () -> {
                if (disks.putIfAbsent(instanceUuid + "/" + diskName, content) != null) {
                    throw new BridgeException(ErrorCode.STORAGE_FAILED, "exists");
                }
                written.put(instanceUuid + "/" + diskName, "new");
            });
        }

        @Override
        public void renew(String instanceUuid, String diskName, DiskContent content, Progress progress) {
            call(crashPoint, "renew " + diskName, () -> disks.put(instanceUuid + "/" + diskName, content));
        }

        @Override
        public void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
            String disk = instanceUuid + "/" + diskName;
            if (sizeBytes == 0) {
                call(
                        crashPoint,
                        "finish " + diskName,
                        () -> written.computeIfPresent(disk, (name, content) -> content.replace(" dirt", " zero")));
                return;
            }
            if (!String.valueOf(written.get(disk)).contains("+" + (sizeBytes >> 30))) {
                written.merge(disk, " +" + (sizeBytes >> 30) + " dirt", String::concat);
            }
            call(
                    crashPoint,
                    "grow " + diskName,
                    () -> written.computeIfPresent(disk, (name, content) -> content.replace(" dirt", " zero")));
        }

        @Override
        public DiskState state(String instanceUuid, String diskName) {
            if (!exists(instanceUuid, diskName)) {
                return DiskState.MISSING;
            }
            return String.valueOf(written.get(instanceUuid + "/" + diskName)).endsWith(" dirt")
                    ? DiskState.GROWING
                    : DiskState.READY;
        }

        @Override
        public Optional<KeptDisks> kept() {
            return Optional.of(new FakeKept(FakeHost.this, crashPoint));
        }

        @Override
        public Optional<DiskSnapshots> snapshots() {
            return Optional.of(new FakePictures(FakeHost.this, crashPoint, null));
        }

        @Override
        public void remove(String instanceUuid, String diskName, Progress progress) {
            call(crashPoint, "remove " + diskName, () -> {
                disks.remove(instanceUuid + "/" + diskName);
                written.remove(instanceUuid + "/" + diskName);
            });
        }
    }

    private final class FakeHypervisor implements Hypervisor {
        private final CrashPoint crashPoint;

        FakeHypervisor(CrashPoint crashPoint) {
            this.crashPoint = crashPoint;
        }

        @Override
        public Versions versions() {
            return new Versions(9000000, qemuVersion);
        }

        @Override
        public String hostname() {
            return "host.example.org";
        }

        @Override
        public String capabilitiesXml() {
            return "<capabilities><host><cpu><arch>x86_64</arch><model>Model</model><feature name='own'/></cpu></host>"
                    + "</capabilities>";
        }

        @Override
        public String domainCapabilitiesXml(String arch, String machine, String virtType) {
            return "";
        }

        @Override
        public String expandCpu(String cpuXml) {
            if (expandFailure != null) {
                throw new BridgeException(expandFailure, "told to know no model");
            }
            return cpuXml.replace("</model>", "</model><feature name='models'/><feature policy='disable' name='not'/>");
        }

        @Override
        public List<String> cpuModels(String arch) {
            return List.of();
        }

        @Override
        public List<Guest> list() {
            return definitions.keySet().stream()
                    .map(uuid -> find(uuid).orElseThrow())
                    .toList();
        }

        @Override
        public Optional<Guest> find(String uuid) {
            if (!definitions.containsKey(uuid)) {
                return Optional.empty();
            }
            GuestState state = running.getOrDefault(uuid, GuestState.SHUTDOWN);
            return Optional.of(new Guest(
                    uuid,
                    "instance-" + uuid.substring(0, 8),
                    running.containsKey(uuid) ? 1 : -1,
                    state,
                    saved.containsKey(uuid),
                    state == GuestState.PAUSED && diskErrors.containsKey(uuid)));
        }

        @Override
        public String xml(String uuid, boolean inactive) {
            String defined = definitions.getOrDefault(uuid, "");
            return inactive || !running.containsKey(uuid) ? defined : live.getOrDefault(uuid, defined);
        }

        @Override
        public void define(String xml) {
            String uuid = xml.replaceAll("(?s).*?<uuid>([^<]*)</uuid>.*", "$1");
            call(crashPoint, "define", () -> definitions.put(uuid, xml));
        }

        @Override
        public void start(String uuid, boolean paused) {
            call(crashPoint, "start", () -> {
                if (!definitions.containsKey(uuid)) {
                    throw new BridgeException(ErrorCode.INSTANCE_NOT_FOUND, uuid);
                }
                saved.remove(uuid);
                live.put(uuid, definitions.getOrDefault(uuid, ""));
                running.put(uuid, paused ? GuestState.PAUSED : GuestState.RUNNING);
            });
        }

        @Override
        public void requestShutdown(String uuid) {
            call(crashPoint, "shutdown", () -> {
                if (obeysShutdown) {
                    running.remove(uuid);
                }
            });
        }

        @Override
        public void destroy(String uuid) {
            call(crashPoint, "destroy", () -> {
                diskErrors.remove(uuid);
                running.remove(uuid);
            });
        }

        @Override
        public void undefine(String uuid) {
            call(crashPoint, "undefine", () -> {
                definitions.remove(uuid);
                saved.remove(uuid);
            });
        }

        @Override
        public void pause(String uuid) {
            call(crashPoint, "pause", () -> running.put(uuid, GuestState.PAUSED));
        }

        @Override
        public void resume(String uuid) {
            call(crashPoint, "resume", () -> {
                diskErrors.remove(uuid);
                running.put(uuid, GuestState.RUNNING);
            });
        }

        @Override
        public void managedSave(String uuid) {
            call(crashPoint, "save", () -> {
                running.remove(uuid);
                saved.put(uuid, "memory");
            });
        }

        @Override
        public void setClock(String uuid, Instant now) {
            if (!hasAgent) {
                throw new BridgeException(ErrorCode.NOT_SUPPORTED, "no agent answers in guest " + uuid);
            }
            clocks.put(uuid, now);
        }

        @Override
        public List<GuestDriver> drivers(String uuid) {
            return List.of();
        }

        @Override
        public int freeze(String uuid) {
            call(crashPoint, "freeze", () -> frozen.add(uuid));
            return 2;
        }

        @Override
        public void thaw(String uuid) {
            call(crashPoint, "thaw", () -> frozen.remove(uuid));
        }

        @Override
        public void setPassword(String uuid, String user, GuestPassword password) {
            call(
                    crashPoint,
                    "password of " + user,
                    () -> passwords.put(user, new String(password.utf8(), StandardCharsets.UTF_8)));
        }

        @Override
        public void injectNmi(String uuid) {
            ErrorCode no = refusal;
            if (no != null) {
                throw new BridgeException(no, "told to refuse");
            }
            call(crashPoint, "nmi", () -> {});
        }

        @Override
        public HostCpuTimes cpuTimes() {
            return new HostCpuTimes(1, 2, 3, 4, 5);
        }

        @Override
        public void attachDevice(String uuid, String xml, boolean toLive, boolean persistent) {
            // libvirt does both or none.
            call(crashPoint, "attach" + where(toLive, persistent), () -> {
                UnaryOperator<String> with = document -> document.replace("</devices>", oneLine(xml) + "</devices>");
                if (toLive) {
                    live.put(uuid, with.apply(xml(uuid, false)));
                }
                if (persistent) {
                    definitions.computeIfPresent(uuid, (id, document) -> with.apply(document));
                }
            });
        }

        @Override
        public void detachDevice(String uuid, String xml, boolean fromLive, boolean persistent) {
            call(crashPoint, "detach" + where(fromLive, persistent), () -> {
                String kind = xml.strip().startsWith("<disk") ? "disk" : "interface";
                String name = kind.equals("disk") ? "<target dev=" : "<mac address=";
                String value = xml.replaceAll("(?s).*" + name + "\"([^\"]*)\".*", "$1");
                UnaryOperator<String> without = document -> document.replaceAll(
                        "<" + kind + " (?:(?!</" + kind + ">).)*" + name + "\"" + value + "\".*?</" + kind + ">", "");
                if (fromLive && lettingGo.getAndDecrement() <= 0) {
                    live.computeIfPresent(uuid, (id, document) -> without.apply(document));
                }
                if (persistent) {
                    definitions.computeIfPresent(uuid, (id, document) -> without.apply(document));
                }
            });
        }

        private String where(boolean toLive, boolean persistent) {
            return (toLive ? " live" : "") + (persistent ? " persistent" : "");
        }

        @Override
        public boolean hasSecret(VolumeSecret secret) {
            return secrets.containsKey(secret.volume());
        }

        @Override
        public void keepSecret(VolumeSecret secret, byte[] value) {
            call(
                    crashPoint,
                    "keep key of " + secret.volume(),
                    () -> secrets.put(secret.volume(), new String(value, StandardCharsets.US_ASCII)));
        }

        @Override
        public void removeSecret(VolumeSecret secret) {
            call(crashPoint, "remove key of " + secret.volume(), () -> secrets.remove(secret.volume()));
        }

        @Override
        public void blockResize(String uuid, String targetDevice, long sizeBytes) {
            call(crashPoint, "tell " + targetDevice, () -> {
                if (written.values().stream().anyMatch(content -> content.endsWith(" dirt"))) {
                    throw new AssertionError("the guest would read what another left");
                }
                told.put(targetDevice, sizeBytes);
            });
        }

        @Override
        public void limit(String uuid, String targetDevice, Map<String, String> limits) {
            call(crashPoint, "limit " + targetDevice, () -> applied.put(targetDevice, limits.toString()));
        }

        @Override
        public void addIoThread(String uuid, int thread) {
            call(crashPoint, "add thread " + thread, () -> applied.put("guest", "thread " + thread));
        }

        @Override
        public void pinIoThread(String uuid, int thread, SortedSet<Integer> processors) {
            call(crashPoint, "pin " + thread, () -> applied.put("thread " + thread, processors.toString()));
        }

        @Override
        public List<DiskError> diskErrors(String uuid) {
            return diskErrors.getOrDefault(uuid, List.of());
        }

        @Override
        public GuestStatistics statistics(String uuid) {
            throw new UnsupportedOperationException("guests of this host use nothing");
        }

        @Override
        public void subscribe(Consumer<GuestEvent> listener) {
            events = listener;
        }

        @Override
        public boolean connected() {
            return true;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    /** For tests that look at files. */
    boolean fileExists(String place) throws IOException {
        return Files.exists(root.resolve(place));
    }
}
