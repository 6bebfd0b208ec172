package org.novabridge.bridge.cli;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.Provenance;
import org.novabridge.driver.policy.DiskExplanation;
import org.novabridge.driver.policy.DiskPolicy;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.xml.DomainXml;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code disks}: what a guest would get and why; changes nothing. */
@Command(
        name = "disks",
        description = "Show the domain and the disks that an instance would get, and explain every value.")
@Subcommands({DisksCommand.Render.class, DisksCommand.Explain.class})
final class DisksCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "which of render, explain?");
    }

    /** A command that plans the disks of an instance. */
    abstract static class Planning implements Runnable {
        @Mixin
        private final PlanInputs inputs = new PlanInputs();

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public final void run() {
            CommandSpec command = Objects.requireNonNull(spec);
            PlanInputs.Planned planned = inputs.read(command);
            print(planned, DiskPolicy.plan(planned.config(), planned.instance(), planned.facts()), Console.of(command));
        }

        abstract void print(PlanInputs.Planned planned, DiskPlan disks, Console console);
    }

    /** What {@code render} prints. */
    enum Format {
        xml,
        json
    }

    @Command(
            name = "render",
            description = {
                "Print the libvirt domain of an instance (xml), or its disk definitions (json).",
                "Nothing is changed. Exit 3 when a rule refuses what is asked for."
            })
    static final class Render extends Planning {
        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description = "xml, the whole domain; or json, the disk definitions (default: xml).")
        private Format format = Format.xml;

        @Override
        void print(PlanInputs.Planned planned, DiskPlan disks, Console console) {
            if (format == Format.json || console.json()) {
                console.json(json(disks));
            } else {
                String xml = DomainXml.write(new DomainPolicy(Clock.systemUTC())
                        .plan(planned.config(), planned.instance(), planned.facts(), disks)
                        .definition());
                console.out().println(xml.stripTrailing());
                console.out().flush();
            }
        }

        private static Map<String, Object> json(DiskPlan plan) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("root_device_name", plan.rootDeviceName());
            result.put("disk_bus", plan.diskBus());
            result.put("cdrom_bus", plan.cdromBus());
            result.put("scsi_model", plan.scsiModel());
            result.put("boot_devices", plan.bootDevices());
            List<Map<String, Object>> disks = new ArrayList<>();
            for (DiskDefinition disk : plan.disks()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", disk.name());
                one.put("role", disk.role().words());
                Map<String, String> attributes = new LinkedHashMap<>();
                for (Provenance why : disk.provenance()) {
                    attributes.put(why.attribute().key(), why.value());
                }
                one.put("attributes", attributes);
                disks.add(one);
            }
            result.put("disks", disks);
            result.put("updates", plan.updates());
            return result;
        }
    }

    @Command(
            name = "explain",
            description = {
                "Print each attribute of each disk with its value, the rule that decided, and where it comes from.",
                "Nothing is changed. The rules are listed in docs/reference/disk-rules.md."
            })
    static final class Explain extends Planning {
        @Option(
                names = "--disk",
                paramLabel = "DISK",
                description = "Only this disk: its name in the guest (vda) or Nova's (disk.swap).")
        private @Nullable String disk;

        @Option(names = "--attribute", paramLabel = "NAME", description = "Only this attribute: cache, io, bus, …")
        private @Nullable String attribute;

        @Override
        void print(PlanInputs.Planned planned, DiskPlan disks, Console console) {
            DiskExplanation explanation = DiskExplanation.of(disks).only(disk, attribute);
            Table table = new Table("DISK", "ATTRIBUTE", "VALUE", "RULE", "ORIGIN", "WHY");
            for (DiskExplanation.Line line : explanation.lines()) {
                table.row(
                        line.disk(), line.attribute().key(), line.value(), line.rule(), line.origin(), line.sentence());
            }
            console.show(explanation.toJson(), table);
        }
    }
}
