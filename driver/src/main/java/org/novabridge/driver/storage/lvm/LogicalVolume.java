package org.novabridge.driver.storage.lvm;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A logical volume as LVM reports it.
 *
 * @param size bytes
 * @param attributes the ten letters of lvs(8), {@code lv_attr}
 * @param pool name of the thin pool that it takes its space from; empty for a thick volume
 * @param dataPercent how much of it has space, of a thin volume or pool; 0 when LVM does not say
 */
public record LogicalVolume(
        String name, long size, List<String> tags, String attributes, String pool, double dataPercent) {
    public LogicalVolume {
        tags = List.copyOf(tags);
    }

    /** The same under another name, without tags. */
    LogicalVolume asNew(String other) {
        return new LogicalVolume(other, size, List.of(), attributes, pool, dataPercent);
    }

    /** Some process has its device open. */
    public boolean open() {
        return letter(5) == 'o';
    }

    /** Its device exists. */
    public boolean active() {
        return letter(4) == 'a' || suspended();
    }

    /** Left between suspend and resume: every access to it hangs. */
    public boolean suspended() {
        return letter(4) == 's';
    }

    /** A snapshot, or the kind of sparse volume that Nova's sparse_logical_volumes makes. */
    boolean snapshot() {
        return letter(0) == 's' || letter(0) == 'S';
    }

    /** A snapshot of a thick volume whose store was full: it is worthless (lvs(8), lv_attr, state I or S). */
    boolean overflowed() {
        return snapshot() && (letter(4) == 'I' || letter(4) == 'S');
    }

    /** A thick volume that snapshots keep former data of; they go with it when it is removed. */
    boolean origin() {
        return letter(0) == 'o' || letter(0) == 'O';
    }

    /** Takes space from a thin pool where it is written. */
    public boolean thin() {
        return !pool.isEmpty();
    }

    /** Made by us. A disk without any of our tags is stock Nova's, or somebody's who has called it so. */
    boolean ours() {
        return tags.contains(LvmNames.OURS_TAG)
                || !cryptTags().isEmpty()
                || cleanTo().isPresent()
                || LvmNames.reserved(name);
    }

    /** Bytes that a thin volume has taken from its pool; of an inactive one LVM does not know, so bases are tagged. */
    long allocated() {
        return tagged(LvmNames.ALLOCATED_TAG).orElseGet(this::written);
    }

    /**
     * Bytes of its pool that a thin volume may come to take. A base that is being filled is counted as all that it may
     * become until its tag says what it became: nobody else may be promised that meanwhile. What a picture holds is its
     * own when its disk is written over; while it is active LVM knows it better than the tag from before it was taken.
     */
    long mayTake() {
        OptionalLong known = tagged(LvmNames.ALLOCATED_TAG);
        if (known.isPresent() && picture()) {
            return Math.max(known.getAsLong(), written());
        }
        return known.isPresent() || (base() && !halfFilled()) ? allocated() : size;
    }

    /** What a base held when it was made ({@link BaseChecksum}); empty for one that was made before there were such tags. */
    Optional<String> checksum() {
        return tags.stream()
                .filter(tag -> tag.startsWith(LvmNames.CHECKSUM_TAG))
                .map(tag -> tag.substring(LvmNames.CHECKSUM_TAG.length()))
                .findFirst();
    }

    private long written() {
        return Math.round(size * dataPercent / 100);
    }

    /** A thin pool itself, which is no disk. */
    boolean thinPool() {
        return letter(0) == 't';
    }

    /** An image that disks are snapshots of, or is being made one. */
    boolean base() {
        return name.startsWith(LvmNames.BASE_PREFIX) || halfFilled();
    }

    /** An image that is being filled, or was when the bridge died. */
    boolean halfFilled() {
        return name.startsWith(LvmNames.FILL_PREFIX);
    }

    /** What a disk was before a resize that is neither confirmed nor reverted. */
    boolean kept() {
        return name.startsWith(LvmNames.KEPT_PREFIX);
    }

    /** Such a volume that is being copied, or was when the bridge died. */
    boolean halfCopied() {
        return name.startsWith(LvmNames.COPY_PREFIX);
    }

    /** A snapshot that an image of a guest is made from, or was when the bridge died. */
    boolean picture() {
        return name.startsWith(LvmNames.SNAPSHOT_PREFIX);
    }

    /** Nobody may write to it. */
    boolean readOnly() {
        return letter(1) == 'r';
    }

    boolean waitsForWipe() {
        return name.startsWith(LvmNames.WIPE_PREFIX);
    }

    /** For a volume whose growth was interrupted: up to where its blocks are known to be its own. */
    OptionalLong cleanTo() {
        return tagged(LvmNames.CLEAN_TO_TAG);
    }

    /** For a volume whose wipe was interrupted: up to where it is done for good. */
    OptionalLong wipedTo() {
        return tagged(LvmNames.WIPED_TO_TAG);
    }

    /** What says how it is encrypted and with which key; empty when it is not. */
    List<String> cryptTags() {
        return tags.stream()
                .filter(tag -> tag.startsWith(LvmNames.CRYPT_TAG) || tag.startsWith(LvmNames.KEY_CHECK_TAG))
                .toList();
    }

    private OptionalLong tagged(String prefix) {
        return tags.stream()
                .filter(tag -> tag.startsWith(prefix))
                .mapToLong(tag -> Long.parseLong(tag.substring(prefix.length())))
                .min();
    }

    private char letter(int place) {
        return attributes.length() > place ? attributes.charAt(place) : '-';
    }
}
