package org.novabridge.driver.host.tuning;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The files of this host that tuning reads and writes, or those of a recorded host below another root. Paths are those of
 * the host: {@code /sys/block/sda/queue/scheduler}. Reads are bounded, and no link leads out of the root.
 */
public final class HostTree {
    /** How a value gets into a file of the kernel. */
    interface KernelFiles {
        void write(Path file, String value) throws IOException;
    }

    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final int BUFFER = 64 * 1024;
    private static final int MAX_NAMES = 100_000;

    private final Path root;
    private final KernelFiles kernel;

    HostTree(Path root, KernelFiles kernel) {
        this.root = root;
        this.kernel = kernel;
    }

    /** This host. */
    public static HostTree ofThisHost() {
        return new HostTree(Path.of("/"), HostTree::writeInPlace);
    }

    /** One write to the file that is there, as the kernel wants it. */
    private static void writeInPlace(Path file, String value) throws IOException {
        Files.write(file, value.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
    }

    /** Where the path lies for this process. */
    Path at(String path) {
        if (!path.startsWith("/") || Arrays.asList(path.split("/", -1)).contains("..")) {
            throw new IllegalArgumentException("no path of a host: " + path);
        }
        return root.resolve(path.substring(1));
    }

    /** The path with its links resolved, as one of the host; empty when it is not there or lies outside. */
    Optional<String> real(String path) {
        return inside(path).map(this::named);
    }

    private String named(Path file) {
        try {
            return "/" + root.toRealPath().relativize(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Optional<Path> inside(String path) {
        try {
            Path real = at(path).toRealPath();
            return real.startsWith(root.toRealPath()) ? Optional.of(real) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    boolean exists(String path) {
        return inside(path).isPresent();
    }

    /** Whether something has this name, be it a link to nowhere. */
    boolean present(String path) {
        return Files.exists(at(path), LinkOption.NOFOLLOW_LINKS);
    }

    boolean isLink(String path) {
        return Files.isSymbolicLink(at(path));
    }

    /** The whole text; empty when it is not there, may not be read, or is longer than any such file. */
    Optional<String> text(String path) {
        Optional<Path> file = inside(path).filter(real -> !Files.isDirectory(real));
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file.get())) {
            // Not byte by byte at the start, as Files.readString reads what says that it is empty: a number of
            // /proc/sys is only given out with the first read, and the rest of it would be lost.
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                bytes.write(buffer, 0, read);
                if (bytes.size() > MAX_BYTES) {
                    return Optional.empty();
                }
            }
            return Optional.of(bytes.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The text without white space around it, as files with one value have it. */
    Optional<String> value(String path) {
        return text(path).map(String::strip);
    }

    /** A file with one whole number. */
    OptionalLong number(String path) {
        return value(path).filter(text -> text.matches("-?[0-9]{1,18}")).stream()
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    /** What the marked word is, in a file such as {@code [none] mq-deadline}. */
    Optional<Choice> choice(String path) {
        return value(path).map(Choice::of);
    }

    /** Why nothing could be read, as the end of a sentence. */
    String whyNot(String path) {
        if (!exists(path)) {
            return path + " does not exist";
        }
        return Files.isReadable(at(path)) ? path + " has no such value" : path + " cannot be read by this user";
    }

    /** When it was last written, if it is there. */
    Optional<Instant> modified(String path) {
        return inside(path).flatMap(file -> {
            try {
                return Optional.of(Files.getLastModifiedTime(file).toInstant());
            } catch (IOException e) {
                return Optional.empty();
            }
        });
    }

    /** Names in a folder, sorted; none when it is not there. */
    List<String> names(String folder) {
        Optional<Path> real = inside(folder).filter(Files::isDirectory);
        if (real.isEmpty()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real.get())) {
            for (Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
                if (names.size() >= MAX_NAMES) {
                    break;
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        Collections.sort(names);
        return names;
    }

    /**
     * Writes a value of the kernel.
     *
     * @throws IOException when it is not there, or the kernel refuses the value
     */
    void write(String path, String value) throws IOException {
        Path file = inside(path).orElseThrow(() -> new NoSuchFileException(path));
        try {
            kernel.write(file, value);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new FileSystemException(path, null, "the kernel refuses \"" + value + "\": " + e.getMessage());
        }
    }
}
