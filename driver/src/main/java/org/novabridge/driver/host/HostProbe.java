package org.novabridge.driver.host;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.SerialConsoleOptions;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource.HostPort;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/**
 * Finds out about this host without changing anything. What cannot be found out is left out of the
 * facts and named with its reason; a rule that needs it then says so.
 */
public final class HostProbe {

    /**
     * What was found and why the rest was not.
     *
     * @param missing for each fact that is not there, one phrase
     */
    public record Outcome(HostFacts facts, Map<HostFact, String> missing) {
        public Outcome {
            missing = Map.copyOf(missing);
        }
    }

    private static final Path DEFAULT_CEPH_CONF = Path.of("/etc/ceph/ceph.conf");

    private final ConfigSnapshot config;
    private final Path root;
    private final HostFacts.Builder facts = HostFacts.builder();
    private final Map<HostFact, String> missing = new EnumMap<>(HostFact.class);

    private HostProbe(ConfigSnapshot config, Path root) {
        this.config = config;
        this.root = root;
    }

    /** The facts that only libvirt can tell. */
    public static Set<HostFact> askedOfLibvirt() {
        return Set.copyOf(EnumSet.of(
                HostFact.LIBVIRT_VERSION,
                HostFact.QEMU_VERSION,
                HostFact.HOST_UUID,
                HostFact.VIDEO_MODELS,
                HostFact.DISK_BUSES,
                HostFact.MACHINE_TYPES,
                HostFact.CPU_MODELS,
                HostFact.CPU_MODEL,
                HostFact.CPU_FEATURES));
    }

    /**
     * The facts alone.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE as for {@link #look}
     */
    public static HostFacts probe(ConfigSnapshot config, Optional<Hypervisor> hypervisor) {
        return look(config, hypervisor).facts();
    }

    /**
     * The facts, and what is missing; without a hypervisor everything libvirt knows is missing.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE when there is one and it goes away
     */
    public static Outcome look(ConfigSnapshot config, Optional<Hypervisor> hypervisor) {
        return look(config, hypervisor, Path.of("/"));
    }

    static Outcome look(ConfigSnapshot config, Optional<Hypervisor> hypervisor, Path root) {
        HostProbe probe = new HostProbe(config, root);
        probe.files();
        if (hypervisor.isPresent()) {
            probe.ask(hypervisor.get());
        }
        HostFacts found = probe.facts.build();
        for (HostFact fact : found.unknown()) {
            probe.missing.putIfAbsent(
                    fact,
                    switch (fact) {
                        case IO_URING -> "no io mode asks for it, or there is no QEMU that it could be tried with";
                        case FILES_BLOCK_SIZE, VOLUME_GROUP_BLOCK_SIZE ->
                            "no block_size is auto, or the disks below are not seen";
                        case THIN_POOL -> "images_lvm_type is not auto";
                        default -> "libvirt was not asked";
                    });
        }
        probe.missing.keySet().removeIf(found::has);
        return new Outcome(found, probe.missing);
    }

    private void files() {
        arch();
        directIo();
        rbdMonitors();
        kvm();
        machineId();
        rngDevice();
        serialPorts();
        facts.put(HostFact.CPU_CONTROL, cpuControl());
    }

    /** The kernel's word for the machine (Linux 6.1 on), which is also what Nova takes. */
    private void arch() {
        put(
                HostFact.ARCH,
                read(root.resolve("proc/sys/kernel/arch")).map(String::strip).filter(arch -> !arch.isEmpty()),
                "/proc/sys/kernel/arch is not there, and libvirt was not asked");
    }

    private void directIo() {
        Path instances = Path.of(config.get(DefaultOptions.INSTANCES_PATH));
        if (!Files.isDirectory(instances)) {
            missing.put(HostFact.DIRECT_IO, "instances_path " + instances + " does not exist");
            return;
        }
        Optional<Boolean> direct = probed(instances);
        Path base = instances.resolve(config.get(ImageCacheOptions.SUBDIRECTORY_NAME));
        // QEMU opens the backing file of a qcow2 disk as it opens the disk.
        if (direct.orElse(false) && Files.isDirectory(base) && elsewhere(base, instances)) {
            direct = probed(base);
        }
        direct.ifPresent(found -> facts.put(HostFact.DIRECT_IO, found));
    }

    private Optional<Boolean> probed(Path folder) {
        Optional<Boolean> direct = DirectIoProbe.supported(folder);
        if (direct.isEmpty()) {
            missing.put(HostFact.DIRECT_IO, "a nameless file could not be made in " + folder + " (O_TMPFILE)");
        }
        return direct;
    }

    private static boolean elsewhere(Path one, Path other) {
        try {
            return !Files.getFileStore(one).equals(Files.getFileStore(other));
        } catch (IOException e) {
            return true;
        }
    }

    private void rbdMonitors() {
        String named = config.find(LibvirtOptions.IMAGES_RBD_CEPH_CONF).orElse("");
        Path file = named.isEmpty() ? DEFAULT_CEPH_CONF : Path.of(named);
        read(file)
                .ifPresentOrElse(
                        text -> {
                            List<HostPort> monitors = CephConf.monitors(text);
                            put(
                                    HostFact.RBD_MONITORS,
                                    monitors.isEmpty() ? Optional.empty() : Optional.of(monitors),
                                    file + " has no mon_host");
                        },
                        () -> missing.put(HostFact.RBD_MONITORS, file + " cannot be read"));
    }

