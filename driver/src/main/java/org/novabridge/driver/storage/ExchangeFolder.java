package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the files that the control plane leaves in {@code <state_path>/exchange/<operation>/}. A file is found
 * below the opened folder without following links, must be regular with one name and of an allowed owner, is renamed
 * into {@code <state_path>/taken} (0700) and made root's own before anybody looks into it. If a process still
 * has it open it is copied, so that nobody can change what was inspected.
 */
public final class ExchangeFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangeFolder.class);
    private static final Pattern OPERATION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final String NAME_OF_FOLDER = "exchange";
    private static final Pattern NAME = Pattern.compile("[^/\\p{Cntrl}]{1,255}");

    private final Path exchange;
    private final Path taken;
    private final FileCopy copy;
    private final Set<String> controlPlaneOwners;

    /**
     * @param statePath {@code [nova_bridge]state_path}
     * @param controlPlaneOwners users whose files the control plane may name, usually nova
     */
    public ExchangeFolder(Path statePath, FileCopy copy, Set<String> controlPlaneOwners) {
        this.exchange = statePath.resolve(NAME_OF_FOLDER);
        this.taken = statePath.resolve("taken");
        this.copy = copy;
        this.controlPlaneOwners = Set.copyOf(controlPlaneOwners);
    }

    /**
     * Makes the folder that the control plane writes to, with Nova's owner, and lets Nova's group pass through the
     * state path to it. Nothing else in there is Nova's to see: all of it is root's alone.
     *
     * @throws BridgeException INVALID_CONFIGURATION
     */
    public static void prepare(Path statePath, FileOwner owner) {
        try {
            owner.letNovaPass(statePath);
            owner.makeFolder(statePath.resolve(NAME_OF_FOLDER));
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "cannot make " + statePath.resolve(NAME_OF_FOLDER) + ": " + e.getMessage(),
                    "state_path must be a writable folder of root's",
                    e);
        }
    }

    /** Who asks. */
    public enum Role {
        /** User nova: only names of files in the exchange folder. */
        CONTROL_PLANE,
        /** Root: also absolute paths, which are copied, and files of root. */
        OPERATOR
    }

    /**
     * Takes an image over.
     *
     * @param operation name of the folder below {@code exchange}
     * @param name name in that folder; for the operator also an absolute path
     * @param key the field of the request, for messages ({@code image_file})
     * @return a file that is root's own; the caller uses it up or calls {@link #discard}
     * @throws BridgeException IMAGE_NOT_FOUND when there is no such file: a bridge may have taken it and died before the image
     *     was in the cache, and whoever has fetched it fetches it once more; INVALID_REQUEST, FORBIDDEN; STORAGE_FULL,
     *     STORAGE_FAILED when it is our file system that fails …
     */
    public Path take(String operation, String name, Role role, String key, Progress progress) {
        return take(operation, name, role, key, progress, target -> {
            rename(operation, name, role, key, target);
            return makeOwn(target, role, key, progress);
        });
    }

    /**
     * As {@link #take}, and the file stays where it is, so that a request that is repeated after a crash finds it again; whoever
     * has put it there removes it. For small files, since all of it is copied.
     */
    public Path takeCopy(String operation, String name, Role role, String key, Progress progress) {
        return take(operation, name, role, key, progress, target -> {
            try (HeldFile held = held(operation, name, role, key)) {
                return copied(held, target, progress);
            }
        });
    }

    private interface Taking {
        Path to(Path target) throws IOException;
    }

    private Path take(String operation, String name, Role role, String key, Progress progress, Taking taking) {
        if (!OPERATION.matcher(operation).matches()) {
            throw refused(key, "the name of the operation is not usable");
        }
        try {
            Files.createDirectories(
                    taken, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path target = taken.resolve(operation + "@" + key);
            Files.deleteIfExists(target);
            if (role == Role.OPERATOR && name.startsWith("/") && name.indexOf('\0') < 0) {
                return copyOperatorFile(Path.of(name), target, key, progress);
            }
            if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
                throw refused(key, "it must be the plain name of a file in the exchange folder");
            }
            return taking.to(target);
        } catch (IOException e) {
            throw StorageFailures.of("taking over the file of " + key, e);
        }
    }

    private Path copyOperatorFile(Path file, Path target, String key, Progress progress) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw refused(key, file + " is not a regular file");
        }
        try (HeldFile held = HeldFile.regular(file.toRealPath())) {
            return copied(held, target, progress);
        }
    }

    private Path copied(HeldFile file, Path target, Progress progress) throws IOException {
        Files.createFile(target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        copy.copy(file, target, progress);
        return target;
    }

    /** One descriptor from the look to the copy, so that nobody can exchange the name in between. */
    private HeldFile held(String operation, String name, Role role, String key) throws IOException {
        try (HeldFolder root = HeldFolder.open(exchange)) {
            return held(root, operation, name, role, key);
        }
    }

    /** What is wrong below is its sender's doing, but for what the file system fails to do. */
    private HeldFile held(HeldFolder root, String operation, String name, Role role, String key) throws IOException {
        try (HeldFolder folder = root.below(operation)) {
            HeldFile held = folder.file(name);
            boolean fine = false;
            try {
                checkAttributes(held.view().readAttributes(), role, key);
                held.withOneName();
                fine = true;
                return held;
            } finally {
                if (!fine) {
                    held.close();
                }
            }
        } catch (NoSuchFileException e) {
            throw refused(ErrorCode.INVALID_REQUEST, key, notThere(operation));
        } catch (UnfitFileException e) {
            throw refused(key, e.getReason());
        }
    }

    private void rename(String operation, String name, Role role, String key, Path target) throws IOException {
        try (SecureDirectoryStream<Path> root = secure(Files.newDirectoryStream(exchange));
                SecureDirectoryStream<Path> folder =
                        root.newDirectoryStream(Path.of(operation), LinkOption.NOFOLLOW_LINKS);
                SecureDirectoryStream<Path> own = secure(Files.newDirectoryStream(taken))) {
            PosixFileAttributes attributes = folder.getFileAttributeView(
                            Path.of(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
            checkAttributes(attributes, role, key);
            folder.move(Path.of(name), own, target.getFileName());
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw refused(ErrorCode.IMAGE_NOT_FOUND, key, notThere(operation));
        } catch (FileSystemException e) {
            if (String.valueOf(e.getMessage()).contains("symbolic links")) {
                throw refused(key, "the exchange folder of the operation is a symbolic link");
            }
            throw e;
        }
    }

    private void checkAttributes(PosixFileAttributes attributes, Role role, String key) {
        if (!attributes.isRegularFile()) {
            throw refused(key, "it is not a regular file");
        }
        String user = attributes.owner().getName();
        if (!ownedByCaller(attributes, role)) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    "The file of " + key + " belongs to user " + user + ".",
                    "Files in the exchange folder must belong to the user of nova-compute.");
        }
    }

    private boolean ownedByCaller(PosixFileAttributes attributes, Role role) {
        String user = attributes.owner().getName();
        return controlPlaneOwners.contains(user) || (role == Role.OPERATOR && user.equals("root"));
    }

    /** Checked once more under our own name: between look and rename the name could have been exchanged. */
    private Path makeOwn(Path file, Role role, String key, Progress progress) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean fine = attributes.isRegularFile()
                && ownedByCaller(attributes, role)
                && (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1;
        if (!fine) {
            Files.deleteIfExists(file);
            throw refused(key, "it must be a regular file of its sender with one name");
        }
        if (FileOwner.ownUid() == 0) {
            FileOwner.chown(file, 0, 0);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        if (!isOpenSomewhere(file)) {
            return file;
        }
        LOG.info("the file of {} is still open in another process and is copied", key);
        Path copied = file.resolveSibling(file.getFileName() + ".copy");
        try {
            Files.deleteIfExists(copied);
            Files.createFile(
                    copied, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            copy.copy(file, copied, progress);
            return copied;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Whether any process holds the file open; nobody can open it anew, since only root reaches it now. */
    private static boolean isOpenSomewhere(Path file) throws IOException {
        String name = file.toRealPath().toString();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process.resolve("fd"), name) || holds(process.resolve("map_files"), name)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean holds(Path links, String name) {
        try (Stream<Path> entries = Files.list(links)) {
            return entries.anyMatch(link -> {
                try {
                    return Files.readSymbolicLink(link).toString().equals(name);
                } catch (IOException e) {
                    // The descriptor was closed while we looked.
                    return false;
                }
            });
        } catch (IOException | java.io.UncheckedIOException e) {
            // The process ended while we looked.
            return false;
        }
    }

    /** Removes what was taken for an operation and not used up. */
    public void discard(String operation) {
        if (!Files.isDirectory(taken) || !OPERATION.matcher(operation).matches()) {
            return;
        }
        try (Stream<Path> files = Files.list(taken)) {
            for (Path file : files.filter(
                            path -> String.valueOf(path.getFileName()).startsWith(operation + "@"))
                    .toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("what was taken over for {} stays behind: {}", operation, e.getMessage());
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("this platform cannot open files below a folder");
    }

    private static String notThere(String operation) {
        return "there is no such file in the exchange folder of operation " + operation;
    }

    private static BridgeException refused(String key, @Nullable String why) {
        return refused(ErrorCode.INVALID_REQUEST, key, why);
    }

    private static BridgeException refused(ErrorCode code, String key, @Nullable String why) {
        return new BridgeException(
                code,
                "The file of " + key + " is refused: " + why + ".",
                "Put the file into the exchange folder of the operation and name it by its plain name.");
    }
}
