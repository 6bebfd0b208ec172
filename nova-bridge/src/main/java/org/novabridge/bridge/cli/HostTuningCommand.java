package org.novabridge.bridge.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.host.tuning.Finding;
import org.novabridge.driver.host.tuning.HostTuning;
import org.novabridge.driver.host.tuning.Severity;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFacts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code host check}, {@code host plan}, {@code host apply}, {@code host undo}: the host as the guests' disks need it. */
abstract class HostTuningCommand implements Callable<Integer> {
    private static final Path THIS_PROCESS = Path.of("/proc/self");

    @Mixin
    private final ConfigFiles files = new ConfigFiles();

    @Spec
    private @Nullable CommandSpec spec;

    final CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    final Console console() {
        return Console.of(spec());
    }

    final ConfigSnapshot configuration() {
        return Configuration.read(spec(), files);
    }

    /** @param facts what was probed */
    static HostTuning tuning(ConfigSnapshot config, HostFacts facts) {
        return HostTuning.ofThisHost(config, facts, root() ? Optional.of(new ProcessExecutor()) : Optional.empty());
    }

    static boolean root() {
        try {
            return (int) Files.getAttribute(THIS_PROCESS, "unix:uid") == 0;
        } catch (IOException e) {
            throw new BridgeException(ErrorCode.INTERNAL, "cannot see who runs this: " + e.getMessage(), null, e);
        }
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

        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            List<Finding> findings = tuning(
                            config,
                            PlanInputs.look(config, HostFacts.builder().build()).facts())
                    .check();
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

        private static String word(Severity severity) {
            return severity.name().toLowerCase(Locale.ROOT);
        }
    }
}
