package org.novabridge.driver.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs qemu-img: every format is said (never probed), every run is confined to a private user without
 * capabilities and to an address space.
 *
 * <p>How the private user gets at files: a file that is being made is created by root for it (mode
 * 0600); a source that not everybody may read, and the node of a target device, are lent to it
 * (chown) for the time of the run and given back afterwards, also when the run fails. qemu-img
 * starts inside the folder of its file and gets relative names, so the folders above need no search
 * permission; only that folder itself does: {@link WorkFolder}, or Nova's (0755). A device keeps its
 * absolute name. That nova may exchange a name before qemu-img opens it is no way to root's files: the
 * program has no privileges, and what is lent was held and looked at.
 */
public final class QemuImg {
    private static final Logger LOG = LoggerFactory.getLogger(QemuImg.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PERCENT = Pattern.compile("\\((\\d+(?:\\.\\d+)?)/100%\\)");
    private static final int BLOCK = 4096;
    /** Exit codes of {@code qemu-img check} (its manual): errors in the image; clusters lost, no errors. */
    private static final int CHECK_CORRUPT = 2;

    private static final int CHECK_LEAKS = 3;

    /** What is read from a device once need not push other things out of the page cache. */
    private static final String[] READ_ONCE = {"-T", "none"};

    private final CommandExecutor executor;
    private final QemuImgSettings settings;

    public QemuImg(CommandExecutor executor, QemuImgSettings settings) {
        this.executor = executor;
        this.settings = settings;
    }

    /**
     * What {@code qemu-img info} says about a file taken as the given format.
     *
     * @param backingFile name of a backing file, null when there is none
     * @param backingFormat its format as the header has it, null when it says none
     * @param dataFile name of an external data file, null when there is none
     */
    public record Info(
            String format,
            long virtualSize,
            @Nullable String backingFile,
            @Nullable String backingFormat,
            @Nullable String dataFile,
            boolean encrypted,
            @Nullable String createType) {}

    public QemuImgSettings settings() {
        return settings;
    }

    /**
     * @throws BridgeException IMAGE_UNACCEPTABLE when qemu-img cannot read it or a limit ended it
     */
    public Info info(Path file, String format) {
        return info(file, file, format);
    }

    /**
     * @param file where it is reached
     * @param name what messages call it
     * @throws BridgeException as {@link #info(Path, String)}
     */
    Info info(Path file, Path name, String format) {
        Command command = Command.of(
                        Tool.QEMU_IMG,
                        "info",
                        "--force-share",
                        "--output=json",
                        "-f",
                        format,
                        nameIn(folderOf(file), file))
                .in(folderOf(file))
                .confined(settings.forInfo())
                .withDeadline(settings.timeout());
        try (FileOwner.Loan loan = FileOwner.lend(file, settings.privateUid(), false)) {
            return parse(executor.run(command).stdout(), name);
        } catch (CommandFailedException e) {
            throw new BridgeException(
                    ErrorCode.IMAGE_UNACCEPTABLE,
                    "qemu-img cannot read " + name + " as " + format + ": " + e.getMessage(),
                    "A run that was killed has met its limits: [nova_bridge]qemu_img_cpu_time and"
                            + " qemu_img_address_space.",
                    e);
        } catch (IOException e) {
            throw StorageFailures.of("reading " + name, e);
        }
    }

    /**
     * Whether every cluster that a qcow2 file's tables name lies in the file and the reference counts cover it. A
     * file cut off behind its tables passes {@link #info}, and a guest reads zeroes where its data was. Clusters that
     * are only lost (exit 3) hurt nobody.
     *
     * @throws BridgeException IMAGE_UNACCEPTABLE when the check cannot be made
     */
    public boolean intact(Path qcow2, Progress progress) {
        Command command = Command.of(Tool.QEMU_IMG, "check", "-q", "-f", "qcow2", nameIn(folderOf(qcow2), qcow2))
                .in(folderOf(qcow2))
                .accepting(0, CHECK_CORRUPT, CHECK_LEAKS)
                .confined(settings.forWork())
                .withCancellation(progress::cancelled)
                .withDeadline(settings.timeout());
        try (FileOwner.Loan loan = FileOwner.lend(qcow2, settings.privateUid(), false)) {
            return executor.run(command).exitCode() != CHECK_CORRUPT;
        } catch (CommandFailedException e) {
            if (e.reason() == CommandFailedException.Reason.CANCELLED
                    || e.reason() == CommandFailedException.Reason.INTERRUPTED
                    || e.reason() == CommandFailedException.Reason.NOT_STARTED) {
                throw StorageFailures.of("checking " + qcow2, e);
            }
            throw new BridgeException(
                    ErrorCode.IMAGE_UNACCEPTABLE,
                    "qemu-img cannot check " + qcow2 + ": " + e.getMessage(),
                    "A run that was ended has met its limits: [nova_bridge]qemu_img_timeout and"
                            + " qemu_img_address_space.",
                    e);
        } catch (IOException e) {
            throw StorageFailures.of("checking " + qcow2, e);
        }
    }

    /** Where a qcow2 disk that no guest has open may hold something; reads tables, none of the data. */
    Allocation allocation(QcowChain chain) {
        QcowMap map = new QcowMap(chain.size());
        Command command = Command.of(Tool.QEMU_IMG, "map", "--output=json", "--image-opts", chain.options())
                .confined(settings.forWork())
                .withDeadline(null)
                .withIdleDeadline(settings.stall())
                .withLineListener(map::line);
        try (FileOwner.Loan loan = FileOwner.lend(chain.file(), settings.privateUid(), false)) {
            executor.run(command);
            return map.allocation();
        } catch (CommandFailedException e) {
            throw StorageFailures.of("looking for what " + chain.file() + " holds", e);
        } catch (IOException e) {
            throw StorageFailures.of("looking for what " + chain.file() + " holds", e);
        }
    }

    private static Info parse(String json, Path file) {
        try {
            JsonNode node = JSON.readTree(json);
            JsonNode data = node.path("format-specific").path("data");
            return new Info(
                    node.path("format").asText(""),
                    node.path("virtual-size").asLong(-1),
                    text(node, "backing-filename"),
                    text(node, "backing-filename-format"),
                    text(data, "data-file"),
                    node.path("encrypted").asBoolean(false),
                    text(data, "create-type"));
        } catch (JsonProcessingException e) {
            throw new BridgeException(
                    ErrorCode.IMAGE_UNACCEPTABLE, "qemu-img info of " + file + " printed no JSON", null, e);
        }
    }

    private static @Nullable String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }

