package org.novabridge.driver.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.Confinement;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Formats a new disk that no guest has seen: ephemeral disks with mkfs, swap with mkswap. Which file system: the
 * one asked for, else {@code default_ephemeral_format}, else by OS type (nova/privsep/fs.py, 26.2.2: linux ext4,
 * windows ntfs, others vfat); a {@code virt_mkfs} command of the OS type comes before all. Unlike Nova's, the label is
 * also set on block devices.
 */
public final class FileSystemMaker {
    private static final Map<String, String> BY_OS_TYPE = Map.of("linux", "ext4", "windows", "ntfs");
    private static final String OTHERWISE = "vfat";
    private static final Set<String> FORCED = Set.of("ext3", "ext4", "ntfs");
    private static final Set<String> KNOWN = Set.of("ext2", "ext3", "ext4", "xfs", "ntfs", "vfat");
    private static final Set<String> DOS_LABEL = Set.of("msdos", "vfat");

    private final CommandExecutor executor;
    private final QemuImgSettings settings;
    private final @Nullable String defaultFormat;
    private final List<String> custom;

    public FileSystemMaker(ConfigSnapshot config, CommandExecutor executor, QemuImgSettings settings) {
        this.executor = executor;
        this.settings = settings;
        this.defaultFormat =
                config.find(DefaultOptions.DEFAULT_EPHEMERAL_FORMAT).orElse(null);
        this.custom = config.find(DefaultOptions.VIRT_MKFS).orElse(List.of());
    }

    /**
     * Formats a file or device.
     *
     * @param target a private file (see {@link FileOwner#makePrivate}) or a device node, which is lent meanwhile
     */
    public void format(Path target, DiskContent.Ephemeral content) {
        Optional<Command> own = customCommand(target, content);
        run(target, "formatting " + target, own.orElseGet(() -> mkfs(target, content)), own.isEmpty());
    }

    /** Writes the signature of a swap area. */
    public void swap(Path target) {
        run(target, "making swap on " + target, Command.of(Tool.MKSWAP, name(target)), true);
    }

    private Command mkfs(Path target, DiskContent.Ephemeral content) {
        String fileSystem = fileSystem(content);
        List<String> arguments = new ArrayList<>(List.of("-t", fileSystem));
        if (FORCED.contains(fileSystem)) {
            arguments.add("-F");
        }
        arguments.add(DOS_LABEL.contains(fileSystem) ? "-n" : "-L");
        arguments.add(content.label());
        arguments.add(name(target));
        return Command.of(Tool.MKFS, arguments);
    }

    private String fileSystem(DiskContent.Ephemeral content) {
        String asked = content.fileSystem() != null ? content.fileSystem() : defaultFormat;
        if (asked == null) {
            String osType = content.osType() == null ? "" : content.osType().toLowerCase(Locale.ROOT);
            return BY_OS_TYPE.getOrDefault(osType, OTHERWISE);
        }
        if (!KNOWN.contains(asked)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "The file system '" + asked.replaceAll("[^a-zA-Z0-9.]", "?")
                            + "' of an ephemeral disk is not one of "
                            + KNOWN.stream().sorted().toList() + ".",
                    "Change guest_format of the disk or [DEFAULT]default_ephemeral_format.");
        }
        return asked;
    }

    /** The operator's own command for the OS type; it runs as the operator wrote it, with the absolute path. */
    private Optional<Command> customCommand(Path target, DiskContent.Ephemeral content) {
        String osType = content.osType() == null ? "default" : content.osType();
        for (String entry : custom) {
            int equals = entry.indexOf('=');
            if (equals > 0 && entry.substring(0, equals).equals(osType)) {
                List<String> words = new ArrayList<>();
                for (String word : entry.substring(equals + 1).strip().split("\\s+")) {
                    words.add(word.replace("%(fs_label)s", content.label()).replace("%(target)s", target.toString()));
                }
                return Optional.of(Command.ofProgram(absolute(words.get(0)), words.subList(1, words.size())));
            }
        }
        return Optional.empty();
    }

    private static Path absolute(String program) {
        for (String folder : List.of("", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/")) {
            Path path = Path.of(folder + program);
            if (path.isAbsolute() && java.nio.file.Files.isExecutable(path)) {
                return path;
            }
        }
        throw new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "The program of [DEFAULT]virt_mkfs is not installed: " + program,
                "Install it, or write its absolute path.");
    }

    private void run(Path target, String doing, Command command, boolean confined) {
        Command complete = command.in(java.util.Objects.requireNonNull(target.getParent()))
                .withEffect(Effect.WRITES)
                .withDeadline(settings.mkfsTimeout());
        if (confined) {
            Integer uid = settings.privateUid();
            complete = complete.confined(new Confinement(uid, uid, null, null));
        }
        LentTarget.run(executor, complete, target, settings.privateUid(), doing);
    }

    private static String name(Path target) {
        return target.startsWith("/dev") ? target.toString() : "./" + target.getFileName();
    }
}
