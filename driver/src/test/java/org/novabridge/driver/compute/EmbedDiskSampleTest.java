package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.host.HostProbe;
import org.novabridge.driver.host.IoUringFact;
import org.novabridge.driver.hypervisor.EmbedLab;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.hypervisor.QemuMonitor;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.parity.DomainSchema;
import org.novabridge.driver.policy.DiskPolicy;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.xml.DomainXml;

/**
 * Guests of all kinds of disks, from the text of the configuration to the QEMU that runs: every option with every backend,
 * bus and other option at least once, and in each what was asked for is what QEMU has.
 */
@Tag("embed")
@Timeout(600)
class EmbedDiskSampleTest {
    /** Not written. */
    private static final String NO = "-";

    private static final List<String> CACHED = List.of("writeback", "writethrough", "unsafe");
    private static final long METADATA = 4L << 20;

    private Path folder;
    private EmbedBridge bridge;
    private InstanceFolders folders;
    private final List<String> devices = new ArrayList<>();
    /** What some QEMU has otherwise than it was asked for. */
    private final List<String> wrong = new ArrayList<>();

    @BeforeEach
    void make() throws Exception {
        folder = EmbedBridge.newFolder();
        bridge = new EmbedBridge(folder, EmbedLab.root());
        folders = new InstanceFolders(bridge::instances, FileOwner.ofThisHost(), CrashPoint.NONE);
        Files.createDirectories(bridge.instances());
        run("qemu-img", "create", "-q", "-f", "qcow2", folder.resolve("blank.qcow2") + "", "1G");
        for (String name : List.of("first", "second")) {
            Path file = folder.resolve(name);
            blank(file);
            // The second writes blocks of 4096 bytes and no others.
            String device = run(
                    "losetup",
                    "--sector-size",
                    name.equals("first") ? "512" : "4096",
                    "--find",
                    "--show",
                    file.toString());
            if (device.startsWith("/dev/loop")) {
                devices.add(device);
            }
        }
    }

    @AfterEach
    void remove() throws Exception {
        for (String device : devices) {
            run("losetup", "--detach", device);
        }
        Trees.delete(folder);
    }

    @Test
    void whatTheConfigurationAsksForIsWhatEveryQemuRunsWith() throws Exception {
        Hypervisor hypervisor = EmbedLab.hypervisor();
        bridge.configure("raw", "disk_io_modes = file=auto");
        HostFacts facts = IoUringFact.add(
                bridge.load().snapshot(),
                new ProcessExecutor(),
                HostProbe.probe(bridge.load().snapshot(), Optional.of(hypervisor)));
        assertThat(facts.is(HostFact.DIRECT_IO))
                .as("O_DIRECT in " + folder + ", without which half of this cannot be tried")
                .isTrue();
        // Whatever lies below here, guests are told of a disk that writes blocks of 4096 bytes.
        HostFacts large = facts.toBuilder()
                .put(HostFact.FILES_BLOCK_SIZE, 4096)
                .put(HostFact.VOLUME_GROUP_BLOCK_SIZE, 4096)
                .build();
        boolean uring = facts.has(HostFact.IO_URING) && facts.is(HostFact.IO_URING);
        PairwiseRows sample = PairwiseRows.of(choices(uring), EmbedDiskSampleTest::allowed);
        assertThat(sample.impossible())
                .as("pairs that are refused")
                .containsExactlyInAnyOrderElementsOf(refused(sample.rows()));
        DomainSchema schema = new DomainSchema();
        int disks = 0;
        long begin = System.nanoTime();
        for (Map<String, String> row : sample.rows()) {
            disks += guest(row, large, schema, hypervisor);
        }
        System.out.println("sample: " + sample.rows().size() + " guests with " + disks + " disks started in QEMU in "
                + Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s, every pair of "
                + choices(uring).size() + " choices in one of them"
                + (uring ? "" : "; without io_uring, which does not work here")
                + (devices.size() == 2 ? "" : "; without block devices, since losetup gave none"));
        assertThat(wrong).isEmpty();
        assertThat(sample.rows()).hasSizeGreaterThanOrEqualTo(40);
        assumeTrue(devices.size() == 2, "this machine has no loop devices for us: files only");
        assumeTrue(uring, "io_uring does not work on this machine: native and threads only");
    }

