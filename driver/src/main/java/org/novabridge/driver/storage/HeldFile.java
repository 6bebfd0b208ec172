package org.novabridge.driver.storage;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file or folder that is held, so that what is done to {@link #path} is done to this very one, whatever its name
 * means by then. User nova owns the folders of guests and may exchange any name in them for a link to a file of
 * root's between two calls of ours; so root looks at a thing and acts on it through one descriptor, and never twice
 * through a name.
 */
class HeldFile implements AutoCloseable {
    private static final String FOLDERS_OF_DESCRIPTORS =
            "/proc/" + ProcessHandle.current().pid() + "/fd/";

    private final int descriptor;
    private final Path name;

    /**
     * @param place what is opened
     * @param name what messages call it
     */
    HeldFile(Path place, Path name, int flags) throws IOException {
        this.name = name;
        try {
            this.descriptor = FileCalls.LIBC.open(place.toString(), FileCalls.O_PATH | FileCalls.O_CLOEXEC | flags);
        } catch (LastErrorException e) {
            throw switch (e.getErrorCode()) {
                case FileCalls.ENOENT -> new NoSuchFileException(name.toString());
                case FileCalls.ENOTDIR, FileCalls.ENAMETOOLONG, FileCalls.ELOOP ->
                    new UnfitFileException(name.toString(), String.valueOf(e.getMessage()));
                default -> new FileSystemException(name.toString(), null, String.valueOf(e.getMessage()));
            };
        }
    }

    /**
     * Holds the regular file of this name.
     *
     * @throws UnfitFileException when a link or anything else that is no regular file has the name
     */
    static HeldFile regular(Path name) throws IOException {
        return regular(name, name);
    }

    static HeldFile regular(Path place, Path name) throws IOException {
        return checked(
                new HeldFile(place, name, FileCalls.oNofollow()), BasicFileAttributes::isRegularFile, "a regular file");
    }

    /** Holds what a name leads to, links followed: for looking only. */
    static HeldFile followed(Path name) throws IOException {
        return new HeldFile(name, name, 0);
    }

    /** Holds the device behind a name of /dev. The links there are followed: nobody but root makes any. */
    static HeldFile device(Path name) throws IOException {
        return checked(new HeldFile(name, name, 0), BasicFileAttributes::isOther, "a device");
    }

    private interface Kind {
        boolean of(BasicFileAttributes attributes);
    }

    private static HeldFile checked(HeldFile held, Kind kind, String wanted) throws IOException {
        boolean right = false;
        try {
            right = kind.of(held.attributes());
            if (!right) {
                throw new UnfitFileException(held.name.toString(), "it is not " + wanted);
            }
            return held;
        } finally {
            if (!right) {
                held.close();
            }
        }
    }

    /**
     * The thing itself, for calls of this process and for programs of root that it starts. Following this path does
     * not go through any name.
     */
    final Path path() {
        return Path.of(FOLDERS_OF_DESCRIPTORS + descriptor);
    }

    /** The name by which it was found, for messages. */
    final Path name() {
        return name;
    }

    final BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path(), BasicFileAttributes.class);
    }

    final int uid() throws IOException {
        return (int) Files.getAttribute(path(), "unix:uid");
    }

    final int gid() throws IOException {
        return (int) Files.getAttribute(path(), "unix:gid");
    }

    /** Permission bits. */
    final int mode() throws IOException {
        return (int) Files.getAttribute(path(), "unix:mode") & 07777;
    }

    /**
     * Refuses a file that has a second name somewhere: it could be one of root's own.
     *
     * @throws UnfitFileException when it has
     */
    final HeldFile withOneName() throws IOException {
        int names = (int) Files.getAttribute(path(), "unix:nlink");
        if (names != 1) {
            throw new UnfitFileException(name.toString(), "the file has " + names + " names, and must have one");
        }
        return this;
    }

    final void give(int uid, int gid) throws IOException {
        Files.setAttribute(path(), "unix:uid", uid);
        Files.setAttribute(path(), "unix:gid", gid);
    }

    final PosixFileAttributeView view() {
        return Files.getFileAttributeView(path(), PosixFileAttributeView.class);
    }

    final void mode(Set<PosixFilePermission> mode) throws IOException {
        view().setPermissions(mode);
    }

    @Override
    public final void close() {
        FileCalls.LIBC.close(descriptor);
    }

    /** For messages. */
    @Override
    public final String toString() {
        return name.toString();
    }

    /** Closes what may not have been opened. */
    static void close(@Nullable HeldFile held) {
        if (held != null) {
            held.close();
        }
    }
}
