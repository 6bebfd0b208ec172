package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.StorageSpace;

/** How full the file system of a folder is, with statvfs, as Nova counts it (nova/virt/libvirt/utils.py get_fs_info). */
public final class FileSystemSpace {
    private static final String DEVICE = "unix:dev";

    /** A cache has a file for each image. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private FileSystemSpace() {}

    /**
     * @throws BridgeException STORAGE_FAILED when the folder cannot be asked
     */
    public static StorageSpace of(Path folder) {
        return of(folder, null);
    }

    /**
     * As {@link #of}; what the files of the cache take on the same file system is reserved, by their blocks and not their
     * length (nova/virt/libvirt/imagecache.py {@code get_disk_usage} 26.2.2). A cache that is not there takes nothing.
     *
     * @throws BridgeException STORAGE_FAILED when the folder or the cache cannot be asked
     */
    public static StorageSpace reserving(Path folder, Path cache, CommandExecutor executor) {
        try {
            boolean same = Files.isDirectory(cache)
                    && Files.getAttribute(cache, DEVICE).equals(Files.getAttribute(folder, DEVICE));
            return of(folder, same ? blocks(cache, executor) : 0);
        } catch (IOException e) {
            throw StorageFailures.of("asking for the file system of " + cache, e);
        } catch (CommandFailedException e) {
            throw StorageFailures.of("asking what the files of " + cache + " take", e);
        }
    }

    private static long blocks(Path cache, CommandExecutor executor) {
        CommandResult counted = executor.run(
                Command.of(Tool.DU, "--block-size=1", "--summarize", "--separate-dirs", "--", cache.toString())
                        // 1: a file that it has seen was gone when it was looked at; the others are counted.
                        .accepting(0, 1)
                        .withDeadline(PATIENCE));
        String bytes = counted.stdout().split("\t", 2)[0];
        if (!bytes.matches("\\d{1,18}")) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "du does not say what the files of " + cache + " take: "
                            + counted.stderr().strip(),
                    "make the folder readable, or set [workarounds]reserve_disk_resource_for_image_cache = false");
        }
        return Long.parseLong(bytes);
    }

    private static StorageSpace of(Path folder, @Nullable Long reserved) {
        try {
            FileStore store = Files.getFileStore(folder);
            return new StorageSpace(
                    StorageSpace.Kind.FILE_SYSTEM,
                    folder.toString(),
                    store.getTotalSpace(),
                    store.getTotalSpace() - store.getUnallocatedSpace(),
                    store.getUsableSpace(),
                    null,
                    reserved);
        } catch (IOException e) {
            throw StorageFailures.of("asking for the free space of " + folder, e);
        }
    }
}
