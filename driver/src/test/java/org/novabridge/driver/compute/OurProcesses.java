package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Who works on a folder of a test: programs are started in a folder and given bare names, so the command line alone does not tell. */
final class OurProcesses {
    private OurProcesses() {}

    /** Every process but this one that names the folder or a mark, works in the folder or has a file of it open. */
    static List<String> of(Path folder, String... marks) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                long pid = Long.parseLong(process.getFileName().toString());
                String line = commandLine(process);
                boolean ours = line.contains(folder.toString())
                        || Arrays.stream(marks).anyMatch(line::contains)
                        || holds(process, folder);
                if (ours && pid != ProcessHandle.current().pid()) {
                    found.add(pid + " " + line);
                }
            }
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline")).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    private static boolean holds(Path process, Path folder) {
        if (leadsInto(process.resolve("cwd"), folder)) {
            return true;
        }
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            return open.anyMatch(file -> leadsInto(file, folder));
        } catch (IOException | java.io.UncheckedIOException e) {
            return false;
        }
    }

    private static boolean leadsInto(Path link, Path folder) {
        try {
            return Files.readSymbolicLink(link).startsWith(folder);
        } catch (IOException e) {
            return false;
        }
    }
}
