package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.RecordingExecutor;

/**
 * As much of LVM as thick volumes need, in memory: which extent is whose, which holds something, and the revision that
 * counts every change. The process that uses it can be killed at a command; nothing is done from then on.
 */
final class ToyLvm implements CommandExecutor {
    static final long EXTENT = 4 << 20;

    /** The bridge is dead. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private static final class Volume {
        private final List<Integer> extents = new ArrayList<>();
        private final Set<String> tags = new LinkedHashSet<>();
    }

    final List<String> done = new ArrayList<>();
    private final Map<String, Volume> volumes = new LinkedHashMap<>();
    private final Set<String> tags = new LinkedHashSet<>(Set.of("nova-bridge"));
    private final boolean[] dirty;
    private long revision = 7;
    private int killAt = Integer.MAX_VALUE;
    private boolean killBefore;
    private boolean dead;
    private Runnable atDeath = () -> {};

    ToyLvm(int extents) {
        dirty = new boolean[extents];
        Arrays.fill(dirty, true);
    }

    /** @param before the command that is the change of that number; else behind it */
    void killAt(int change, boolean before, Runnable then) {
        killAt = change;
        killBefore = before;
        atDeath = then;
    }

    void restart() {
        killAt = Integer.MAX_VALUE;
        dead = false;
    }

    @Override
    public CommandResult run(Command command) {
        if (dead) {
            throw new Killed();
        }
        List<String> words = command.arguments();
        switch (command.program()) {
            case "vgs":
                return answer(command, group());
            case "lvs":
                return answer(command, rows(words.get(words.size() - 1)));
            case "sync", "udevadm":
                return answer(command, "");
            default:
                boolean last = done.size() == killAt;
                if (last && killBefore) {
                    die();
                }
                done.add(command.toString());
                act(command, words);
                if (last) {
                    die();
                }
                return answer(command, "");
        }
    }

    private void die() {
        dead = true;
        atDeath.run();
        throw new Killed();
    }

    private void act(Command command, List<String> words) {
        String last = words.get(words.size() - 1);
        switch (command.program()) {
            case "lvcreate" -> {
                String name = after(words, "--name");
                if (volumes.containsKey(name)) {
                    String said = "Logical Volume \"" + name + "\" already exists in volume group \"nova\"";
                    throw new CommandFailedException(
                            said, RecordingExecutor.result(command, 5, "", said), CommandFailedException.Reason.EXIT);
                }
                volumes.put(name, new Volume());
                take(name, words.contains("100%FREE") ? free().size() : (int) (bytes(after(words, "--size")) / EXTENT));
            }
            case "lvextend" -> take(name(last), (int) (bytes(after(words, "--size")) / EXTENT));
            case "lvrename" -> volumes.put(last, volumes.remove(words.get(2)));
            case "lvremove" -> volumes.remove(name(last));
            case "lvchange" -> retag(volume(name(last)).tags, words);
            case "vgchange" -> retag(tags, words);
            case "blkdiscard" -> zero(last, bytes(after(words, "--offset")), bytes(after(words, "--length")));
            default -> throw new AssertionError("unknown: " + command);
        }
        if (!command.program().equals("blkdiscard")) {
            revision++;
        }
    }

    void removeByHand(String volume) {
        volumes.remove(volume);
        revision++;
    }

    /** Makes, fills and removes a volume while nobody looks. */
    void visit(int extents) {
        volumes.put("visitor", new Volume());
        take("visitor", extents);
        write("visitor");
        volumes.remove("visitor");
        revision += 2;
    }

    void write(String volume) {
        volume(volume).extents.forEach(extent -> dirty[extent] = true);
    }

    boolean holdsSomething(String volume) {
        return volume(volume).extents.stream().anyMatch(extent -> dirty[extent]);
    }

    boolean freeHoldsSomething() {
        return free().stream().anyMatch(extent -> dirty[extent]);
    }

    Set<String> tags() {
        return tags;
    }

    Set<String> volumes() {
        return volumes.keySet();
    }

    private Volume volume(String name) {
        return Objects.requireNonNull(volumes.get(name), name);
    }

    private List<Integer> free() {
        Set<Integer> used = volumes.values().stream()
                .flatMap(volume -> volume.extents.stream())
                .collect(Collectors.toSet());
        return IntStream.range(0, dirty.length)
                .boxed()
                .filter(extent -> !used.contains(extent))
                .toList();
    }

    private void take(String name, int extents) {
        Volume volume = volume(name);
        volume.extents.addAll(free().subList(0, extents - volume.extents.size()));
    }

    private void zero(String device, long offset, long length) {
        List<Integer> extents = volume(name(device)).extents;
        // What is touched in part stays as it was.
        for (long extent = (offset + EXTENT - 1) / EXTENT; (extent + 1) * EXTENT <= offset + length; extent++) {
            dirty[extents.get((int) extent)] = false;
        }
    }

    private static void retag(Set<String> tags, List<String> words) {
        for (int i = 0; i + 1 < words.size(); i++) {
            if (words.get(i).equals("--addtag")) {
                tags.add(words.get(i + 1));
            } else if (words.get(i).equals("--deltag")) {
                tags.remove(words.get(i + 1));
            }
        }
    }

    private String group() {
        return Recorded.group(free().size() * EXTENT, String.join(",", tags), 0)
                .replace(
                        "\"vg_exported\":\"\"",
                        "\"vg_exported\":\"\",\"vg_uuid\":\"u\",\"vg_seqno\":\"" + revision + "\"");
    }

    private String rows(String selection) {
        List<String> cells = new ArrayList<>();
        volumes.forEach((name, volume) -> {
            if (!selection.contains("lv_name=") || selection.contains("\"" + name + "\"")) {
                cells.addAll(List.of(
                        name,
                        Long.toString(volume.extents.size() * EXTENT),
                        String.join(",", volume.tags),
                        "-wi-a-----"));
            }
        });
        return Recorded.volumes(cells.toArray(String[]::new));
    }

    private static String after(List<String> words, String option) {
        return words.get(words.indexOf(option) + 1);
    }

    private static long bytes(String text) {
        return Long.parseLong(text.replace("b", ""));
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static CommandResult answer(Command command, String stdout) {
        return RecordingExecutor.result(command, 0, stdout, "");
    }
}
