package org.novabridge.bridge.cli;

import java.nio.file.Files;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.host.HostProbe;
import org.novabridge.driver.host.HypervisorSite;
import org.novabridge.driver.host.QemuUserPreflight;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.hypervisor.LibvirtHypervisor;
import org.novabridge.driver.hypervisor.LibvirtSettings;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource.HostPort;
import org.novabridge.driver.model.HostFact;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code host}: what is known about this host. */
@Command(
        name = "host",
        description =
                "This host: facts that decide about guests and their disks, what it has for them, and its tuning.")
@Subcommands({
    HostCommand.Facts.class,
    HostResourcesCommand.class,
    HostTuningCommand.Check.class,
    HostTuningCommand.Plan.class,
    HostTuningCommand.Apply.class,
    HostTuningCommand.Undo.class
})
final class HostCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "which host command? there are: facts, resources, check, plan, apply," + " undo");
    }

    @Command(
            name = "facts",
            description = {
                "Probe this host and print what was found. Changes nothing.",
                "With --output json, \"facts\" is what --host-facts takes; \"missing\" names what could not be probed and"
                        + " why; \"findings\" is what would keep guests from starting, each with its fix."
            })
    static final class Facts implements Runnable {
        @Mixin
        private final ConfigFiles files = new ConfigFiles();

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            ConfigSnapshot config = new ConfigLoader().load(files.source()).snapshot();
            HypervisorSite site = HypervisorSite.of(config);
            Console console = Console.of(Objects.requireNonNull(spec));
            Map<String, String> missing = new LinkedHashMap<>();
            HostProbe.Outcome found = probe(config, site, missing);
            found.missing().forEach((fact, why) -> missing.putIfAbsent(fact.key(), why));
            show(console, found, missing, site.check());
        }

        private static HostProbe.Outcome probe(
                ConfigSnapshot config, HypervisorSite site, Map<String, String> missing) {
            String why;
            if (site.embedRoot()
                    .filter(root -> !Files.exists(root.resolve("etc/qemu.conf")))
                    .isPresent()) {
                // Opening it would make its folder; the bridge does that when it first starts.
                why = "the embedded driver's folder is not prepared yet";
            } else {
                try (Hypervisor hypervisor =
                        LibvirtHypervisor.open(LibvirtSettings.of(site.uri()), Clock.systemUTC())) {
                    return HostProbe.look(config, Optional.of(hypervisor));
                } catch (BridgeException e) {
                    why = String.valueOf(e.getMessage());
                }
            }
            HostProbe.Outcome found = HostProbe.look(config, Optional.empty());
            for (HostFact fact : HostProbe.askedOfLibvirt()) {
                missing.put(fact.key(), why);
            }
            return found;
        }

        private static void show(
                Console console,
                HostProbe.Outcome found,
                Map<String, String> missing,
                List<QemuUserPreflight.Finding> findings) {
            Map<String, Object> facts = new LinkedHashMap<>();
            Table table = new Table("FACT", "VALUE");
            for (HostFact fact : HostFact.values()) {
                found.facts().find(fact).ifPresent(value -> {
                    facts.put(fact.key(), value);
                    table.row(fact.key(), words(value));
                });
                if (missing.containsKey(fact.key())) {
                    table.row(fact.key(), "not probed: " + missing.get(fact.key()));
                }
            }
            console.show(Map.of("facts", facts, "missing", missing, "findings", findings), table);
            for (QemuUserPreflight.Finding finding : findings) {
                console.say((finding.stops() ? "guests would not start: " : "guests start slowly: ") + finding.what());
                console.say("  fix: " + finding.fix());
            }
        }

        private static String words(Object value) {
            if (value instanceof List<?> list) {
                return list.stream().map(Facts::words).collect(Collectors.joining(" "));
            }
            if (value instanceof HostPort monitor) {
                return monitor.host() + (monitor.port() == null ? "" : ":" + monitor.port());
            }
            return value.toString();
        }
    }
}