    private Map<String, List<String>> choices(boolean uring) {
        Map<String, List<String>> choices = new LinkedHashMap<>();
        choices.put(
                "storage", devices.size() == 2 ? List.of("raw", "qcow2", "lvm", "lvm-thin") : List.of("raw", "qcow2"));
        choices.put("bus", List.of("virtio", "virtio-scsi", "lsilogic", "sata", "ide"));
        choices.put("cache", List.of(NO, "none", "directsync", "writeback", "writethrough", "unsafe"));
        choices.put(
                "io",
                uring
                        ? List.of(NO, "native", "threads", "io_uring", "auto")
                        : List.of(NO, "native", "threads", "auto"));
        choices.put("where", List.of("host", "profile"));
        choices.put("iothreads", List.of("0", "1", "2", "auto"));
        choices.put("pinned", List.of(NO, "yes"));
        choices.put("queues", List.of(NO, "1", "auto"));
        choices.put("queue_size", List.of(NO, "64", "512"));
        choices.put("discard", List.of(NO, "ignore", "unmap"));
        choices.put("detect_zeroes", List.of(NO, "off", "on", "unmap"));
        choices.put("error_policy", List.of(NO, "stop", "report", "enospace"));
        choices.put("metadata_cache", List.of(NO, "4M"));
        choices.put("block_size", List.of(NO, "auto", "4096"));
        choices.put("serial", List.of(NO, "true"));
        choices.put("rotation_rate", List.of(NO, "1", "7200"));
        choices.put("limits", List.of(NO, "each", "group"));
        choices.put("preallocated", List.of(NO, "yes"));
        choices.put("vcpus", List.of("1", "4"));
        return choices;
    }

    /** What nova-bridge refuses to load or to plan, each with a test of its own elsewhere. */
    private static boolean allowed(Map<String, String> row) {
        boolean cached = CACHED.contains(of(row, "cache"));
        return !(cached && of(row, "io").equals("native"))
                && !(cached && of(row, "storage").equals("lvm-thin"))
                && !(of(row, "detect_zeroes").equals("unmap")
                        && !of(row, "discard").equals("unmap"));
    }

    private static List<String> refused(List<Map<String, String>> rows) {
        List<String> pairs = new ArrayList<>();
        for (String cache : CACHED) {
            pairs.add("cache=" + cache + " io=native");
            if (rows.stream().anyMatch(row -> of(row, "storage").equals("lvm-thin"))) {
                pairs.add("storage=lvm-thin cache=" + cache);
            }
        }
        pairs.add("discard=" + NO + " detect_zeroes=unmap");
        pairs.add("discard=ignore detect_zeroes=unmap");
        return pairs;
    }

    /** @return how many disks it has */
    private int guest(Map<String, String> row, HostFacts facts, DomainSchema schema, Hypervisor hypervisor)
            throws Exception {
        String uuid = UUID.randomUUID().toString();
        ConfigSnapshot config = config(row);
        InstanceSpec spec = spec(row, uuid);
        DiskPlan plan = onDevices(DiskPolicy.plan(config, spec, facts));
        String xml = DomainXml.write(new DomainPolicy(Clock.systemUTC())
                .plan(config, spec, facts, plan)
                .definition());
        assertThat(schema.check(xml)).as("%s%n%s", row, xml).isEmpty();
        assertThat(chosen(row, plan)).as("%s", row).isEqualTo(wished(row));
        folders.create(uuid);
        folders.createConsoleLog(uuid);
        plan.disks().forEach(this::makeFile);
        try {
            hypervisor.define(xml);
            hypervisor.start(uuid, true);
            QemuProcess process = QemuProcess.of(uuid);
            try (QemuMonitor monitor = QemuMonitor.of(uuid)) {
                for (DiskDefinition disk : plan.disks()) {
                    Map<String, String> asked = QemuWords.asked(disk, plan, Integer.parseInt(of(row, "vcpus")));
                    Map<String, String> has = QemuWords.had(asked, path(disk), process, monitor);
                    if (!has.equals(asked)) {
                        wrong.add(different(asked, has) + " in " + disk.name() + " of " + row);
                    }
                }
                threads(row, plan, process, monitor);
            }
            hypervisor.destroy(uuid);
            if (!printed(uuid).equals(List.of("wrote", "read", "wrote", "read"))) {
                wrong.add(printed(uuid) + " is how a block of each disk was written and read by " + row);
            }
        } finally {
            hypervisor.destroy(uuid);
            hypervisor.undefine(uuid);
            folders.remove(uuid);
        }
        return plan.disks().size();
    }

