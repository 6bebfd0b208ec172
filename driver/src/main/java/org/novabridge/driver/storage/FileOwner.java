package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
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
    private static final Set<PosixFilePermission> NOVA_READS = PosixFilePermissions.fromString("rw-r-----");
    private static final Set<PosixFilePermission> CLOSED_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PASSED_FOLDER = PosixFilePermissions.fromString("rwx--x---");
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
        return handingTo("nova");
    }

    /** As {@link #ofThisHost} where Nova's user and group have another name. */
    static FileOwner handingTo(String name) {
        boolean root = false;
        Owner nova = null;
        try {
            root = ownUid() == 0;
            var lookup = Path.of("/").getFileSystem().getUserPrincipalLookupService();
            nova = new Owner(lookup.lookupPrincipalByName(name), lookup.lookupPrincipalByGroupName(name));
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

    /**
     * Makes the folder with Nova's owner and mode, and those above it as mkdir does; an existing one stays as it is.
     *
     * @throws FileSystemException when a link or anything else that is no folder has the name
     */
    public void makeFolder(Path folder) throws IOException {
        Path above = folder.getParent();
        if (above != null && !Files.exists(above)) {
            Files.createDirectories(above);
        }
        try (HeldFolder parent = HeldFolder.open(above == null ? Path.of("/") : above)) {
            String name = String.valueOf(folder.getFileName());
            try {
                Files.createDirectory(parent.at(name), PosixFilePermissions.asFileAttribute(CLOSED_FOLDER));
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(folder)) {
                    throw e;
                }
                return;
            }
            try (HeldFolder made = parent.below(name)) {
                // Between making and opening, Nova's user could have put another folder of root's in its place.
                if (made.uid() != ownUid() || !empty(made)) {
                    throw new FileSystemException(folder.toString(), null, "it was exchanged while it was made");
                }
                made.mode(NOVA_FOLDER);
                giveToNova(made.view());
            }
        }
    }

    /** Lets Nova's group search the folder (0710), and nobody else; without root or a user nova it stays as it is. */
    void letNovaPass(Path folder) throws IOException {
        Owner owner = nova;
        if (root && owner != null) {
            try (HeldFolder held = HeldFolder.open(folder)) {
                held.view().setGroup(owner.group());
                held.mode(PASSED_FOLDER);
            }
        }
    }

    private static boolean empty(HeldFolder folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.path())) {
            return !entries.iterator().hasNext();
        }
    }

    /** The user of this process. */
    public static int ownUid() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
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
        try (HeldFile held = HeldFile.regular(file)) {
            sync(held.path());
            held.mode(NOVA_FILE);
            if (root) {
                held.give(0, 0);
            }
            giveToNova(held.view());
        }
    }

    /** As {@link #finish}, for what nobody but user nova may read: 0640, root's, Nova's group. */
    void finishForNova(Path file) throws IOException {
        try (HeldFile held = HeldFile.regular(file)) {
            sync(held.path());
            held.mode(NOVA_READS);
            if (root) {
                held.give(0, 0);
            }
            Owner owner = nova;
            if (root && owner != null) {
                held.view().setGroup(owner.group());
            }
        }
    }

    private void giveToNova(PosixFileAttributeView view) throws IOException {
        Owner owner = nova;
        if (root && owner != null) {
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
     *
     * @throws FileSystemException for a link, for anything else that is no file, and for a file with a second name:
     *     it would be lent under that name too
     */
    static Loan lend(Path path, @Nullable Integer privateUid, boolean toWrite) throws IOException {
        if (privateUid == null) {
            return Loan.NONE;
        }
        HeldFile held = path.startsWith("/dev") ? HeldFile.device(path) : HeldFile.regular(path);
        boolean lent = false;
        try {
            int uid = held.uid();
            int gid = held.gid();
            if (uid == privateUid || (!toWrite && (held.mode() & 0004) != 0)) {
                return Loan.NONE;
            }
            if (!path.startsWith("/dev")) {
                held.withOneName();
            }
            held.give(privateUid, privateUid);
            lent = true;
            return () -> {
                try (held) {
                    held.give(uid, gid);
                }
            };
        } finally {
            if (!lent) {
                held.close();
            }
        }
    }

    /** Gives back what was lent. */
    interface Loan extends AutoCloseable {
        Loan NONE = () -> {};

        @Override
        void close() throws IOException;
    }
}
