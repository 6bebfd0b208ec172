package org.novabridge.driver.host.tuning;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.host.tuning.TuningChange.FileWrite;
import org.novabridge.driver.host.tuning.TuningChange.KernelWrite;
import org.novabridge.driver.host.tuning.TuningOutcome.Result;
import org.novabridge.driver.host.tuning.TuningRecord.Entry;
import org.novabridge.driver.host.tuning.TuningRecord.Kind;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.AtomicFile;

/**
 * Makes the changes of a plan and takes them back. Each change is in the {@link TuningRecord} before it is made; each that is
 * taken back leaves the record after that. What somebody else has changed since is left as it is, and said.
 */
public final class HostTuner {
    /** The record's name in state_path. */
    static final String RECORD = "host-tuning.json";

    private static final Pattern QUEUE = Pattern.compile("/sys/block/([^/]+)/queue/.*");

    private final HostTree tree;
    private final Path record;
    private final TuningSteps steps;

    HostTuner(HostTree tree, Path statePath, TuningSteps steps) {
        this.tree = tree;
        this.record = statePath.resolve(RECORD);
        this.steps = steps;
    }

    /** This host; the caller is root and holds the lock of tuning. */
    public static HostTuner ofThisHost(Path statePath) {
        return new HostTuner(HostTree.ofThisHost(), statePath, TuningSteps.NONE);
    }

