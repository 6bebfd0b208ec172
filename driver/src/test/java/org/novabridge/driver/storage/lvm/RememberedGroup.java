package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/**
 * A volume group of maps, for tests that let the bridge die between two commands, or LVM refuse one: it remembers what the
 * commands made of it, with what each volume holds. Extents are of 4 MiB.
 */
final class RememberedGroup implements VolumeContents {
    /** Thrown in the place of the n-th command that changes something, and of all after it. */
    static final class Dead extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A volume. */
    static final class Volume {
        long size;
        String attributes;
        String content;
        final TreeSet<String> tags = new TreeSet<>();

        Volume(long size, String attributes, String content) {
            this.size = size;
            this.attributes = attributes;
            this.content = content;
        }

        private boolean thin() {
            return attributes.startsWith("V");
        }

        private void set(int place, char letter) {
            attributes = attributes.substring(0, place) + letter + attributes.substring(place + 1);
        }
    }

    final RecordingExecutor executor = new RecordingExecutor();
    final Map<String, Volume> volumes = new LinkedHashMap<>();

    /** Of the pool, as LVM says it. */
    String health = "";

    String metadataPercent = "10.40";
    private int changes;
    private int dieAt = Integer.MAX_VALUE;
    private int takings;
    private int refuseAt;
    private String refusal = "";

    RememberedGroup(long free) {
        executor.printing("vgs", Recorded.group(free, "", 0))
                .on("lvs", this::report)
                .on("blkdiscard", command -> change(command, () -> zero(command.argv())))
                .on("lv", command -> change(command, () -> apply(command.argv())));
    }

    /**
     * A backend that makes its volumes here.
     *
     * @param state folder of what the bridge notes of bases
     */
    VolumeBackend backend(boolean thin, Path state) {
        return thin
                ? new ThinBackend(
                        executor,
                        Recorded.settings(),
                        ThinPoolSettings.of(ConfigSnapshot.builder().build(), "nova"),
                        Recorded.contents(this),
                        new BaseTimes(state))
                : new LvmBackend(executor, Recorded.settings(), this);
    }

    void dieAt(int change) {
        changes = 0;
        dieAt = change;
    }

    /** LVM refuses the n-th command that takes space, from 1, with these words. */
    void refuse(int taking, String stderr) {
        refuseAt = taking;
        refusal = stderr;
    }

    /** Whether a command has been refused. */
    boolean refused() {
        return refuseAt > 0 && takings >= refuseAt;
    }

    /** Another life of the bridge. */
    void live() {
        dieAt(Integer.MAX_VALUE);
    }

    Volume thick(String name, long size, String content) {
        return add(name, new Volume(size, "-wi-a-----", content));
    }

    Volume thin(String name, long size, String content) {
        return add(name, new Volume(size, "Vwi-a-tz--", content));
    }

    private Volume add(String name, Volume volume) {
        volumes.put(name, volume);
        return volume;
    }

    /** Names and contents, wipes and their random names left out. */
    Map<String, String> holds() {
        Map<String, String> all = new LinkedHashMap<>();
        volumes.forEach((name, volume) -> {
            if (!name.startsWith(LvmNames.WIPE_PREFIX)) {
                all.put(name, volume.content);
            }
        });
        return all;
    }

    @Override
    public void write(DiskContent content, Path device, QemuImg.Before before, Progress progress) {
        die();
        if (!(content instanceof DiskContent.FromFile file)) {
            of(String.valueOf(device.getFileName())).content =
                    content.getClass().getSimpleName();
            return;
        }
        Path from = file.file();
        Volume target = of(String.valueOf(device.getFileName()));
        target.content = "half of " + of(String.valueOf(from.getFileName())).content;
        die();
        target.content = of(String.valueOf(from.getFileName())).content;
    }

    private void die() {
        if (++changes >= dieAt) {
            throw new Dead();
        }
    }

    /** Dies before the command, or after LVM has done it. */
    private CommandResult change(Command command, Runnable act) {
        if (command.toString().matches("(lvcreate|lvextend) .*") && ++takings == refuseAt) {
            throw new CommandFailedException(
                    refusal,
                    RecordingExecutor.result(command, 5, "", "  " + refusal),
                    CommandFailedException.Reason.EXIT);
        }
        die();
        act.run();
        die();
        return RecordingExecutor.result(command, 0, "", "");
    }

