package org.novabridge.driver.storage.lvm;

import java.util.List;
import java.util.function.Predicate;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Whether a volume group has room for a volume: now, when the wipes that go on have ended, or not at all. Pure:
 * reports in, decision out.
 */
final class RoomRule {
    private RoomRule() {}

    /**
     * @param enough there is room now
     * @param wipes else, the volumes whose wipes bring it; empty when they do not
     * @param sentence what is missing, in bytes
     * @param remedy what an operator can do about it
     */
    record Room(boolean enough, List<String> wipes, String sentence, String remedy) {
        Room {
            wipes = List.copyOf(wipes);
        }

        /** Nothing that goes on by itself brings the room. */
        boolean hopeless() {
            return !enough && wipes.isEmpty();
        }

        BridgeException full() {
            return new BridgeException(ErrorCode.STORAGE_FULL, sentence, remedy);
        }
    }

    /**
     * @param more bytes that are needed, whole extents
     * @param volumes of the group; not looked at when there is room
     * @param expected whether the wipe of a volume that waits for one will end without anybody's doing
     */
    static Room decide(VolumeGroup group, long more, List<LogicalVolume> volumes, Predicate<LogicalVolume> expected) {
        if (more <= group.free()) {
            return new Room(true, List.of(), "", "");
        }
        List<LogicalVolume> waiting =
                volumes.stream().filter(LogicalVolume::waitsForWipe).toList();
        List<LogicalVolume> wiped = waiting.stream().filter(expected).toList();
        long freed = wiped.stream().mapToLong(LogicalVolume::size).sum();
        StringBuilder sentence = new StringBuilder(
                "volume group " + group.name() + " has " + group.free() + " bytes free, and " + more + " are needed");
        if (!wiped.isEmpty()) {
            sentence.append("; deleted disks that are being wiped give back ")
                    .append(freed)
                    .append(" more");
        }
        List<String> failed = waiting.stream()
                .filter(expected.negate())
                .map(LogicalVolume::name)
                .toList();
        if (!failed.isEmpty()) {
            sentence.append("; the wipe of ")
                    .append(String.join(", ", failed))
                    .append(" failed and is tried again at the next start of the bridge");
        }
        boolean later = more <= group.free() + freed;
        return new Room(
                false,
                later ? wiped.stream().map(LogicalVolume::name).toList() : List.of(),
                sentence.toString(),
                "delete guests, or add a device to it: vgextend " + group.name() + " <device>");
    }
}