    /**
     * Makes the changes, one after the other; one that fails does not keep the others from being made.
     *
     * @param told of each change when it is done
     * @throws BridgeException FORBIDDEN, with nothing changed, when a file where one of ours belongs is not ours, or not as we
     *     have written it
     */
    public List<TuningOutcome> apply(TuningPlan plan, Consumer<TuningOutcome> told) {
        if (!plan.foreign().isEmpty()) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    String.join(", ", plan.foreign()) + " was not made by nova-bridge, and lies where a file of ours"
                            + " belongs; nothing was changed",
                    "move it away or rename it");
        }
        TuningRecord done = TuningRecord.read(record);
        plan.afterBoot().forEach(change -> demandUntouched(change, done));
        List<TuningOutcome> outcomes = new ArrayList<>();
        // Files first: after a kill between the two, a boot brings what was meant, and undo knows both.
        for (FileWrite change : plan.afterBoot()) {
            add(write(change, done), outcomes, told);
        }
        for (KernelWrite change : plan.now()) {
            add(write(change, done), outcomes, told);
        }
        return outcomes;
    }

    /** What an operator has added to a file of ours would be lost. */
    private static void demandUntouched(FileWrite change, TuningRecord done) {
        String now = change.before();
        if (now != null
                && done.find(change.path())
                        .filter(entry -> !entry.ours(now) && !now.equals(entry.before()))
                        .isPresent()) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    change.path() + " has been changed since nova-bridge wrote it; nothing was changed",
                    "keep what is yours in a file of another name, and remove this one: it is written anew");
        }
    }

    private static void add(TuningOutcome outcome, List<TuningOutcome> outcomes, Consumer<TuningOutcome> told) {
        outcomes.add(outcome);
        told.accept(outcome);
    }

    private TuningOutcome write(KernelWrite change, TuningRecord done) {
        String path = change.path();
        Optional<String> before = current(path);
        if (before.isEmpty()) {
            return new TuningOutcome(path, Result.FAILED, tree.whyNot(path));
        }
        steps.reach("before record of " + path);
        done.remember(new Entry(Kind.KERNEL, path, before.get(), List.of(change.value()), disk(path)));
        steps.reach("after record of " + path);
        try {
            tree.write(path, change.value());
        } catch (IOException e) {
            return new TuningOutcome(path, Result.FAILED, path + ": " + e.getMessage());
        }
        steps.reach("after write of " + path);
        String now = current(path).orElse("");
        if (!now.equals(change.value())) {
            return new TuningOutcome(
                    path, Result.SHORT, path + ": " + change.value() + " was wanted, and the kernel has " + now);
        }
        return new TuningOutcome(path, Result.DONE, path + ": " + before.get() + " -> " + now);
    }

    private TuningOutcome write(FileWrite change, TuningRecord done) {
        String path = change.path();
        Path file = tree.at(path);
        Optional<String> now = tree.text(path);
        if (tree.isLink(path) || !Objects.equals(now.orElse(null), change.before())) {
            return new TuningOutcome(path, Result.FAILED, path + " has been changed since it was looked at");
        }
        try {
            folder(path, done);
            steps.reach("before record of " + path);
            done.remember(new Entry(Kind.FILE, path, now.orElse(null), List.of(change.content()), null));
            steps.reach("after record of " + path);
            if (change.removes()) {
                AtomicFile.remove(file);
            } else {
                AtomicFile.write(file, change.content().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
            }
            steps.reach("after write of " + path);
        } catch (IOException e) {
            return new TuningOutcome(path, Result.FAILED, path + ": " + e);
        }
        String what = change.removes() ? " removed" : now.isPresent() ? " renewed" : " written";
        return new TuningOutcome(path, Result.DONE, path + what);
    }

    private void folder(String path, TuningRecord done) throws IOException {
        String folder = path.substring(0, path.lastIndexOf('/'));
        if (!tree.present(folder)) {
            done.remember(new Entry(Kind.FOLDER, folder, null, List.of(""), null));
            steps.reach("after record of " + folder);
            Files.createDirectories(tree.at(folder));
        }
    }

    /** What undo would do, in its order; changes nothing. */
    public List<String> planUndo() {
        List<String> lines = new ArrayList<>();
        backwards(TuningRecord.read(record))
                .forEach(entry -> lines.add(
                        switch (settle(entry)) {
                            case NOTHING -> entry.path() + " is as it was";
                            case RESTORE -> line(entry);
                            case LEAVE -> left(entry).sentence();
                        }));
        return lines;
    }

    private static String line(Entry entry) {
        return switch (entry.kind()) {
            case KERNEL -> entry.path() + ": back to " + entry.before();
            case FILE -> entry.before() == null ? "remove " + entry.path() : entry.path() + ": back to its older text";
            case FOLDER -> "remove the folder " + entry.path() + " when it is empty";
        };
    }

    /** Takes back what apply did, last things first. Repeating it is safe; what failed is tried again. */
    public List<TuningOutcome> undo(Consumer<TuningOutcome> told) {
        TuningRecord done = TuningRecord.read(record);
        List<TuningOutcome> outcomes = new ArrayList<>();
        for (Entry entry : backwards(done)) {
            steps.reach("before undo of " + entry.path());
            TuningOutcome outcome = undo(entry);
            steps.reach("after undo of " + entry.path());
            if (outcome.result() != Result.FAILED) {
                done.forget(entry);
            }
            add(outcome, outcomes, told);
        }
        return outcomes;
    }

    private static List<Entry> backwards(TuningRecord record) {
        List<Entry> entries = new ArrayList<>(record.entries());
        Collections.reverse(entries);
        return entries;
    }

    private TuningOutcome undo(Entry entry) {
        String path = entry.path();
        try {
            if (entry.kind() == Kind.FILE) {
                // Half of one, from a kill in the middle of writing it.
                Files.deleteIfExists(tree.at(path + AtomicFile.TEMPORARY));
            }
            return switch (settle(entry)) {
                case NOTHING -> new TuningOutcome(path, Result.DONE, path + " is as it was");
                case LEAVE -> left(entry);
                case RESTORE -> {
                    restore(entry);
                    yield new TuningOutcome(path, Result.DONE, line(entry));
                }
            };
        } catch (DirectoryNotEmptyException e) {
            return new TuningOutcome(path, Result.LEFT, "the folder " + path + " is not empty and stays");
        } catch (IOException e) {
            return new TuningOutcome(path, Result.FAILED, path + " cannot be taken back: " + e.getMessage());
        }
    }

    private void restore(Entry entry) throws IOException {
        String before = entry.before();
        switch (entry.kind()) {
            case KERNEL -> tree.write(entry.path(), Objects.requireNonNull(before));
            case FOLDER -> Files.deleteIfExists(tree.at(entry.path()));
            case FILE -> {
                if (before == null) {
                    AtomicFile.remove(tree.at(entry.path()));
                } else {
                    AtomicFile.write(tree.at(entry.path()), before.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
                }
            }
        }
    }

    private enum Way {
        NOTHING,
        RESTORE,
        LEAVE
    }

    private Way settle(Entry entry) {
        Optional<String> now = now(entry);
        if (Objects.equals(now.orElse(null), entry.before())) {
            return Way.NOTHING;
        }
        if (entry.kind() == Kind.KERNEL && !Objects.equals(disk(entry.path()), entry.disk())) {
            return Way.LEAVE;
        }
        return now.filter(entry::ours).isPresent() ? Way.RESTORE : Way.LEAVE;
    }

    private Optional<String> now(Entry entry) {
        return switch (entry.kind()) {
            case KERNEL -> current(entry.path());
            case FILE -> tree.isLink(entry.path()) ? Optional.of("(a link)") : tree.text(entry.path());
            case FOLDER -> tree.present(entry.path()) ? Optional.of("") : Optional.empty();
        };
    }

    private TuningOutcome left(Entry entry) {
        String path = entry.path();
        String why = Objects.equals(disk(path), entry.disk())
                ? "somebody has changed it since (it is " + shortened(now(entry).orElse("gone")) + ")"
                : "another disk has this name now";
        return new TuningOutcome(path, Result.LEFT, path + " stays as it is: " + why);
    }

    private static String shortened(String text) {
        return text.length() > 40 || text.contains("\n") ? "another text" : text;
    }

    private Optional<String> current(String path) {
        return tree.value(path).map(text -> text.contains("[") ? Choice.of(text).selected() : text);
    }

    private @Nullable String disk(String path) {
        Matcher queue = QUEUE.matcher(path);
        return queue.matches()
                ? PhysicalDisk.identity(tree, queue.group(1))
                        .map(PhysicalDisk.Identity::value)
                        .orElse(null)
                : null;
    }
}
