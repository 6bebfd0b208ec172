package org.novabridge.driver.storage;

import java.nio.file.FileSystemException;

/** A name that has something else than what is wanted there, a link or a folder, say: its owner's doing, and no failure of ours. */
final class UnfitFileException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    UnfitFileException(String name, String reason) {
        super(name, null, reason);
    }
}