    private Volume of(String name) {
        return Objects.requireNonNull(volumes.get(name), name);
    }

    private void apply(List<String> argv) {
        String program = argv.get(0).replaceAll(".*/", "");
        String last =
                String.join(" ", argv).replaceAll("( --addtag \\S+)+$", "").replaceAll(".* (nova/)?", "");
        switch (program) {
            case "lvcreate" -> create(argv, last);
            case "lvextend" -> {
                Volume grown = of(last);
                grown.size = bytes(after(argv, "--size"));
                grown.content = grown.content + (grown.thin() ? " zero" : " dirt");
            }
            case "lvrename" -> {
                Volume moved = of(argv.get(argv.size() - 2));
                if (volumes.containsKey(last)) {
                    throw new AssertionError(last + " exists");
                }
                volumes.remove(argv.get(argv.size() - 2));
                volumes.put(last, moved);
            }
            case "lvremove" -> {
                of(last);
                volumes.remove(last);
            }
            case "lvchange" -> change(argv, of(last));
            default -> throw new AssertionError(program);
        }
    }

    private void create(List<String> argv, String origin) {
        String name = after(argv, "--name");
        if (volumes.containsKey(name)) {
            throw new AssertionError(name + " exists");
        }
        if (argv.contains("--snapshot")) {
            Volume of = of(origin);
            volumes.put(name, new Volume(of.size, "Vri---tz-k", of.content));
        } else if (argv.contains("--virtualsize")) {
            thin(name, bytes(after(argv, "--virtualsize")), "zero");
        } else {
            thick(name, bytes(after(argv, "--size")), "dirt");
        }
        for (int i = 0; i < argv.size(); i++) {
            if (argv.get(i).equals("--addtag")) {
                of(name).tags.add(argv.get(i + 1));
            }
        }
    }

    private static void change(List<String> argv, Volume volume) {
        if (argv.contains("--addtag")) {
            volume.tags.add(after(argv, "--addtag"));
        }
        if (argv.contains("--deltag")) {
            volume.tags.remove(after(argv, "--deltag"));
        }
        if (argv.contains("--permission")) {
            volume.set(1, after(argv, "--permission").equals("rw") ? 'w' : 'r');
        }
        if (argv.contains("--setactivationskip")) {
            volume.set(9, after(argv, "--setactivationskip").equals("n") ? '-' : 'k');
        }
        if (argv.contains("--activate")) {
            volume.set(4, after(argv, "--activate").equals("y") ? 'a' : '-');
        }
    }

    private void zero(List<String> argv) {
        Volume volume = of(argv.get(argv.size() - 1).replaceAll(".*/|-dmcrypt$", ""));
        volume.content = volume.content.replace("dirt", "zero");
    }

    private static String after(List<String> argv, String option) {
        return argv.get(argv.indexOf(option) + 1);
    }

    private static long bytes(String size) {
        return Long.parseLong(size.replace("b", ""));
    }

    private CommandResult report(Command command) {
        String line = command.toString();
        StringBuilder rows = new StringBuilder();
        volumes.forEach((name, volume) -> {
            if (!line.contains("lv_name=\"") || line.contains("lv_name=\"" + name + "\"")) {
                String row = Recorded.thinRow(name, volume.size, volume.attributes)
                        .replace("\"lv_tags\":\"\"", "\"lv_tags\":\"" + String.join(",", volume.tags) + "\"");
                rows.append(volume.thin() ? row : row.replace("\"pool_lv\":\"nova-pool\"", "\"pool_lv\":\"\""));
            }
        });
        boolean pools = line.contains("seg_monitor");
        String answer = pools
                ? Recorded.pool(rows.toString())
                        .replace("\"lv_health_status\":\"\"", "\"lv_health_status\":\"" + health + "\"")
                        .replace("10.40", metadataPercent)
                : "{\"report\": [ {\"lv\": [" + (rows.length() == 0 ? "" : rows.substring(1)) + "]} ]}";
        return RecordingExecutor.result(command, 0, answer, "");
    }

    @Override
    public String toString() {
        return holds() + Arrays.toString(volumes.keySet().toArray());
    }
}
