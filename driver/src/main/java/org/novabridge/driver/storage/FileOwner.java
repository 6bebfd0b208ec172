package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Owners and modes of what we make, and lending a file to the private user of confined programs.
 *
 * <p>Finished files and folders get Nova's owner (user nova, where there is one) and Nova's modes (0644,
 * 0755), because a stock Nova must be able to read, reboot and delete them, also while a guest runs. A
 * file that is still being made belongs to the private user alone (0600), so no guest's data is ever
 * readable by others before it has its final name. Without root nothing changes hands.
 */
public final class FileOwner {
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> NOVA_FILE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> NOVA_FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    private final boolean root;
    private final @Nullable Owner nova;

    private FileOwner(boolean root, @Nullable Owner nova) {
        this.root = root;
        this.nova = nova;
    }

    private record Owner(UserPrincipal user, GroupPrincipal group) {}

    /** Looks at the process and at the user nova once. */
    public static FileOwner ofThisHost() {
        boolean root = false;
        Owner nova = null;
        try {
            root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
            var lookup = Path.of("/").getFileSystem().getUserPrincipalLookupService();
            nova = new Owner(lookup.lookupPrincipalByName("nova"), lookup.lookupPrincipalByGroupName("nova"));
        } catch (UserPrincipalNotFoundException e) {
            nova = null;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new FileOwner(root, nova);
    }

    /** True when the bridge runs as root, so that programs can be run as the private user. */
    public boolean root() {
        return root;
    }

    /** Makes the folder, and those above it, with Nova's owner and mode; an existing one stays as it is. */
    public void makeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            makeFolder(parent);
        }
        try {
            Files.createDirectory(folder);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            if (Files.isDirectory(folder)) {
                return;
            }
            throw e;
        }
        mode(folder, NOVA_FOLDER);
        giveToNova(folder);
    }

    /** Makes an empty file that nobody else may read, owned by the private user when there is one. */
    public void makePrivate(Path file, @Nullable Integer privateUid) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PRIVATE));
        if (privateUid != null) {
            chown(file, privateUid, privateUid);
        }
    }

    /** The file is complete: on disk, with Nova's owner and mode. */
    public void finish(Path file) throws IOException {
        sync(file);
        mode(file, NOVA_FILE);
        if (root) {
            chown(file, 0, 0);
        }
        giveToNova(file);
    }

    /** The folder may be Nova's, who could put a link to a file of root's in this name's place: not followed. */
    private static void mode(Path path, Set<PosixFilePermission> mode) throws IOException {
        // Java 17 refuses a link by itself, Java 25 changes nothing and says nothing.
        if (Files.isSymbolicLink(path)) {
            throw new FileSystemException(path.toString(), null, "a link stands where a file of ours was");
        }
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(mode);
    }

    private void giveToNova(Path path) throws IOException {
        Owner owner = nova;
        if (root && owner != null) {
            PosixFileAttributeView view =
                    Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            view.setOwner(owner.user());
            view.setGroup(owner.group());
        }
    }

    static void chown(Path path, int uid, int gid) throws IOException {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }

    /** Flushes a file or, for the names in it, a folder. */
    public static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Lends a file or a device node to the private user until closed. A file that everybody may read
     * is not touched when reading is enough: it may be the backing file of running guests.
     */
    static Loan lend(Path path, @Nullable Integer privateUid, boolean toWrite) throws IOException {
        if (privateUid == null) {
            return Loan.NONE;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode");
        if (!toWrite && (mode & 0004) != 0) {
            return Loan.NONE;
        }
        int uid = (int) Files.getAttribute(path, "unix:uid");
        int gid = (int) Files.getAttribute(path, "unix:gid");
        if (uid == privateUid) {
            return Loan.NONE;
        }
        // A symbolic link of /dev/<vg>/ is followed to its node, which is the thing to lend.
        Path real = path.toRealPath();
        chown(real, privateUid, privateUid);
        return () -> {
            if (Files.exists(real)) {
                chown(real, uid, gid);
            }
        };
    }

    /** Gives back what was lent. */
    interface Loan extends AutoCloseable {
        Loan NONE = () -> {};

        @Override
        void close() throws IOException;
    }
}
