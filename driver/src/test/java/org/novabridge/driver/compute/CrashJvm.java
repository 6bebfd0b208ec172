package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * How the processes of the crash run are started. There are many of them and each lives for a moment,
 * so most of their time would go into loading classes: one of them writes down which it loads, and all
 * after it map an archive of these (JDK's class data sharing). In a lab, where each start takes long, the archive was
 * made on the host before ({@link CrashTraining}).
 */
final class CrashJvm {
    /**
     * An archive that is mapped where it was made for is not rewritten page by page, which takes a lab a second at each
     * start; nobody asks for figures of processes that live so shortly.
     */
    private static final List<String> OPTIONS = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-XX:-UsePerfData",
            "-Xmx256m");

    /** An archive that was made for the class path of this process before. */
    private static final String READY = "crash.archive";

    private static @Nullable CrashJvm shared;

    private final Path list;
    private final Path archive;
    private final String classPath;

    /** One for all classes of this process, since making the archive takes longer than a place. */
    static synchronized CrashJvm shared() throws IOException {
        CrashJvm made = shared;
        String ready = System.getProperty(READY);
        if (made == null && ready != null) {
            made = new CrashJvm(Path.of(ready), System.getProperty("java.class.path"));
            shared = made;
        } else if (made == null) {
            Path folder = EmbedBridge.newFolder();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    Trees.delete(folder);
                } catch (IOException e) {
                    System.err.println("left behind: " + folder + ": " + e);
                }
            }));
            made = new CrashJvm(folder);
            shared = made;
        }
        return made;
    }

    /** @param folder where archive and jars lie */
    CrashJvm(Path folder) throws IOException {
        this.list = folder.resolve("classes.list");
        this.archive = folder.resolve("classes.jsa");
        this.classPath = packed(folder);
    }

    private CrashJvm(Path archive, String classPath) {
        this.list = archive.resolveSibling("classes.list");
        this.archive = archive;
        this.classPath = classPath;
    }

    /** An archive takes classes from jars only, so the folders of the build become jars. */
    private static String packed(Path folder) throws IOException {
        List<String> parts = new ArrayList<>();
        String today = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String part : today.split(File.pathSeparator)) {
            Path path = Path.of(part);
            if (Files.isDirectory(path)) {
                Path jar = folder.resolve("classes-" + parts.size() + ".jar");
                pack(path, jar);
                parts.add(jar.toString());
            } else {
                parts.add(part);
            }
        }
        return String.join(File.pathSeparator, parts);
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (Stream<Path> all = Files.walk(classes);
                OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.setLevel(Deflater.NO_COMPRESSION);
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(classes.relativize(each).toString()));
                Files.copy(each, zip);
                zip.closeEntry();
            }
        }
    }

    /** The command that runs a main class. */
    List<String> command(Class<?> main, List<String> arguments) {
        List<String> more = archived() ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
        return line(more, Stream.concat(Stream.of(main.getName()), arguments.stream()));
    }

    boolean archived() {
        return Files.exists(archive);
    }

    /** As {@link #command}, noting what is loaded. */
    List<String> training(Class<?> main, List<String> arguments) {
        return line(
                List.of("-XX:DumpLoadedClassList=" + list),
                Stream.concat(Stream.of(main.getName()), arguments.stream()));
    }

    /** Makes the archive of what the training has loaded. */
    void archive() throws IOException, InterruptedException {
        List<String> more = List.of(
                "-Xshare:dump", "-XX:SharedClassListFile=" + list, "-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off");
        Process process = new ProcessBuilder(line(more, Stream.of()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(archive)
                .as("archive of classes, exit %s", process.exitValue())
                .exists();
    }

    private List<String> line(List<String> more, Stream<String> end) {
        return Stream.of(
                        Stream.of(System.getProperty("java.home") + "/bin/java"),
                        OPTIONS.stream()
                                .filter(option -> !(more.contains("-Xshare:dump") && option.equals("-Xshare:auto"))),
                        more.stream(),
                        Stream.of("-cp", classPath),
                        end)
                .flatMap(words -> words)
                .collect(Collectors.toList());
    }
}
