package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A folder that is held. A name in it is reached by {@link #at} without any folder above being looked up again. */
final class HeldFolder extends HeldFile {

    private HeldFolder(Path place, Path name, int flags) throws IOException {
        super(place, name, flags | FileCalls.oDirectory());
    }

    /** Holds a folder that the operator has named; links on the way are the operator's own and followed. */
    static HeldFolder open(Path folder) throws IOException {
        return new HeldFolder(folder, folder, 0);
    }

    /**
     * Holds a folder at any depth below one that the operator has named; below it no link is followed: Nova's user can make
     * one to anywhere.
     *
     * @param folder the root or below it
     * @throws UnfitFileException when a link or anything else that is no folder is on the way
     */
    static HeldFolder within(Path root, Path folder) throws IOException {
        HeldFolder at = open(root);
        if (folder.equals(root)) {
            return at;
        }
        for (Path name : root.relativize(folder)) {
            try (HeldFolder above = at) {
                at = above.below(name.toString());
            }
        }
        return at;
    }

    /**
     * One folder further down.
     *
     * @throws UnfitFileException when a link or anything else that is no folder has the name
     */
    HeldFolder below(String name) throws IOException {
        return new HeldFolder(at(name), name().resolve(name), FileCalls.oNofollow());
    }

    /**
     * The file of this name.
     *
     * @throws UnfitFileException when a link or anything else that is no regular file has the name
     */
    HeldFile file(String name) throws IOException {
        return HeldFile.regular(at(name), name().resolve(name));
    }

    /** For calls that act on the name itself and do not follow it: rename, removal, creation of what is not there. */
    Path at(String name) {
        if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("not a plain name: " + name);
        }
        return path().resolve(name);
    }

    /** Makes the names in it durable. */
    void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