    /** What went well of the reading and writing, by the log of the QEMU that has ended. */
    private static List<String> printed(String uuid) throws IOException {
        List<String> words = new ArrayList<>();
        try (Stream<Path> logs = Files.walk(EmbedLab.root().resolve("log"))) {
            Path log = logs.filter(file -> file.endsWith("instance-" + uuid.substring(0, 8) + ".log"))
                    .findFirst()
                    .orElseThrow();
            for (String line : Files.readAllLines(log)) {
                if (line.matches("(wrote|read) ([0-9]+)/\\2 bytes at offset .*") || line.contains("failed")) {
                    words.add(line.split(" ", -1)[0]);
                }
            }
        }
        return words;
    }

    private static List<String> different(Map<String, String> asked, Map<String, String> has) {
        Set<String> words = new TreeSet<>(asked.keySet());
        words.addAll(has.keySet());
        return words.stream()
                .filter(word -> !Objects.equals(asked.get(word), has.get(word)))
                .map(word -> word + ": asked " + asked.get(word) + ", has " + has.get(word))
                .toList();
    }

    private static String of(Map<String, String> row, String choice) {
        return Objects.requireNonNull(row.get(choice));
    }

    private static Path path(DiskDefinition disk) {
        return Path.of(disk.source().place().orElseThrow());
    }

    /** As many threads as were planned, each where it belongs; nobody else's. */
    private static void threads(Map<String, String> row, DiskPlan plan, QemuProcess process, QemuMonitor monitor)
            throws IOException {
        List<String> found = new ArrayList<>();
        for (JsonNode thread : monitor.ask("query-iothreads")) {
            found.add(thread.path("id").asText());
            if (of(row, "pinned").equals("yes")) {
                assertThat(process.processors(thread.path("thread-id").asLong()))
                        .isEqualTo(processor());
            }
        }
        List<String> planned = new ArrayList<>();
        for (int thread = 1; thread <= plan.ioThreads().count(); thread++) {
            planned.add("iothread" + thread);
        }
        assertThat(found).as("%s", row).containsExactlyInAnyOrderElementsOf(planned);
        assertThat(process.ioThreads()).as("%s", row).hasSameSizeAs(planned);
    }

    private static String processor() throws IOException {
        return QemuProcess.processorsOfThisMachine().get(0).toString();
    }

