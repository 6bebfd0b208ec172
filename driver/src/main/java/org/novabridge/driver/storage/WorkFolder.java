package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Root's own place in a folder of Nova's: {@code <folder>/.nova-bridge/work}. What the bridge makes is made there,
 * where nobody else can touch it, and gets its name by one rename, since it is the same file system. The outer of the
 * two is 0700; the inner one may be searched, so that a confined program that is started inside it reaches its own
 * file by a relative name, and everybody else is stopped by the outer.
 *
 * <p>User nova can rename the outer folder or put another in its place, as it owns what is around it; so it is looked
 * at when it is opened and then held. Stock Nova takes no notice: in instances_path it looks at names of instances
 * only, in the image cache at names of forty digits (nova/virt/libvirt/imagecache.py 26.2.2).
 */
final class WorkFolder implements AutoCloseable {
    static final String NAME = ".nova-bridge";
    private static final String INNER = "work";

    private final HeldFolder around;
    private final HeldFolder work;

    private WorkFolder(HeldFolder around, HeldFolder work) {
        this.around = around;
        this.work = work;
    }

    /** Opens it, and makes it when it is not there; the folder around it exists. */
    static WorkFolder in(Path folder) throws IOException {
        return in(HeldFolder.open(folder));
    }

    /** As {@link #in(Path)}; closes the folder around with itself. */
    static WorkFolder in(HeldFolder around) throws IOException {
        HeldFolder work = null;
        try (HeldFolder outer = own(around, NAME, "rwx------")) {
            work = own(outer, INNER, "rwx--x--x");
            return new WorkFolder(around, work);
        } finally {
            if (work == null) {
                around.close();
            }
        }
    }

    private static HeldFolder own(HeldFolder parent, String name, String wanted) throws IOException {
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString(wanted);
        try {
            Files.createDirectory(
                    parent.at(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // From an earlier time; or somebody else's, which the next lines find out.
        }
        HeldFolder folder = parent.below(name);
        boolean ours = false;
        try {
            ours = folder.uid() == FileOwner.ownUid();
            if (!ours) {
                throw new FileSystemException(folder.toString(), null, "it belongs to somebody else: remove it");
            }
            if (!folder.view().readAttributes().permissions().equals(mode)) {
                folder.mode(mode);
            }
            return folder;
        } finally {
            if (!ours) {
                folder.close();
            }
        }
    }

    /** The folder it lies in. */
    HeldFolder around() {
        return around;
    }

    /** A name in it; nobody but us has a hand in what it means. */
    Path at(String name) {
        return work.at(name);
    }

    /** The folder itself. */
    Path path() {
        return work.path();
    }

    /** Gives a finished file its final name, over whatever has that name. */
    void place(String name, HeldFolder target, String finalName) throws IOException {
        Files.move(work.at(name), target.at(finalName), StandardCopyOption.ATOMIC_MOVE);
        target.sync();
    }

    /**
     * Gives a finished file its final name, unless that is taken.
     *
     * @throws FileAlreadyExistsException when it is
     */
    void placeNew(String name, HeldFolder target, String finalName) throws IOException {
        try {
            Files.createLink(target.at(finalName), work.at(name));
        } finally {
            Files.deleteIfExists(work.at(name));
        }
    }

    @Override
    public void close() {
        work.close();
        around.close();
    }
}
