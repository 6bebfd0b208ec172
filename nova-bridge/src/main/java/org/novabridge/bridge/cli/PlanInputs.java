package org.novabridge.bridge.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.host.HostProbe;
import org.novabridge.driver.host.IoUringFact;
import org.novabridge.driver.host.tuning.BlockSizeFact;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.hypervisor.LibvirtHypervisor;
import org.novabridge.driver.hypervisor.LibvirtSettings;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.HostFactsReader;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.storage.lvm.ThinPoolFact;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * The mixin of commands that plan without a bridge: configuration, instance, and what is known of the
 * host. Facts that are given win; the rest is probed, and what could not be probed is named on the
 * standard error.
 */
final class PlanInputs {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long MAX_FILE = 16L * 1024 * 1024;

    @Mixin
    private final ConfigFiles files = new ConfigFiles();

    @Option(
            names = "--instance",
            required = true,
            paramLabel = "SPEC.json",
            description = "The instance, as the arguments of Nova's spawn.")
    private Path instance = Path.of("");

    @Option(
            names = "--host-facts",
            paramLabel = "FACTS.json",
            description =
                    "Facts about the host that are not to be probed, as {\"arch\": \"x86_64\", \"direct_io\": true}.")
    private @Nullable Path hostFacts;

    @Option(names = "--no-probe", description = "Probe nothing: only the facts of --host-facts are known.")
    private boolean noProbe;

    /** Everything a plan is made from. */
    record Planned(ConfigSnapshot config, InstanceSpec instance, HostFacts facts) {}

    /**
     * @throws BridgeException INVALID_REQUEST, INVALID_CONFIGURATION
     */
    Planned read(CommandSpec command) {
        ConfigSnapshot config = Configuration.read(command, files);
        InstanceSpec spec = named(instance, InstanceSpecReader::read);
        HostFacts given = hostFacts == null ? HostFacts.builder().build() : named(hostFacts, HostFactsReader::read);
        return new Planned(config, spec, noProbe ? given : probed(command, config, given));
    }

    /** What is wrong inside a file is said with the name that the operator gave it. */
    private static <T> T named(Path file, Function<byte[], T> reader) {
        byte[] content = bytes(file);
        try {
            return reader.apply(content);
        } catch (BridgeException e) {
            throw new BridgeException(e.code(), file + ": " + e.getMessage(), e.remedy(), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw unreadable(file, "is larger than " + MAX_FILE + " bytes", null);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, "cannot be read", e);
        }
    }

    private static BridgeException unreadable(Path file, String why, @Nullable IOException cause) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST, file + " " + why, "name a JSON file that can be read", cause);
    }

    private static HostFacts probed(CommandSpec command, ConfigSnapshot config, HostFacts given) {
        HostProbe.Outcome found = look(config, given);
        HostFacts.Builder all = found.facts().toBuilder();
        for (HostFact fact : HostFact.values()) {
            given.find(fact).ifPresent(value -> all.put(fact, value));
        }
        CommandExecutor executor = new ProcessExecutor();
        HostFacts facts = IoUringFact.add(
                config, executor, BlockSizeFact.add(config, ThinPoolFact.add(config, executor, all.build())));
        Map<String, List<String>> missing = new TreeMap<>();
        found.missing().forEach((fact, why) -> {
            if (!facts.has(fact)) {
                missing.computeIfAbsent(why, w -> new ArrayList<>()).add(fact.key());
            }
        });
        if (!missing.isEmpty()) {
            command.commandLine()
                    .getErr()
                    .println("nova-bridge: not probed: "
                            + missing.entrySet().stream()
                                    .map(e -> String.join(", ", e.getValue()) + " (" + e.getKey() + ")")
                                    .collect(Collectors.joining("; ")));
            command.commandLine().getErr().flush();
        }
        return facts;
    }

    /** libvirt is asked only for what is not given, and only a daemon: an embedded driver belongs to one process. */
    static HostProbe.Outcome look(ConfigSnapshot config, HostFacts given) {
        Set<HostFact> libvirts =
                EnumSet.of(HostFact.ARCH, HostFact.LIBVIRT_VERSION, HostFact.QEMU_VERSION, HostFact.VIDEO_MODELS);
        libvirts.removeIf(given::has);
        String uri = config.find(LibvirtOptions.CONNECTION_URI)
                .filter(text -> !text.isEmpty())
                .orElse("qemu:///system");
        if (libvirts.isEmpty() || uri.contains("/embed")) {
            return HostProbe.look(config, Optional.empty());
        }
        LibvirtSettings usual = LibvirtSettings.of(uri);
        LibvirtSettings hasty = new LibvirtSettings(
                uri, PATIENCE, PATIENCE, usual.changeAlarm(), usual.firstBackOff(), usual.longestBackOff());
        try (LibvirtHypervisor libvirt = LibvirtHypervisor.open(hasty, Clock.systemUTC())) {
            return HostProbe.look(config, Optional.<Hypervisor>of(libvirt));
        } catch (BridgeException e) {
            return HostProbe.look(config, Optional.empty());
        }
    }
}
