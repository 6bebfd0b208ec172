package org.novabridge.bridge.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.compute.StateLock;
import org.novabridge.driver.exec.ChildObserver;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupBootstrap;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;
import org.novabridge.driver.storage.lvm.VolumeGroupStatus;
import org.novabridge.driver.storage.lvm.VolumeGroups;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code vg}: makes, checks, shows and gives back the volume group of {@code images_type = lvm}. Works
 * without a running bridge; what changes the group takes the bridge's own lock meanwhile.
 */
@Command(name = "vg", description = "Make, check and show the volume group of the guests' disks (images_type = lvm).")
@Subcommands({VgCommand.Init.class, VgCommand.Check.class, VgCommand.Status.class, VgCommand.Release.class})
final class VgCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "which of init, check, status, release?");
    }

    /** What the four have in common. */
    abstract static class OnGroup extends ConfiguredCommand {
        /** The configuration, once it is known that LVM will talk to us. */
        @Override
        final ConfigSnapshot configuration() {
            ConfigSnapshot config = super.configuration();
            requireRoot();
            return config;
        }

        /** For commands that only ask. */
        static CommandExecutor asking() {
            return new ProcessExecutor();
        }

        /** For commands that change something, under the lock: their outputs lie where the bridge's own do. */
        static CommandExecutor changing(ConfigSnapshot config) {
            return new ProcessExecutor(ChildObserver.NONE, statePath(config).resolve("commands"));
        }

        static StateLock lock(ConfigSnapshot config) {
            return StateLock.take(statePath(config));
        }

        private static Path statePath(ConfigSnapshot config) {
            return Path.of(config.get(BridgeOptions.STATE_PATH));
        }

        private static void requireRoot() {
            int uid = uid();
            if (uid != 0) {
                throw new BridgeException(
                        ErrorCode.FORBIDDEN, "vg commands need root, and this is uid " + uid, "run it with sudo");
            }
        }
    }

    @Command(
            name = "init",
            description = {
                "Make images_volume_group from the devices of images_lvm_devices.",
                "",
                "Refuses a device that is mounted, partitioned, signed, held, read-only, or of another group, and changes"
                        + " nothing then. Takes everything back when a later step fails. Repeating it is safe."
            })
    static final class Init extends OnGroup {
        @Option(names = "--dry-run", description = "Look at the devices and print the commands; change nothing.")
        private boolean dryRun;

        @Option(
                names = "--wipe",
                description =
                        "Also write zeroes to all that is free in the group, so that thick disks need no zeroing when"
                                + " they are made. Disks that are there stay as they are. Takes as long as writing to all of the"
                                + " devices; when it is stopped, the next run or start of the bridge goes on.")
        private boolean wipe;

        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            if (dryRun) {
                VolumeGroupBootstrap.Plan plan = bootstrap(config, asking()).plan();
                show(plan, plan.done() ? null : "would run:");
                return 0;
            }
            try (StateLock held = lock(config)) {
                Objects.requireNonNull(held);
                VolumeGroupBootstrap.Plan plan =
                        bootstrap(config, changing(config)).apply();
                show(plan, plan.done() ? null : "done:");
            }
            return 0;
        }

        private VolumeGroupBootstrap bootstrap(ConfigSnapshot config, CommandExecutor executor) {
            return wipe
                    ? VolumeGroupBootstrap.wiping(config, executor, new ConsoleProgress(console()))
                    : VolumeGroupBootstrap.of(config, executor);
        }

        private void show(VolumeGroupBootstrap.Plan plan, @Nullable String heading) {
            Console console = console();
            if (console.json()) {
                console.json(plan);
                return;
            }
            console.say(
                    heading == null
                            ? "volume group " + plan.group() + " is there already, made of these devices"
                            : "volume group " + plan.group() + ", " + heading);
            plan.commandLines().forEach(line -> console.say("  " + line));
            plan.advice().forEach(advice -> console.say("advice: " + advice));
        }
    }

    @Command(
            name = "check",
            description = "Say what is wrong with the volume group, or soon will be. Exit 1 with a warning, 3 when it"
                    + " cannot be used.")
    static final class Check extends OnGroup {
        @Option(
                names = "--bases",
                description = "Also read each base of an image and compare it with the checksum that it was made with:"
                        + " what the devices have changed since then is found. Takes as long as reading all of them does;"
                        + " the bridge may run meanwhile. A device that gives nothing for convert_stall_timeout is given"
                        + " up.")
        private boolean bases;

        @Override
        public Integer call() {
            VolumeGroups groups = VolumeGroups.of(configuration(), asking());
            List<VolumeGroupFinding> findings = new ArrayList<>(groups.check());
            if (bases && findings.stream().noneMatch(finding -> finding.severity() == Severity.UNUSABLE)) {
                findings.addAll(groups.checkBases(new ConsoleProgress(console())));
            }
            Table table = new Table("KIND", "FINDING", "REMEDY");
            for (VolumeGroupFinding finding : findings) {
                table.row(finding.severity().name().toLowerCase(Locale.ROOT), finding.sentence(), finding.remedy());
            }
            console().show(Map.of("findings", findings), table);
            if (findings.isEmpty()) {
                console().say("all is well");
            }
            return exitCode(findings);
        }

        static int exitCode(List<VolumeGroupFinding> findings) {
            int exit = 0;
            for (VolumeGroupFinding finding : findings) {
                if (finding.severity() == Severity.UNUSABLE) {
                    return ErrorCode.VOLUME_GROUP_UNUSABLE.exitCode();
                } else if (finding.severity() == Severity.WARNING) {
                    exit = Failures.FAILED;
                }
            }
            return exit;
        }
    }

    @Command(name = "status", description = "Show size, free space, and the disks in the volume group by instance.")
    static final class Status extends OnGroup {
        /** Digits of a checksum that tell two of them apart; JSON has all. */
        private static final int SHOWN = 12;

        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            VolumeGroupStatus status = VolumeGroups.of(config, asking()).status();
            if (!status.pools().isEmpty()) {
                status = status.with(PoolForecasts.ofRunningBridge(config));
            }
            show(status);
            return 0;
        }

        private void show(VolumeGroupStatus status) {
            Console console = console();
            if (console.json()) {
                console.json(status);
                return;
            }
            Table devices = new Table("DEVICE", "SIZE", "FREE", "STATE");
            status.devices()
                    .forEach(device -> devices.row(
                            device.path(),
                            size(device.size()),
                            size(device.free()),
                            device.missing() ? "missing" : "there"));
            Table disks = new Table("INSTANCE", "DISK", "SIZE", "IN USE");
            status.instances()
                    .forEach(guest -> guest.disks()
                            .forEach(disk -> disks.row(
                                    guest.uuid(), disk.name(), size(disk.size()), disk.open() ? "yes" : "no")));
            status.pendingWipes().forEach(disk -> disks.row("(deleted)", disk.name(), size(disk.size()), wipe(disk)));
            status.bases().forEach(base -> disks.row("(image)", base.name(), size(base.size()), base(base)));
            status.kept().forEach(disk -> disks.row("(resize)", disk.name(), size(disk.size()), "kept for a revert"));
            status.others()
                    .forEach(disk ->
                            disks.row("(no guest's)", disk.name(), size(disk.size()), disk.open() ? "yes" : "no"));
            status.strayMappings()
                    .forEach(stray ->
                            disks.row("(nobody's mapping)", stray.name(), "on " + stray.volume(), stray.why()));
            console.say("volume group " + status.group() + ": " + size(status.size()) + ", " + size(status.free())
                    + " free" + (status.madeByUs() ? ", made by vg init" : ""));
            console.say("free extents are " + status.extents().state().word() + ": "
                    + status.extents().why());
            console.say("metadata " + status.metadata().percent() + " % used, room for about "
                    + status.metadata().roomForVolumes() + " more volumes");
            devices.print(console.out());
            if (!status.pools().isEmpty()) {
                Table pools = new Table(
                        "THIN POOL",
                        "SIZE",
                        "PROMISED",
                        "DATA",
                        "METADATA",
                        "CHUNK",
                        "WATCHED",
                        "GROWTH PER HOUR",
                        "FULL IN");
                status.pools()
                        .forEach(pool -> pools.row(
                                pool.name(),
                                size(pool.size()),
                                String.format(Locale.ROOT, "%s (%.2f)", size(pool.promised()), pool.overSubscription()),
                                pool.dataPercent() + " %",
                                pool.metadataPercent() + " %",
                                size(pool.chunk()),
                                pool.monitored() ? "yes" : "no",
                                PoolForecasts.growth(pool.forecast()),
                                PoolForecasts.fullIn(pool.forecast())));
                pools.print(console.out());
            }
            disks.print(console.out());
            if (status.roomForMore() != null) {
                console.say("room for about " + status.roomForMore() + " more instances of the average size here");
            }
        }

        private static String base(VolumeGroupStatus.Base base) {
            String checksum = base.checksum();
            return "base of thin disks" + (checksum == null ? "" : ", sha256 " + checksum.substring(0, SHOWN) + "…");
        }

        static String wipe(VolumeGroupStatus.PendingWipe disk) {
            return disk.wiped() == 0
                    ? "wipe pending"
                    : "wipe pending, " + 100 * disk.wiped() / disk.size() + " % is done";
        }

        /** Binary units, as LVM's own tables. */
        static String size(long bytes) {
            String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
            double value = bytes;
            int unit = 0;
            while (value >= 1024 && unit < units.length - 1) {
                value /= 1024;
                unit++;
            }
            return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
        }
    }

    @Command(
            name = "release",
            description = {
                "Take our tags and names off the volume group, so that stock Nova goes on with it.",
                "",
                "Finishes interrupted wipes first. Disks of guests stay as they are. Says what nova-compute.conf needs then;"
                        + " refuses, with --dry-run too, while a resize or an image of a guest is not ended."
            })
    static final class Release extends OnGroup {
        /** What was done, or would be, and what Nova's own driver wants in its file then. */
        record Released(List<String> commandLines, List<String> novaComputeConf) {}

        @Option(names = "--dry-run", description = "Print what would be done; change nothing.")
        private boolean dryRun;

        @Override
        public Integer call() {
            ConfigSnapshot config = configuration();
            List<String> lines = VolumeGroups.of(config, asking()).planRelease();
            if (!dryRun) {
                try (StateLock held = lock(config)) {
                    Objects.requireNonNull(held);
                    VolumeGroups.of(config, changing(config)).release(new ConsoleProgress(console()));
                }
            }
            List<String> settings = VolumeGroups.of(config, asking()).settingsOfNova();
            Console console = console();
            if (console.json()) {
                console.json(new Released(lines, settings));
            } else {
                console.say(lines.isEmpty() ? "nothing of ours is on it" : dryRun ? "would run:" : "done:");
                lines.forEach(line -> console.say("  " + line));
                console.say("for Nova's own driver, in nova-compute.conf:");
                settings.forEach(line -> console.say("  " + line));
                console.say("then restart nova-compute, and keep the bridge stopped: systemctl disable nova-bridge");
            }
            return 0;
        }
    }

    /** Long work on a terminal; an interrupted command leaves the work to the next one. */
    private record ConsoleProgress(Console console) implements Progress {
        @Override
        public void report(String phase, double percent) {
            console.progress(phase, percent);
        }

        @Override
        public boolean cancelled() {
            return false;
        }
    }
}