    /** What the row says of the definition of every disk, as far as it says it by itself. */
    private static Map<String, String> wished(Map<String, String> row) {
        Map<String, String> wished = new TreeMap<>();
        for (String name : List.of("cache", "discard", "detect_zeroes", "error_policy")) {
            if (!of(row, name).equals(NO)) {
                wished.put(name, of(row, name));
            }
        }
        if (!List.of(NO, "auto").contains(of(row, "io"))) {
            wished.put("io", of(row, "io"));
        }
        int vcpus = Integer.parseInt(of(row, "vcpus"));
        int takers = of(row, "bus").equals("virtio") && !of(row, "limits").equals("group")
                ? 2
                : of(row, "bus").startsWith("virtio") ? 1 : 0;
        int asked =
                of(row, "iothreads").equals("auto") ? Math.max(1, vcpus / 2) : Integer.parseInt(of(row, "iothreads"));
        wished.put("iothreads", Integer.toString(Math.min(asked, takers)));
        wished.put(
                "metadata_cache",
                of(row, "storage").equals("qcow2") && !of(row, "metadata_cache").equals(NO)
                        ? Long.toString(METADATA)
                        : NO);
        wished.put(
                "queues",
                takers == 0 || of(row, "queues").equals(NO)
                        ? NO
                        : of(row, "queues").equals("auto") ? of(row, "vcpus") : of(row, "queues"));
        wished.put("queue_size", of(row, "bus").equals("virtio") ? of(row, "queue_size") : NO);
        wished.put("rotation_rate", of(row, "bus").equals("virtio") ? NO : of(row, "rotation_rate"));
        wished.put(
                "block_size",
                of(row, "block_size").equals(NO)
                        ? "- -"
                        : of(row, "block_size").equals("4096")
                                        && !List.of("ide", "sata").contains(of(row, "bus"))
                                ? "4096 4096"
                                : "- 4096");
        wished.put("serial", of(row, "serial"));
        wished.put("limits", of(row, "limits"));
        wished.put("source", of(row, "storage").startsWith("lvm") ? "block" : "file");
        return wished;
    }

    /** The same of what was decided; the disks are alike in all of it but the logical size of blocks. */
    private static Map<String, String> chosen(Map<String, String> row, DiskPlan plan) {
        Map<String, String> all = new TreeMap<>();
        for (DiskDefinition disk : plan.disks()) {
            Map<String, String> one = new TreeMap<>();
            one.put("cache", String.valueOf(disk.cache()));
            one.put("io", String.valueOf(disk.io()));
            one.put("discard", String.valueOf(disk.discard()));
            one.put("detect_zeroes", String.valueOf(disk.tuning().detectZeroes()));
            one.put("error_policy", String.valueOf(disk.tuning().errorPolicy()));
            one.put("iothreads", Integer.toString(plan.ioThreads().count()));
            one.put("metadata_cache", text(disk.tuning().metadataCacheBytes()));
            one.put(
                    "queues",
                    text(
                            plan.scsiDriver() == null
                                    ? disk.tuning().queues()
                                    : plan.scsiDriver().queues()));
            one.put("queue_size", text(disk.tuning().queueSize()));
            one.put("rotation_rate", text(disk.tuning().rotationRate()));
            one.put("block_size", text(disk.logicalBlockSize()) + " " + text(disk.physicalBlockSize()));
            one.put("serial", disk.serial() == null ? NO : "true");
            one.put(
                    "limits",
                    disk.ioTune().isEmpty() ? NO : disk.ioTune().containsKey("group_name") ? "group" : "each");
            one.put("source", disk.source().type());
            if (disk.role() == DiskRole.EPHEMERAL && all.containsKey("block_size")) {
                // The host formats it for logical blocks of 512 bytes.
                assertThat(disk.logicalBlockSize()).as("%s", row).isNull();
                assertThat(all.get("block_size")).as("%s", row).endsWith(" " + text(disk.physicalBlockSize()));
                one.put("block_size", all.get("block_size"));
            }
            one.keySet().retainAll(wished(row).keySet());
            assertThat(all.isEmpty() || all.equals(one))
                    .as("%s and %s", all, one)
                    .isTrue();
            all.putAll(one);
        }
        return all;
    }

    private static String text(@Nullable Object value) {
        return value == null ? NO : value.toString();
    }