    /** What a target reads as before it is written to. */
    public enum Before {
        /** Anything: zeroes are written like all else. */
        UNKNOWN,
        /** Zeroes: they are left out, and a thin volume takes no space for them. */
        ZERO
    }

    /**
     * Converts an inspected image into a file that {@link FileOwner#makePrivate} made.
     */
    public void convert(Path source, String sourceFormat, Path target, String targetFormat, Progress progress) {
        convert(source, sourceFormat, target, targetFormat, Before.UNKNOWN, progress);
    }

    /**
     * Converts an inspected image. The target is a block device, or a file that {@link
     * FileOwner#makePrivate} made.
     *
     * @param before of a block device; a file is made anew
     */
    public void convert(
            Path source, String sourceFormat, Path target, String targetFormat, Before before, Progress progress) {
        List<String> more = new ArrayList<>();
        if (isDevice(target)) {
            // It exists already (-n); unless we know better, nobody knows what it held. In any order (-W), so that the
            // eight reads and writes that qemu-img has under way do not wait for one another: a device has no holes
            // that a late write could leave (qemu-img(1)). The source stays in the page cache, for the next guest of
            // the image.
            more.addAll(List.of("-n", "-W"));
            if (before == Before.ZERO) {
                more.add("--target-is-zero");
            }
        }
        convert(source, sourceFormat, target, targetFormat, more, "convert image to " + targetFormat, progress);
    }

    /**
     * Makes an image of a guest's disk, which nobody writes to meanwhile.
     *
     * @param target a file that {@link FileOwner#makePrivate} made
     * @param compress of qcow2 only
     */
    void export(
            Path source, String sourceFormat, Path target, String targetFormat, boolean compress, Progress progress) {
        List<String> more = new ArrayList<>();
        if (compress) {
            more.add("-c");
        }
        convert(source, sourceFormat, target, targetFormat, more, "make the " + targetFormat + " image", progress);
    }

