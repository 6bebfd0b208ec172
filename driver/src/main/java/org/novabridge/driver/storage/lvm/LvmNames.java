package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskNames;

/**
 * Names of volume groups and logical volumes. Those of disks are Nova's, letter by letter, so that
 * stock Nova finds our disks and we find its own: the instance's uuid, an underscore, and the disk's
 * name with each underscore doubled (nova/virt/libvirt/imagebackend.py 26.2.2, {@code Lvm.__init__}).
 */
final class LvmNames {
    /** Logical volumes that wait for their wipe; never a uuid in front, so Nova sees none of its disks. */
    static final String WIPE_PREFIX = "nb-wipe-";

    /** Images that guests' thin disks are snapshots of. */
    static final String BASE_PREFIX = "nb-base-";

    /** Such an image while it is being filled; nobody uses it, and a crash leaves it to be removed. */
    static final String FILL_PREFIX = "nb-fill-";

    /** Pictures of disks; the id of the operation that took it follows. */
    static final String SNAPSHOT_PREFIX = "nb-snap-";

    /** What a disk was before a resize; the name of its volume follows. */
    static final String KEPT_PREFIX = "nb-keep-";

    /** Such a volume while it is being copied; a crash leaves it to be wiped. */
    static final String COPY_PREFIX = "nb-copy-";

    /** What we call ours: on the volume group and the pool that {@code vg init} made, and on each guest's disk. */
    static final String OURS_TAG = "nova-bridge";

    /** On a volume group whose free extents hold nothing but zeroes. */
    static final String CLEAN_TAG = "nb-clean";

    /** All that was free, while {@code vg init --wipe} writes zeroes to it; a crash leaves it as one more wipe. */
    static final String FREE_SPACE = WIPE_PREFIX + "free";

    /** With a number of bytes behind it, on a volume that grows: what lies beyond is not zeroed yet. */
    static final String CLEAN_TO_TAG = "nb-clean-to=";

    /** With a number of bytes behind it, on a base: what it has taken from the pool. */
    static final String ALLOCATED_TAG = "nb-allocated=";

    /** {@link BaseChecksum} of a base. */
    static final String CHECKSUM_TAG = "nb-sha256=";

    /** With a number of bytes behind it, on a volume that is being wiped: zeroes for good up to there. */
    static final String WIPED_TO_TAG = "nb-wiped-to=";

    /** With the former name behind it; earlier versions put it on a volume that waits for its wipe. */
    static final String WAS_TAG = "nb-was=";

    /** With format, key size and cipher behind it, on an encrypted volume; see {@link CryptFormat}. */
    static final String CRYPT_TAG = "nb-crypt=";

    /** On an encrypted volume: what only its own key matches; see {@link KeyCheck}. */
    static final String KEY_CHECK_TAG = "nb-key-check=";

    /** nova/virt/libvirt/storage/dmcrypt.py 26.2.2, {@code volume_name}. */
    private static final String MAPPING_SUFFIX = "-dmcrypt";

    /** Most characters of a device-mapper name (DM_NAME_LEN in linux/dm-ioctl.h, with the final zero byte). */
    private static final int LONGEST_DEVICE = 127;

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern GROUP = Pattern.compile("[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]{0,126}");

    private static final int DIGEST_LENGTH = 40;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{" + DIGEST_LENGTH + "}");

    private static final Map<String, VolumeCensus.Role> ROLES = Map.of(
            WIPE_PREFIX, VolumeCensus.Role.WIPE,
            BASE_PREFIX, VolumeCensus.Role.BASE,
            FILL_PREFIX, VolumeCensus.Role.BASE,
            SNAPSHOT_PREFIX, VolumeCensus.Role.SNAPSHOT,
            KEPT_PREFIX, VolumeCensus.Role.KEPT,
            COPY_PREFIX, VolumeCensus.Role.KEPT);

    private LvmNames() {}

    /** The logical volume of a disk. */
    static String volume(String instanceUuid, String diskName) {
        DiskNames.check(instanceUuid, diskName);
        return prefix(instanceUuid) + diskName.replace("_", "__");
    }

    /** Whether a device is called as the mapping of an encrypted volume is. */
    static boolean isMapping(String device) {
        return device.endsWith(MAPPING_SUFFIX);
    }

    /** The volume of an instance that a device is called the mapping of; empty for every other name. */
    static Optional<String> mappedVolume(String device) {
        return Optional.of(device)
                .filter(LvmNames::isMapping)
                .map(name -> name.substring(0, name.length() - MAPPING_SUFFIX.length()))
                .filter(volume -> instance(volume).isPresent());
    }

