package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.InstanceFiles;

/**
 * The folders {@code <instances_path>/<uuid>} in Nova's layout, owners and modes, so that stock Nova can
 * reboot and delete a guest made here (nova/virt/libvirt/utils.py get_instance_path 26.2.2). Links are
 * never followed.
 */
final class InstanceFolders {
    static final String CONSOLE_LOG = "console.log";

    /** A removal in progress. */
    private static final String LEAVING = "_del";

    /** What Nova leaves beside the folder. */
    private static final List<String> COMPANIONS = List.of(LEAVING, InstanceFiles.RESIZE);

    private static final int UUID_LENGTH = 36;
    private static final Pattern NAME =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(" + LEAVING + "|" + InstanceFiles.RESIZE + ")?");

    private final Supplier<Path> instancesPath;
    private final FileOwner owner;
    private final CrashPoint crashPoint;

    /** @param instancesPath {@code [DEFAULT]instances_path} of today */
    InstanceFolders(Supplier<Path> instancesPath, FileOwner owner, CrashPoint crashPoint) {
        this.instancesPath = instancesPath;
        this.owner = owner;
        this.crashPoint = crashPoint;
    }

    Path of(String uuid) {
        return instancesPath.get().resolve(Uuids.canonical(uuid));
    }

    /**
     * What is there of the instance: its folder, or the one that a resize not yet confirmed keeps beside it
     * and that may hold the only copy of its disks.
     */
    Optional<Path> existing(String uuid) {
        Path folder = of(uuid);
        return Stream.of(folder, keptByNova(uuid))
                .filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))
                .findFirst();
    }

    /** Where Nova's own driver keeps the disks of an instance that is resized, until that is confirmed or reverted. */
    Path keptByNova(String uuid) {
        return of(uuid).resolveSibling(uuid + InstanceFiles.RESIZE);
    }

    /** Whether anything is there. */
    boolean resized(String uuid) {
        return Files.exists(keptByNova(uuid), LinkOption.NOFOLLOW_LINKS);
    }

    /** The names of all that is there of any instance. */
    Set<String> list() {
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(instancesPath.get())) {
            for (Path path : all) {
                String name = String.valueOf(path.getFileName());
                if (NAME.matcher(name).matches()) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw failed("look through", instancesPath.get(), e);
        }
        return names;
    }

    /** The instance that one of {@link #list} is called after. */
    static String instanceOf(String name) {
        return name.substring(0, UUID_LENGTH);
    }

    /** Creates the folder, 0755 and Nova's; one that is there stays. */
    void create(String uuid) {
        Path folder = of(uuid);
        crashPoint.reach("folder before create");
        try {
            files().makeFolder(uuid);
        } catch (IOException e) {
            throw failed("create", folder, e);
        }
        crashPoint.reach("folder after create");
    }

    /** An empty console log, so that QEMU need not be able to create files here. */
    void createConsoleLog(String uuid) {
        Path log = of(uuid).resolve(CONSOLE_LOG);
        crashPoint.reach("console.log before create");
        try {
            files().makeEmpty(uuid, CONSOLE_LOG);
        } catch (IOException e) {
            throw failed("create", log, e);
        }
        crashPoint.reach("console.log after create");
    }

    /** Removes one file of the instance; a missing one is success. */
    void removeFile(String uuid, String name) {
        Path folder = of(uuid);
        Path file = folder.resolve(name);
        if (!folder.equals(file.normalize().getParent())) {
            throw new IllegalArgumentException("not a plain file name: " + name);
        }
        crashPoint.reach("file before removal");
        try {
            files().remove(uuid, name);
        } catch (IOException e) {
            throw failed("remove", file, e);
        }
    }

    /**
     * Removes the folder and its companions as Nova does: renamed first, so that a crash leaves a name
     * that says what it is. Missing ones are success.
     */
    void remove(String uuid) {
        Path folder = of(uuid);
        InstanceFiles files = files();
        String leaving = uuid + LEAVING;
        try {
            crashPoint.reach("folder before removal");
            files.removeTree(leaving);
            files.rename(uuid, leaving);
            crashPoint.reach("folder in removal");
            for (String companion : COMPANIONS) {
                files.removeTree(uuid + companion);
            }
            files.removeUnfinished(uuid);
            crashPoint.reach("folder after removal");
        } catch (IOException e) {
            throw failed("remove", folder, e);
        }
    }

    private InstanceFiles files() {
        return new InstanceFiles(instancesPath.get(), owner);
    }

    private static BridgeException failed(String verb, Path path, IOException cause) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "cannot " + verb + " " + path + ": " + cause.getClass().getSimpleName()
                        + (cause instanceof FileSystemException named && named.getReason() != null
                                ? ": " + named.getReason()
                                : ""),
                "look at the file system of [DEFAULT]instances_path",
                cause);
    }
}
