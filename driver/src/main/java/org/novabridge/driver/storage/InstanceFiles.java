package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;

/**
 * Folders of instances and small files in them, with Nova's owners and modes. They belong to user nova and are worked
 * on by root: everything starts at instances_path, goes down one held folder at a time and follows no link, so that
 * nothing that nova exchanges meanwhile makes root touch a file outside.
 */
public final class InstanceFiles {
    /** Behind the name of an instance: the folder with what it was before a resize that waits (Nova's name). */
    public static final String RESIZE = "_resize";

    private final Path instances;
    private final FileOwner owner;

    /** @param instances {@code [DEFAULT]instances_path} */
    public InstanceFiles(Path instances, FileOwner owner) {
        this.instances = instances;
        this.owner = owner;
    }

    /**
     * Makes the folder of an instance, 0755 and Nova's; one that is there stays.
     *
     * @throws FileSystemException when something that is no folder has the name
     */
    public void makeFolder(String instance) throws IOException {
        owner.makeFolder(instances);
        owner.makeFolder(instances.resolve(instance));
        try (HeldFolder outer = HeldFolder.open(instances)) {
            outer.below(instance).close();
        }
    }

    /**
     * Makes an empty file, 0644 and Nova's; one that is there stays.
     *
     * @throws FileSystemException when something that is no regular file has the name
     */
    public void makeEmpty(String instance, String name) throws IOException {
        String fresh = instance + "." + name;
        try (WorkFolder work = WorkFolder.in(instances);
                HeldFolder folder = work.around().below(instance)) {
            if (Files.exists(folder.at(name), LinkOption.NOFOLLOW_LINKS)) {
                folder.file(name).close();
                return;
            }
            owner.makePrivate(work.at(fresh), null);
            owner.finish(work.at(fresh));
            work.place(fresh, folder, name);
        }
    }

    /** Removes one file of an instance; a missing one is success. */
    public void remove(String instance, String name) throws IOException {
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instance)) {
            Files.deleteIfExists(folder.at(name));
        } catch (NoSuchFileException e) {
            // The folder is gone, and the file with it.
            return;
        }
    }

    /** Gives something in instances_path another name; nothing there is success. */
    public void rename(String from, String to) throws IOException {
        try (HeldFolder outer = HeldFolder.open(instances)) {
            Files.move(outer.at(from), outer.at(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
    }

    /** Removes a folder of instances_path with all that is in it, links as links; nothing there is success. */
    public void removeTree(String name) throws IOException {
        try (HeldFolder outer = HeldFolder.open(instances);
                SecureDirectoryStream<Path> stream = secure(outer)) {
            removeTree(stream, Path.of(name));
        } catch (NoSuchFileException e) {
            return;
        }
    }

    /** Removes what half-made files of the instance are left in the work folder. */
    public void removeUnfinished(String instance) throws IOException {
        if (!Files.isDirectory(instances)) {
            return;
        }
        try (WorkFolder work = WorkFolder.in(instances);
                DirectoryStream<Path> files = Files.newDirectoryStream(work.path(), instance + ".*")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void removeTree(SecureDirectoryStream<Path> parent, Path name) throws IOException {
        if (!parent.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory()) {
            parent.deleteFile(name);
            return;
        }
        try (SecureDirectoryStream<Path> folder = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : folder) {
                removeTree(folder, entry.getFileName());
            }
        }
        parent.deleteDirectory(name);
    }

    private static SecureDirectoryStream<Path> secure(HeldFolder folder) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(folder.path());
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("this platform cannot open files below a folder");
    }
}
