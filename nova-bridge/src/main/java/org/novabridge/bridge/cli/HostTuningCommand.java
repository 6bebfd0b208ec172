package org.novabridge.bridge.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.compute.StateLock;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.host.HostProbe;
import org.novabridge.driver.host.IoUringFact;
import org.novabridge.driver.host.tuning.DriverSource;
import org.novabridge.driver.host.tuning.Finding;
import org.novabridge.driver.host.tuning.HostTuner;
import org.novabridge.driver.host.tuning.HostTuning;
import org.novabridge.driver.host.tuning.Severity;
import org.novabridge.driver.host.tuning.TuningChange;
import org.novabridge.driver.host.tuning.TuningOutcome;
import org.novabridge.driver.host.tuning.TuningPlan;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFacts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code host check}, {@code host plan}, {@code host apply}, {@code host undo}: the host as the guests' disks need it. */
abstract class HostTuningCommand extends ConfiguredCommand {
    /** @param facts what was probed */
    static HostTuning tuning(ConfigSnapshot config, HostFacts facts) {
        return tuning(config, facts, DriverSource.none("a plan asks no guest"));
    }

    static HostTuning tuning(ConfigSnapshot config, HostFacts facts, DriverSource drivers) {
        return HostTuning.ofThisHost(
                config, facts, root() ? Optional.of(new ProcessExecutor()) : Optional.empty(), drivers);
    }

    static boolean root() {
        return uid() == 0;
    }

    /** {@code host check}. */
    @Command(
            name = "check",
            description = {
                "Say what of this host is not as the guests' disks need it, why, and by which document. Changes nothing;"
                        + " any user may run it, and what only root is told is named as unknown.",
                "",
                "Looks at the disks below instances_path and images_volume_group, and at memory, AIO, processors, LVM"
                        + " and QEMU's user."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:nothing to do; there may be notes, and things that could not be seen",
                "1:a warning: guests run, but slower, less safely, or not after the next boot",
                "2:wrong usage",
                "3:guests would not start, or the configuration asks for what this host cannot do"
            })
    static final class Check extends HostTuningCommand {
        @Option(names = "--all", description = "Also show what is as it should be.")
        private boolean all;

        @Option(
                names = "--flavors",
                paramLabel = "FLAVORS.json",
                description = "Also say how many guests of these flavors find their huge pages here now: what openstack"
                        + " flavor list --all --long -f json prints.")
        private @Nullable Path flavors;

        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            HostFacts facts =
                    PlanInputs.look(config, HostFacts.builder().build()).facts();
            List<Finding> findings = new ArrayList<>();
            HostTuning tuning;
            try (AskedGuests guests = new AskedGuests(config)) {
                tuning = tuning(config, IoUringFact.add(config, new ProcessExecutor(), facts), guests);
                findings.addAll(tuning.check());
            }
            if (flavors != null) {
                findings.addAll(tuning.fits(FlavorList.withHugePages(flavors)));
            }
            List<Finding> shown = findings.stream()
                    .filter(finding -> all || finding.severity() != Severity.OK)
                    .toList();
            Table table = new Table("SEVERITY", "CHECK", "SUBJECT", "FOUND", "SHOULD BE", "REMEDY", "WHY", "DOCUMENT");
            for (Finding finding : shown) {
                table.row(
                        word(finding.severity()),
                        finding.check(),
                        finding.subject(),
                        finding.found(),
                        finding.wanted(),
                        remedy(finding),
                        finding.why(),
                        finding.source());
            }
            console().show(Map.of("findings", documents(shown)), table);
            if (shown.isEmpty()) {
                console().say("all is well");
            }
            return exitCode(findings);
        }

        static int exitCode(List<Finding> findings) {
            int exit = 0;
            for (Finding finding : findings) {
                if (finding.severity() == Severity.UNUSABLE) {
                    return Failures.REFUSED;
                } else if (finding.severity() == Severity.WARNING) {
                    exit = Failures.FAILED;
                }
            }
            return exit;
        }

        private static @Nullable String remedy(Finding finding) {
            if (!finding.changeable()) {
                return finding.remedy();
            }
            return "nova-bridge host apply" + (finding.remedy() == null ? "" : "; " + finding.remedy());
        }

