package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.StorageSpace;

/** How full the file system of a folder is, with statvfs, as Nova counts it (nova/virt/libvirt/utils.py get_fs_info). */
public final class FileSystemSpace {
    private FileSystemSpace() {}

    /**
     * @throws BridgeException STORAGE_FAILED when the folder cannot be asked
     */
    public static StorageSpace of(Path folder) {
        try {
            FileStore store = Files.getFileStore(folder);
            return new StorageSpace(
                    StorageSpace.Kind.FILE_SYSTEM,
                    folder.toString(),
                    store.getTotalSpace(),
                    store.getTotalSpace() - store.getUnallocatedSpace(),
                    store.getUsableSpace(),
                    null,
                    null);
        } catch (IOException e) {
            throw StorageFailures.of("asking for the free space of " + folder, e);
        }
    }
}