    private void convert(
            Path source,
            String sourceFormat,
            Path target,
            String targetFormat,
            List<String> more,
            String phase,
            Progress progress) {
        Path folder = isDevice(target) ? folderOf(source) : folderOf(target);
        String cache = isDevice(target) || directIo(folder) ? "none" : "writeback";
        Command command = Command.of(Tool.QEMU_IMG, "convert", "-p")
                .with(more.toArray(String[]::new))
                .with(isDevice(source) ? READ_ONCE : new String[0])
                .with("-t", cache, "-f", sourceFormat, "-O", targetFormat)
                .with(nameIn(folder, source), nameIn(folder, target))
                .in(folder)
                .withEffect(Effect.WRITES)
                .confined(settings.forWork())
                .withDeadline(null)
                .withIdleDeadline(settings.stall())
                .withCancellation(progress::cancelled)
                .withLineListener(line -> reportPercent(line, phase, progress));
        try (FileOwner.Loan read = FileOwner.lend(source, settings.privateUid(), false);
                FileOwner.Loan write = FileOwner.lend(target, settings.privateUid(), true)) {
            executor.run(command);
        } catch (CommandFailedException e) {
            throw StorageFailures.of("converting " + source + " to " + target, e);
        } catch (IOException e) {
            throw StorageFailures.of("converting " + source + " to " + target, e);
        }
    }

    private static void reportPercent(String line, String phase, Progress progress) {
        Matcher matcher = PERCENT.matcher(line);
        if (matcher.find()) {
            progress.report(phase, Double.parseDouble(matcher.group(1)));
        }
    }

    /**
     * Writes the header of a qcow2 file over a base whose format and size are known; the base itself is
     * not opened ({@code -u}).
     *
     * @param clusterSize of a qcow2 base, which its overlay takes over as in Nova
     */
    public void createOverlay(Path target, Path base, String baseFormat, long sizeBytes, OptionalLong clusterSize) {
        List<String> arguments =
                new ArrayList<>(List.of("create", "-q", "-u", "-f", "qcow2", "-b", base.toString(), "-F", baseFormat));
        if (clusterSize.isPresent()) {
            arguments.addAll(List.of("-o", "cluster_size=" + clusterSize.getAsLong()));
        }
        create(target, arguments, sizeBytes);
    }

    /** Writes an empty disk of the format. */
    public void createEmpty(Path target, String format, long sizeBytes) {
        create(target, List.of("create", "-q", "-f", format), sizeBytes);
    }

    private void create(Path target, List<String> arguments, long sizeBytes) {
        Command command =
                Command.of(Tool.QEMU_IMG, arguments).with(nameIn(folderOf(target), target), Long.toString(sizeBytes));
        run("creating " + target, command, target);
    }

    /**
     * Grows a disk that no guest has open; never shrinks. The backing file of a qcow2 disk is left out ({@code
     * backing=}): it is never larger than its overlay, so nothing in it decides what the new part reads as.
     */
    public void grow(Path target, String format, long sizeBytes) {
        String name = nameIn(folderOf(target), target);
        Command command = format.equals("qcow2")
                ? Command.of(
                        Tool.QEMU_IMG,
                        "resize",
                        "-q",
                        "--image-opts",
                        "driver=qcow2,file.driver=file,file.filename=" + name.replace(",", ",,") + ",backing=")
                : Command.of(Tool.QEMU_IMG, "resize", "-q", "-f", format, name);
        run("growing " + target, command.with(Long.toString(sizeBytes)), target);
    }

    private void run(String doing, Command command, Path target) {
        Command complete = command.in(folderOf(target))
                .withEffect(Effect.WRITES)
                .confined(settings.forWork())
                .withDeadline(settings.timeout());
        LentTarget.run(executor, complete, target, settings.privateUid(), doing);
    }

    private static boolean isDevice(Path path) {
        return path.startsWith("/dev");
    }

    private static Path folderOf(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("/") : parent;
    }

    /** {@code ./name} inside the folder; a colon in a bare name would be taken for a protocol. */
    private static String nameIn(Path folder, Path file) {
        return folderOf(file).equals(folder) ? "./" + file.getFileName() : file.toString();
    }

    /** Whether files of the folder can be written past the page cache, as Nova probes for {@code -t}. */
    static boolean directIo(Path folder) {
        Path probe = null;
        try {
            probe = Files.createTempFile(folder, ".directio.test.", "");
            try (FileChannel channel = FileChannel.open(probe, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
                channel.write(
                        ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK).limit(BLOCK));
                return true;
            }
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        } finally {
            if (probe != null) {
                try {
                    Files.deleteIfExists(probe);
                } catch (IOException e) {
                    LOG.debug("{} stays behind: {}", probe, e.getMessage());
                }
            }
        }
    }
}
