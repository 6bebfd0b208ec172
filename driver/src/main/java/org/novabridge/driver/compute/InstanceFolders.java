package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The folders {@code <instances_path>/<uuid>} in Nova's layout and modes, so that stock Nova can
 * reboot and delete a guest made here (nova/virt/libvirt/utils.py get_instance_path 26.2.2). Links are
 * never followed.
 */
final class InstanceFolders {
    static final String CONSOLE_LOG = "console.log";
    /** What Nova leaves beside the folder: a removal in progress, a resize not confirmed. */
    private static final String RESIZE = "_resize";

    private static final List<String> COMPANIONS = List.of("_del", RESIZE);

    private final Supplier<Path> instancesPath;
    private final CrashPoint crashPoint;

    /** @param instancesPath {@code [DEFAULT]instances_path} of today */
    InstanceFolders(Supplier<Path> instancesPath, CrashPoint crashPoint) {
        this.instancesPath = instancesPath;
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
        return Stream.of(folder, folder.resolveSibling(uuid + RESIZE))
                .filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))
                .findFirst();
    }

    /** Creates the folder, 0755; one that is there stays. */
    void create(String uuid) {
        Path folder = of(uuid);
        crashPoint.reach("folder before create");
        try {
            Files.createDirectories(instancesPath.get());
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw failed("create", folder, e);
            }
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
            Files.createFile(log);
            Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
                throw failed("create", log, e);
            }
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
            Files.deleteIfExists(file);
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
        Path leaving = folder.resolveSibling(uuid + "_del");
        try {
            crashPoint.reach("folder before removal");
            removeTree(leaving);
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(folder, leaving, StandardCopyOption.ATOMIC_MOVE);
            }
            crashPoint.reach("folder in removal");
            for (String companion : COMPANIONS) {
                removeTree(folder.resolveSibling(uuid + companion));
            }
            crashPoint.reach("folder after removal");
        } catch (IOException e) {
            throw failed("remove", folder, e);
        }
    }

    private static void removeTree(Path root) throws IOException {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // gone already, which is what was wanted
            return;
        }
    }

    private static BridgeException failed(String verb, Path path, IOException cause) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "cannot " + verb + " " + path + ": " + cause.getClass().getSimpleName(),
                "look at the file system of [DEFAULT]instances_path",
                cause);
    }
}
