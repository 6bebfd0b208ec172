package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.storage.lvm.VolumeCensus.Role;
import org.novabridge.driver.storage.lvm.VolumeCensus.Volume;

class HostComparisonTest {
    private static final Instant NOW = Instant.parse("2026-01-01T08:00:00Z");
    private static final String OPERATION = "6f70656e-7374-4163-8b00-6272696467e5";

    /** What there is, and what of it does not fit; a plus is behind what may be removed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "nothing",
            value = {
                // Instances that are whole, and such as are on their way.
                "record domain folder disk                | nothing",
                "record domain                            | nothing",
                "domain folder                            | nothing",
                "domain folder disk-of-nova               | nothing",
                "record resizing folder disk keep         | nothing",
                "record sent folder disk                  | nothing",
                "record received folder disk              | nothing",
                "going folder disk                        | nothing",
                "going disk disk-of-nova keep copy        | nothing",
                "record going disk other                  | nothing",
                "domain going disk                        | nothing",
                // Each of them without something.
                "record folder disk                       | record-without-domain",
                "record kept folder disk                  | record-without-domain",
                "domain folder disk                       | domain-without-record",
                "folder                                   | folder-without-instance",
                "folder-in-removal                        | folder-without-instance",
                "folder-of-resize                         | folder-without-instance",
                "disk                                     | volume-unknown+",
                "disk other                               | volume-unknown+ volume-unknown+",
                "disk-of-nova                             | volume-not-ours",
                "record domain disk other                 | volume-not-recorded",
                "record domain resizing disk other-before | nothing",
                // A folder alone may be all that is left of an instance that somebody still wants.
                "folder disk                              | folder-without-instance",
                "folder-of-resize disk-of-nova            | folder-without-instance",
                // What was kept of a disk.
                "keep                                     | volume-unknown+",
                "copy                                     | volume-unknown+",
                "record domain disk keep                  | volume-unknown+",
                "record domain resizing disk keep         | nothing",
                // What has no instance.
                "picture                                  | volume-unknown+",
                "picture going-picture                    | nothing",
                "base                                     | base-unused+",
                "base-in-use                              | nothing",
                "wipe                                     | wipe-waits",
                "wipe-in-use                              | nothing",
                "root-volume                              | nothing",
                // What an operation has left says so itself; what it is about is not called unknown.
                "left disk folder                         | operation-left",
                "left record domain disk                  | operation-left",
            })
    void whatFits(String there, @Nullable String found) {
        assertThat(HostComparison.of(host(Set.of(there.split(" ")))).stream()
                        .map(leftover -> leftover.kind().word() + (leftover.removable() ? "+" : ""))
                        .collect(Collectors.joining(" ")))
                .isEqualTo(found == null ? "" : found);
    }

    private static HostPicture host(Set<String> there) {
        Set<String> unread = new HashSet<>(there);
        List<JournalEntry> operations = new ArrayList<>();
        List<JournalEntry> left = new ArrayList<>();
        if (unread.remove("going")) {
            operations.add(entry("1", UUID_A));
        }
        if (unread.remove("going-picture")) {
            operations.add(entry(OPERATION, "another"));
        }
        if (unread.remove("left")) {
            JournalEntry ended = entry("1", UUID_A)
                    .with(new Undo.RemoveDisk("lvm", "disk"), NOW)
                    .ended(Operation.State.FAILED, java.util.Map.of(), null, NOW);
            operations.add(ended);
            left.add(ended);
        }
        boolean resizing = unread.remove("resizing");
        PendingMigration.Phase migration = null;
        for (PendingMigration.Phase phase : PendingMigration.Phase.values()) {
            migration = unread.remove(phase.word()) ? phase : migration;
        }
        List<InstanceRecord> records = unread.remove("record") ? List.of(record(resizing, migration)) : List.of();
        Set<String> domains = unread.remove("domain") ? Set.of(UUID_A) : Set.of();
        Set<String> folders = new HashSet<>();
        if (unread.remove("folder")) {
            folders.add(UUID_A);
        }
        if (unread.remove("folder-in-removal")) {
            folders.add(UUID_A + "_del");
        }
        if (unread.remove("folder-of-resize")) {
            folders.add(UUID_A + "_resize");
        }
        List<Volume> volumes = unread.stream().map(HostComparisonTest::volume).toList();
        return new HostPicture("nova", records, domains, folders, volumes, operations, left);
    }

    private static JournalEntry entry(String id, String instance) {
        return JournalEntry.pending(id, Operation.Kind.CREATE, instance, OPERATOR, RequestKey.NONE, NOW);
    }

    private static InstanceRecord record(boolean resizing, PendingMigration.@Nullable Phase migration) {
        return new InstanceRecord(
                InstanceRecord.VERSION,
                UUID_A,
                "instance-1",
                "web",
                InstanceOwner.OPERATOR,
                "lvm",
                List.of(RecordedDisk.unrecorded("disk", "lvm")),
                new TextNode("spec"),
                NOW.toString(),
                resizing
                        ? new PendingResize(
                                PendingResize.Phase.WAITING,
                                new TextNode("spec"),
                                null,
                                true,
                                List.of(
                                        RecordedDisk.unrecorded("disk", "lvm"),
                                        RecordedDisk.unrecorded("disk.eph1", "lvm")),
                                List.of("disk"),
                                NOW.toString())
                        : null,
                false,
                migration == null
                        ? null
                        : new PendingMigration(migration, "m", "other", "t", true, false, NOW.toString()),
                null);
    }

    private static Volume volume(String word) {
        return switch (word) {
            case "disk" -> new Volume(UUID_A + "_disk", Role.DISK, UUID_A, "disk", true, 1, false);
            case "disk-of-nova" -> new Volume(UUID_A + "_disk.swap", Role.DISK, UUID_A, "disk.swap", false, 1, false);
            case "other" -> new Volume(UUID_A + "_disk.eph0", Role.DISK, UUID_A, "disk.eph0", true, 1, false);
            case "other-before" -> new Volume(UUID_A + "_disk.eph1", Role.DISK, UUID_A, "disk.eph1", true, 1, false);
            case "keep" -> new Volume("nb-keep-" + UUID_A + "_disk", Role.KEPT, UUID_A, "disk", true, 1, false);
            case "copy" -> new Volume("nb-copy-" + UUID_A + "_disk", Role.KEPT, UUID_A, "disk", true, 1, false);
            case "picture" -> new Volume("nb-snap-" + OPERATION, Role.SNAPSHOT, OPERATION, "", true, 1, false);
            case "base", "base-in-use" ->
                new Volume("nb-base-1", Role.BASE, "", "", true, 1, word.equals("base-in-use"));
            case "wipe", "wipe-in-use" ->
                new Volume("nb-wipe-1", Role.WIPE, "", "", true, 1, word.equals("wipe-in-use"));
            case "root-volume" -> new Volume("root", Role.OTHER, "", "", false, 1, true);
            default -> throw new AssertionError(word);
        };
    }

    @Test
    void eachSaysWhatToDo() {
        assertThat(HostComparison.of(host(Set.of("disk", "base", "picture", "wipe"))))
                .hasSize(4)
                .allSatisfy(leftover -> {
                    assertThat(leftover.message()).isNotEmpty();
                    assertThat(leftover.remedy()).contains("nova-bridge reconcile");
                })
                .filteredOn(leftover -> leftover.name().equals(UUID_A + "_disk"))
                .singleElement()
                .satisfies(disk -> {
                    assertThat(disk.instance()).isEqualTo(UUID_A);
                    assertThat(disk.remedy()).endsWith("nova-bridge reconcile --remove " + UUID_A + "_disk");
                });
    }
}