    /** Opening it asks nothing of the guest side; it is how QEMU finds out as well. */
    private void kvm() {
        Path node = root.resolve("dev/kvm");
        if (!Files.exists(node)) {
            facts.put(HostFact.KVM, false);
            return;
        }
        try {
            LinuxCalls.LIBC.close(LinuxCalls.LIBC.open(node.toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC, 0));
            facts.put(HostFact.KVM, true);
        } catch (LastErrorException e) {
            missing.put(HostFact.KVM, node + " cannot be opened: " + e.getMessage());
        }
    }

    private void machineId() {
        put(
                HostFact.MACHINE_ID,
                read(root.resolve("etc/machine-id"))
                        .flatMap(text -> text.lines().findFirst())
                        .map(String::strip)
                        .filter(line -> !line.isEmpty()),
                "/etc/machine-id is not there or empty");
    }

    private void rngDevice() {
        put(
                HostFact.RNG_DEVICE,
                config.find(LibvirtOptions.RNG_DEV_PATH)
                        .filter(path -> !path.isEmpty())
                        .map(path -> Files.exists(Path.of(path))),
                "rng_dev_path is not set");
    }

    private void serialPorts() {
        if (config.get(SerialConsoleOptions.ENABLED)) {
            facts.put(HostFact.FREE_SERIAL_PORTS, SerialPorts.free(config));
        } else {
            missing.put(HostFact.FREE_SERIAL_PORTS, "[serial_console]enabled is false");
        }
    }

    /** As nova/virt/libvirt/host.py 26.2.2, {@code has_cpu_cgroup}: a v1 mount with "cpu", or v2 that offers it. */
    private boolean cpuControl() {
        boolean first = read(root.resolve("proc/self/mounts")).stream()
                .flatMap(String::lines)
                .map(line -> line.split(" ", -1))
                .anyMatch(fields -> fields.length > 3
                        && Arrays.asList(fields[3].split(",", -1)).contains("cpu"));
        return first
                || read(root.resolve("sys/fs/cgroup/cgroup.controllers")).stream()
                        .flatMap(text -> Arrays.stream(text.strip().split("\\s+", -1)))
                        .anyMatch("cpu"::equals);
    }

    private void ask(Hypervisor hypervisor) {
        answer(
                () -> {
                    Hypervisor.Versions versions = hypervisor.versions();
                    facts.put(HostFact.LIBVIRT_VERSION, versions.libvirt());
                    facts.put(HostFact.QEMU_VERSION, versions.hypervisor());
                },
                HostFact.LIBVIRT_VERSION,
                HostFact.QEMU_VERSION);
        answer(
                () -> {
                    capabilities(LibvirtDocument.parse(hypervisor.capabilitiesXml()));
                },
                HostFact.ARCH,
                HostFact.HOST_UUID,
                HostFact.CPU_MODEL,
                HostFact.CPU_FEATURES,
                HostFact.MACHINE_TYPES);
        HostFacts sofar = facts.build();
        String arch = sofar.has(HostFact.ARCH) ? sofar.text(HostFact.ARCH) : "";
        answer(() -> facts.put(HostFact.CPU_MODELS, hypervisor.cpuModels(arch)), HostFact.CPU_MODELS);
        answer(
                () -> {
                    domainCapabilities(LibvirtDocument.parse(
                            hypervisor.domainCapabilitiesXml(arch, "", config.get(LibvirtOptions.VIRT_TYPE))));
                },
                HostFact.VIDEO_MODELS,
                HostFact.DISK_BUSES);
    }

    private void capabilities(LibvirtDocument document) {
        put(HostFact.ARCH, document.text("/capabilities/host/cpu/arch"), "libvirt does not tell");
        put(HostFact.HOST_UUID, document.text("/capabilities/host/uuid"), "libvirt does not tell");
        put(HostFact.CPU_MODEL, document.text("/capabilities/host/cpu/model"), "libvirt does not know this processor");
        facts.put(HostFact.CPU_FEATURES, document.texts("/capabilities/host/cpu/feature/@name"));
        List<String> machines = document.texts("/capabilities/guest/arch[@name='x86_64' or @name='i686']//machine");
        put(
                HostFact.MACHINE_TYPES,
                machines.isEmpty() ? Optional.empty() : Optional.of(machines),
                "libvirt names no machine");
    }

    private void domainCapabilities(LibvirtDocument document) {
        String devices = "/domainCapabilities/devices/";
        facts.put(
                HostFact.VIDEO_MODELS,
                document.texts(devices + "video[@supported='yes']/enum[@name='modelType']/value"));
        facts.put(HostFact.DISK_BUSES, document.texts(devices + "disk[@supported='yes']/enum[@name='bus']/value"));
    }

    private void answer(Runnable question, HostFact... wanted) {
        try {
            question.run();
        } catch (BridgeException e) {
            if (e.code() == ErrorCode.HYPERVISOR_UNAVAILABLE) {
                // "Cannot ask" is not "has not": rules that only apply to known facts would let everything pass.
                throw e;
            }
            for (HostFact fact : wanted) {
                missing.put(fact, String.valueOf(e.getMessage()));
            }
        }
    }

    private void put(HostFact fact, Optional<?> value, String otherwise) {
        if (value.isPresent()) {
            facts.put(fact, value.get());
        } else {
            missing.put(fact, otherwise);
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
