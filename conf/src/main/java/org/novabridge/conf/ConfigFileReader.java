package org.novabridge.conf;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Opens the files of a {@link ConfigSource}: whatever lies there, it ends in a tree or in a problem that names the file
 * and quotes nothing of it.
 */
final class ConfigFileReader {
    /** Far beyond any configuration; a file this large was named by mistake. */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private final BiPredicate<String, String> keep;
    private final Problems.Collector problems;

    /** @param keep normal section name and key whose value may be kept */
    ConfigFileReader(BiPredicate<String, String> keep, Problems.Collector problems) {
        this.keep = keep;
        this.problems = problems;
    }

    List<OsloConfiguration> read(List<ConfigSource.Place> places) {
        List<OsloConfiguration> trees = new ArrayList<>();
        for (ConfigSource.Place place : places) {
            if (place instanceof ConfigSource.Place.Dir dir) {
                files(dir.path()).forEach(file -> file(file).ifPresent(trees::add));
            } else {
                file(place.path()).ifPresent(trees::add);
            }
        }
        return trees;
    }

    /** As the shell's {@code *.conf}: hidden files are left out. */
    private List<Path> files(Path dir) {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(dir)) {
            String sentence = Files.exists(dir) ? "is no folder" : "does not exist";
            fault(dir, sentence, "name a folder with --config-dir");
            return files;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir)) {
            for (Path path : stream) {
                String name = path.getFileName().toString();
                if (name.endsWith(".conf") && !name.startsWith(".")) {
                    files.add(path);
                }
            }
        } catch (AccessDeniedException e) {
            fault(dir, "may not be listed by this user", "check its permissions");
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            fault(dir, "cannot be listed", "check the file system");
        }
        files.sort((a, b) -> a.toString().compareTo(b.toString()));
        return files;
    }

    private Optional<OsloConfiguration> file(Path path) {
        byte[] bytes;
        if (Files.isDirectory(path)) {
            return fault(path, "is a folder", "name a file, or use --config-dir for a folder");
        }
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            return fault(path, "does not exist", "check the name given with --config-file");
        } catch (AccessDeniedException e) {
            return fault(path, "may not be read by this user", "check its permissions and those of its folders");
        } catch (IOException e) {
            return fault(path, "cannot be read", "check the file system");
        }
        if (bytes.length > MAX_BYTES) {
            return fault(
                    path,
                    "is larger than " + MAX_BYTES / (1024 * 1024) + " MiB: this is no configuration file",
                    "check the name");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            problems.add(new Problem(
                    Problem.Severity.ERROR,
                    path.toString(),
                    firstBadLine(bytes),
                    "",
                    "the line is not UTF-8 text",
                    "is it a binary file? else save it as UTF-8"));
            return Optional.empty();
        }
        OsloConfiguration tree = new OsloConfiguration(path.toString(), keep, problems);
        try {
            tree.read(new StringReader(text));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
        return Optional.of(tree);
    }

    private static int firstBadLine(byte[] bytes) {
        int line = 1;
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                byte[] one = java.util.Arrays.copyOfRange(bytes, start, i);
                try (InputStreamReader reader = new InputStreamReader(
                        new ByteArrayInputStream(one),
                        StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT))) {
                    while (reader.read() >= 0) {
                        // only looking for the fault
                    }
                } catch (IOException e) {
                    return line;
                }
                line++;
                start = i + 1;
            }
        }
        return 0;
    }

    private Optional<OsloConfiguration> fault(Path path, String sentence, String hint) {
        problems.add(new Problem(Problem.Severity.ERROR, path.toString(), 0, "", sentence, hint));
        return Optional.empty();
    }
}