    /** The options of the row as an operator writes them, in [libvirt] or in a profile. */
    private ConfigSnapshot config(Map<String, String> row) throws IOException {
        Map<String, String> libvirt = new LinkedHashMap<>();
        Map<String, String> profile = new LinkedHashMap<>();
        boolean host = of(row, "where").equals("host");
        String storage = of(row, "storage");
        if (storage.startsWith("lvm")) {
            libvirt.put("images_volume_group", "vg");
            libvirt.put("images_lvm_type", storage.equals("lvm") ? "default" : "thin");
        }
        for (String name : List.of("cache", "io")) {
            String mode = of(row, name);
            if (host) {
                libvirt.put(
                        name.equals("cache") ? "disk_cachemodes" : "disk_io_modes",
                        mode.equals(NO) ? NO : "file=" + mode + ",block=" + mode);
            } else {
                profile.put(name, mode);
            }
        }
        if (host) {
            libvirt.put("hw_disk_discard", of(row, "discard"));
        } else {
            profile.put("discard", of(row, "discard"));
        }
        for (String name : List.of(
                "iothreads",
                "queues",
                "queue_size",
                "detect_zeroes",
                "error_policy",
                "metadata_cache",
                "block_size",
                "serial",
                "rotation_rate")) {
            if (host) {
                libvirt.put("disk_" + name, of(row, name));
            } else {
                profile.put(name, of(row, name));
            }
        }
        libvirt.put("disk_iothread_cpus", of(row, "pinned").equals(NO) ? NO : processor());
        if (!of(row, "limits").equals(NO)) {
            profile.put("iotune", "read_bytes_sec:1000000,total_iops_sec:700,total_iops_sec_max:900");
            profile.put("iotune_group", Boolean.toString(of(row, "limits").equals("group")));
        }
        List<String> lines = new ArrayList<>(lines(libvirt));
        lines.add("[io_profile:p]");
        lines.addAll(lines(profile));
        lines.add("[DEFAULT]");
        lines.add("preallocate_images = " + (of(row, "preallocated").equals(NO) ? "none" : "space"));
        bridge.configure(storage.startsWith("lvm") ? "lvm" : storage, lines.toArray(String[]::new));
        return bridge.load().snapshot();
    }

    private static List<String> lines(Map<String, String> options) {
        return options.entrySet().stream()
                .filter(option -> !option.getValue().equals(NO))
                .map(option -> option.getKey() + " = " + option.getValue())
                .toList();
    }

    /** A guest with a root and an ephemeral disk on the bus. */
    private InstanceSpec spec(Map<String, String> row, String uuid) {
        int vcpus = Integer.parseInt(of(row, "vcpus"));
        InstanceSpec made =
                bridge.spec(uuid, new Flavor("sample", vcpus, 64, 1, 1, 0, Map.of("bridge:io_profile", "p")));
        ImageMeta image = made.imageMeta();
        Map<String, String> properties = new LinkedHashMap<>(image.properties());
        String bus = of(row, "bus");
        properties.put("hw_disk_bus", List.of("virtio-scsi", "lsilogic").contains(bus) ? "scsi" : bus);
        if (properties.containsValue("scsi")) {
            properties.put("hw_scsi_model", bus);
        }
        return made.with(
                new ImageMeta(
                        image.id(),
                        image.name(),
                        image.diskFormat(),
                        image.containerFormat(),
                        image.size(),
                        image.minDisk(),
                        image.minRam(),
                        properties),
                made.blockDeviceInfo());
    }

    /** Loop devices stand where logical volumes would: to QEMU both are devices of blocks. */
    private DiskPlan onDevices(DiskPlan plan) {
        List<DiskDefinition> disks = new ArrayList<>();
        for (DiskDefinition disk : plan.disks()) {
            disks.add(
                    disk.source() instanceof DiskSource.BlockSource
                            ? disk.on(new DiskSource.BlockSource(Path.of(devices.get(disks.size()))))
                            : disk);
        }
        return plan.with(disks);
    }

    private void makeFile(DiskDefinition disk) {
        if (disk.source() instanceof DiskSource.FileSource file) {
            try {
                if ("qcow2".equals(disk.format())) {
                    Files.copy(folder.resolve("blank.qcow2"), file.path());
                } else {
                    blank(file.path());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void blank(Path file) throws IOException {
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(1L << 30);
        }
    }

    private static String run(String... argv) throws Exception {
        Process run = new ProcessBuilder(argv)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        run.waitFor(30, TimeUnit.SECONDS);
        return said.strip();
    }
}
