package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.novabridge.conf.CpuList;

/** The process that runs a guest, as the kernel shows it. */
final class QemuProcess {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** O_DIRECT of x86, in the octal number of fdinfo. */
    private static final int O_DIRECT = 0_40000;

    private final Path folder;

    private QemuProcess(Path folder) {
        this.folder = folder;
    }

    static QemuProcess of(String uuid) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(folder -> Objects.toString(folder.getFileName()).matches("[0-9]+"))
                    .map(QemuProcess::new)
                    .filter(process -> process.commandLine().startsWith("/usr/bin/qemu")
                            && process.commandLine().contains(uuid))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Processors that a thread of this machine or cpuset can be pinned to. */
    static List<Integer> processorsOfThisMachine() throws IOException {
        return CpuList.parse(allowed(Path.of("/proc/self/status"))).stream().toList();
    }

    /** Its process id. */
    String id() {
        return String.valueOf(folder.getFileName());
    }

    /** Its arguments in a row. */
    String commandLine() {
        return String.join(" ", arguments());
    }

    private List<String> arguments() {
        try {
            return List.of(Files.readString(folder.resolve("cmdline"), StandardCharsets.UTF_8)
                    .split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Its block nodes by their names, as they are on the command line. */
    Map<String, JsonNode> blockNodes() throws IOException {
        Map<String, JsonNode> nodes = new LinkedHashMap<>();
        List<String> arguments = arguments();
        for (int i = 0; i + 1 < arguments.size(); i++) {
            if (arguments.get(i).equals("-blockdev")) {
                JsonNode node = JSON.readTree(arguments.get(i + 1));
                nodes.put(node.path("node-name").asText(), node);
            }
        }
        return nodes;
    }

    /** Where a thread of the process may run, as {@code 0,2-3}. */
    String processors(long thread) throws IOException {
        return allowed(folder.resolve("task").resolve(Long.toString(thread)).resolve("status"));
    }

    /** The processors of each thread whose name QEMU gives to its I/O threads. */
    Map<String, String> ioThreads() throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        List<Path> threads = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder.resolve("task"))) {
            all.forEach(threads::add);
        }
        for (Path thread : threads) {
            String name = Files.readString(thread.resolve("comm")).strip();
            if (name.startsWith("IO iothread")) {
                found.put(name, allowed(thread.resolve("status")));
            }
        }
        return found;
    }

    private static String allowed(Path status) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.split("\\s+", -1)[1])
                .findFirst()
                .orElseThrow();
    }

    /** Whether the kernel takes its reads and writes of a file past the page cache, for each time it has it open. */
    List<Boolean> directly(Path file) throws IOException {
        List<Boolean> found = new ArrayList<>();
        List<Path> descriptors = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder.resolve("fd"))) {
            all.forEach(descriptors::add);
        }
        for (Path descriptor : descriptors) {
            if (Files.isSymbolicLink(descriptor)
                    && Files.readSymbolicLink(descriptor).equals(file)) {
                String flags = Files.readAllLines(
                                folder.resolve("fdinfo").resolve(Objects.toString(descriptor.getFileName())))
                        .stream()
                        .filter(line -> line.startsWith("flags:"))
                        .map(line -> line.split("\\s+", -1)[1])
                        .findFirst()
                        .orElseThrow();
                found.add((Integer.parseInt(flags, 8) & O_DIRECT) != 0);
            }
        }
        return found;
    }
}
