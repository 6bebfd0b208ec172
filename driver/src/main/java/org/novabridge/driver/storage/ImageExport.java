package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Makes images of guests' disks: in a folder of root's own below {@code [libvirt]snapshots_directory}, and only a
 * finished one gets a name that others see. It holds all that a tenant wrote, so nobody but its receiver may read it
 * (OSSA-2014-001: Nova's folder was open to all).
 */
public final class ImageExport {
    private final Path folder;
    private final QemuImg qemuImg;
    private final FileCopy copy;
    private final FileOwner owner;

    /** @param config today's */
    public ImageExport(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        this.folder = Path.of(config.get(LibvirtOptions.SNAPSHOTS_DIRECTORY));
        this.qemuImg = new QemuImg(executor, QemuImgSettings.of(config, owner));
        this.copy = new FileCopy(executor, Duration.ofSeconds(config.get(BridgeOptions.CONVERT_STALL_TIMEOUT)));
        this.owner = owner;
    }

    /**
     * Where an image goes.
     *
     * @param id of the operation
     * @param format raw, qcow2, vmdk or vdi
     * @param compress of qcow2 only
     * @param file the operator's name for it, absolute; null leaves it in snapshots_directory for user nova
     */
    public record Target(
            String id,
            String format,
            boolean compress,
            @Nullable Path file) {
        private String part() {
            return id + ".part";
        }

        private String finished() {
            return id + "." + format;
        }
    }

    /**
     * An image that is there.
     *
     * @param bytes size of the file
     */
    public record Image(Path file, long bytes) {}

    /**
     * Makes the image.
     *
     * @param source a file or device that nobody writes to meanwhile
     * @param format of the source as it was recorded: never looked for in what a guest wrote
     * @throws BridgeException STORAGE_FULL, STORAGE_FAILED, CANCELLED; INVALID_REQUEST when the name is taken
     */
    public Image make(Path source, String format, Target target, Progress progress) {
        try {
            owner.makeFolder(folder);
            try (WorkFolder work = WorkFolder.in(folder)) {
                Path part = work.at(target.part());
                owner.makePrivate(part, qemuImg.settings().privateUid());
                qemuImg.export(source, format, part, target.format(), target.compress(), progress);
                owner.finishForNova(part);
                Path file = target.file();
                if (file == null) {
                    work.placeNew(target.part(), work.around(), target.finished());
                    file = folder.resolve(target.finished());
                } else {
                    deliver(part, file, near(target, file), progress);
                }
                return new Image(file, Files.size(file));
            }
        } catch (IOException e) {
            throw StorageFailures.of("making the image of a disk", e);
        }
    }

    /** To the operator's place, whatever file system that is on, under its name in one step. */
    private void deliver(Path part, Path file, Path near, Progress progress) throws IOException {
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-------"));
        copy.move(part, near, progress);
        FileOwner.sync(near);
        try {
            Files.createLink(file, near);
        } catch (FileAlreadyExistsException e) {
            throw taken(file);
        } finally {
            Files.deleteIfExists(near);
        }
    }

    private static Path near(Target target, Path file) {
        return file.resolveSibling("." + file.getFileName() + "." + target.part());
    }

    /**
     * Looks at the operator's name for an image before anything is done.
     *
     * @throws BridgeException INVALID_REQUEST when it is not absolute, its folder is missing, or it is taken
     */
    public static void check(Path file) {
        Path parent = file.getParent();
        if (!file.isAbsolute() || !file.equals(file.normalize()) || parent == null || !Files.isDirectory(parent)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "file: " + file + " is no absolute name in a folder that exists",
                    "name a new file in an existing folder");
        }
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw taken(file);
        }
    }

    private static BridgeException taken(Path file) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST,
                "file: " + file + " exists, and an image is never written over something else",
                "name a new file, or move the old one away");
    }

    /** Removes what {@link #make} has made, as far as it came. */
    public void remove(Target target) {
        try {
            if (Files.isDirectory(folder)) {
                try (WorkFolder work = WorkFolder.in(folder)) {
                    Files.deleteIfExists(work.at(target.part()));
                    Files.deleteIfExists(work.around().at(target.finished()));
                }
            }
            Path file = target.file();
            if (file != null) {
                Path near = near(target, file);
                if (Files.exists(near, LinkOption.NOFOLLOW_LINKS)
                        && Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                        && Files.isSameFile(near, file)) {
                    Files.delete(file);
                }
                Files.deleteIfExists(near);
            }
        } catch (IOException e) {
            throw StorageFailures.of("removing the unfinished image of a disk", e);
        }
    }
}