    /** Device-mapper's name for the mapping of an encrypted volume. */
    static String mapping(String volume) {
        return volume + MAPPING_SUFFIX;
    }

    /** What the names of all volumes of an instance begin with. */
    static String prefix(String instanceUuid) {
        DiskNames.checkInstance(instanceUuid);
        return instanceUuid + "_";
    }

    /**
     * The name of a volume that waits for its wipe; with its former name at the end, for operators, while the
     * device-mapper takes so much.
     *
     * @param unique no two have the same
     */
    static String wiped(String group, String volume, String unique) {
        String telling = WIPE_PREFIX + unique + "-" + volume;
        return LvmCommands.mapperName(group, telling).length() <= LONGEST_DEVICE ? telling : WIPE_PREFIX + unique;
    }

    /** The instance a volume belongs to by its name; empty for any other volume. */
    static Optional<String> instance(String volume) {
        if (volume.length() > 37 && volume.charAt(36) == '_') {
            return Optional.of(volume.substring(0, 36))
                    .filter(text -> UUID.matcher(text).matches());
        }
        return Optional.empty();
    }

    /** The disk's name in the name of a volume that {@link #instance} knows. */
    static String disk(String volume) {
        return volume.substring(37).replace("__", "_");
    }

    /** Names that say what a volume of ours is. */
    static boolean reserved(String volume) {
        return ROLES.keySet().stream().anyMatch(volume::startsWith);
    }

    /** What a volume is by its name. */
    static VolumeCensus.Role role(String volume) {
        return ROLES.entrySet().stream()
                .filter(role -> volume.startsWith(role.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(instance(volume).isPresent() ? VolumeCensus.Role.DISK : VolumeCensus.Role.OTHER);
    }

    /** What stands behind one of our prefixes: the disk's volume, or what else it was made of; else the name itself. */
    static String below(String volume) {
        return ROLES.keySet().stream()
                .filter(volume::startsWith)
                .findFirst()
                .map(prefix -> volume.substring(prefix.length()))
                .orElse(volume);
    }

    /** The base of an image whose file in the cache is {@code <sha1 of the image id>}. */
    static String base(Path cached) {
        String digest = String.valueOf(cached.getFileName());
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("no file of the image cache: " + cached);
        }
        return BASE_PREFIX + digest;
    }

    /** The same base, grown to the size of disks that are snapshots of it. */
    static String sizedBase(String base, long bytes) {
        return base + "-" + bytes;
    }

    /** The base of the image, of any volume that holds it: one that is grown, and one that is being filled. */
    static String imageOf(String volume) {
        String base = baseOfFill(volume);
        int end = BASE_PREFIX.length() + DIGEST_LENGTH;
        return base.startsWith(BASE_PREFIX) && base.length() > end ? base.substring(0, end) : base;
    }

    /** The name of a base while it is being filled. */
    static String fillOfBase(String base) {
        return FILL_PREFIX + base.substring(BASE_PREFIX.length());
    }

    /** The base that a half-filled one would become; any other name stays as it is. */
    static String baseOfFill(String volume) {
        return volume.startsWith(FILL_PREFIX) ? BASE_PREFIX + volume.substring(FILL_PREFIX.length()) : volume;
    }

    /** The picture that an operation took of a disk. */
    static String snapshot(String id) {
        if (!UUID.matcher(id).matches()) {
            throw new IllegalArgumentException("no id of an operation: " + id);
        }
        return SNAPSHOT_PREFIX + id;
    }

    /** What the volume of a disk was before a resize. Nova, which removes by uuid, does not find it. */
    static String kept(String instanceUuid, String diskName) {
        return KEPT_PREFIX + volume(instanceUuid, diskName);
    }

    /** The name of {@link #kept} while it is being copied. */
    static String copy(String instanceUuid, String diskName) {
        return COPY_PREFIX + volume(instanceUuid, diskName);
    }

    static Path device(String group, String volume) {
        return Path.of("/dev", group, volume);
    }

    /** The group's name, when LVM would take it (lvm(8), VALID NAMES). */
    static String group(String name) {
        if (!GROUP.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]images_volume_group: \"" + printable(name) + "\" is no name of a volume group",
                    "use letters, digits and + _ . - and no slash, as in: images_volume_group = nova");
        }
        return name;
    }

    private static String printable(String text) {
        String start = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