        private static List<Map<String, Object>> documents(List<Finding> findings) {
            List<Map<String, Object>> documents = new ArrayList<>();
            for (Finding finding : findings) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("severity", word(finding.severity()));
                document.put("check", finding.check());
                document.put("subject", finding.subject());
                document.put("found", finding.found());
                document.put("wanted", finding.wanted());
                document.put("why", finding.why());
                document.put("source", finding.source());
                String remedy = remedy(finding);
                if (remedy != null) {
                    document.put("remedy", remedy);
                }
                documents.add(document);
            }
            return documents;
        }
    }

    /** {@code host plan}. */
    @Command(
            name = "plan",
            description = {
                "Print exactly what host apply would change: values of the kernel now, files of ours below /etc for after"
                        + " the next boot, and what is left to you. Changes nothing; any user may run it.",
            })
    static final class Plan extends HostTuningCommand {
        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            show(tuning(config, HostProbe.look(config, Optional.empty()).facts())
                    .plan());
            return 0;
        }
    }

    /** {@code host apply}. */
    @Command(
            name = "apply",
            description = {
                "Make the changes of host plan, as root. Each is written into <state_path>/"
                        + "host-tuning.json with the value that was there before it is made; host undo takes it back.",
                "",
                "A file where one of ours belongs, and that nova-bridge has not made, is never overwritten. Repeating it"
                        + " is safe, also after a kill.",
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:done, or nothing to do",
                "1:a change failed, or the kernel took less; the others were made",
                "2:wrong usage",
                "3:refused, and nothing was changed: not root, or a file that is not ours is in the way"
            })
    static final class Apply extends HostTuningCommand {
        @Option(names = "--dry-run", description = "The same as host plan.")
        private boolean dryRun;

        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            HostFacts facts = HostProbe.look(config, Optional.empty()).facts();
            if (dryRun) {
                show(tuning(config, facts).plan());
                return 0;
            }
            requireRoot("host apply");
            Path statePath = Path.of(config.get(BridgeOptions.STATE_PATH));
            try (StateLock held = StateLock.takeForTuning(statePath)) {
                Objects.requireNonNull(held);
                TuningPlan plan = tuning(config, facts).plan();
                List<TuningOutcome> outcomes = HostTuner.ofThisHost(statePath).apply(plan, this::tell);
                plan.advice().forEach(this::tell);
                return ended(outcomes, "nothing to do");
            }
        }
    }

    /** {@code host undo}. */
    @Command(
            name = "undo",
            description = {
                "Take back what host apply has changed, from its record, last things first; as root.",
                "",
                "What somebody else has changed since stays as it is, and is said."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:everything is as it was before host apply",
                "1:something could not be taken back, or somebody has changed it since",
                "2:wrong usage",
                "3:refused: not root, or the record cannot be trusted"
            })
    static final class Undo extends HostTuningCommand {
        @Option(names = "--dry-run", description = "Print what would be taken back; change nothing.")
        private boolean dryRun;

        @Override
        public Integer call() {
            Path statePath = Path.of(configuration().get(BridgeOptions.STATE_PATH));
            requireRoot("host undo");
            if (dryRun) {
                List<String> lines = HostTuner.ofThisHost(statePath).planUndo();
                if (console().json()) {
                    console().json(Map.of("changes", lines));
                } else {
                    console().say(lines.isEmpty() ? "nothing to undo" : "would change:");
                    lines.forEach(line -> console().say("  " + Table.printable(line)));
                }
                return 0;
            }
            try (StateLock held = StateLock.takeForTuning(statePath)) {
                Objects.requireNonNull(held);
                return ended(HostTuner.ofThisHost(statePath).undo(this::tell), "nothing to undo");
            }
        }
    }

    static void requireRoot(String command) {
        if (!root()) {
            throw new BridgeException(ErrorCode.FORBIDDEN, command + " needs root", "run it with sudo");
        }
    }

    final void tell(TuningOutcome outcome) {
        console()
                .say(Table.printable(
                        (outcome.result() == TuningOutcome.Result.DONE ? "" : word(outcome.result()) + ": ")
                                + outcome.sentence()));
    }

    final void tell(TuningChange.Advice advice) {
        console().say(Table.printable("by hand: " + advice.subject() + ": " + advice.text()));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    final int ended(List<TuningOutcome> outcomes, String whenNone) {
        if (outcomes.isEmpty()) {
            console().say(whenNone);
        }
        if (console().json()) {
            console()
                    .json(Map.of(
                            "changes",
                            outcomes.stream()
                                    .map(outcome -> Map.of(
                                            "path", outcome.path(),
                                            "result", word(outcome.result()),
                                            "sentence", outcome.sentence()))
                                    .toList()));
        }
        boolean all = outcomes.stream().allMatch(outcome -> outcome.result() == TuningOutcome.Result.DONE);
        return all ? 0 : Failures.FAILED;
    }

    final void show(TuningPlan plan) {
        Console console = console();
        if (console.json()) {
            console.json(plan);
            return;
        }
        if (plan.done()) {
            console.say("nothing to do");
        }
        Table now = new Table("NOW", "FROM", "TO", "CHECK");
        plan.now().forEach(change -> now.row(change.path(), change.found(), change.value(), change.check()));
        now.print(console.out());
        for (TuningChange.FileWrite file : plan.afterBoot()) {
            String what = file.removes() ? " (removed)" : file.before() == null ? " (new)" : " (renewed)";
            console.say("after the next boot: " + file.path() + what);
            file.content().lines().forEach(line -> console.say("  " + line));
            file.dropped().forEach(line -> console.say("  no more: " + line));
        }
        plan.foreign().forEach(path -> console.say("in the way: " + path + " was not made by nova-bridge"));
        plan.advice().forEach(this::tell);
    }
}
