package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The shapes of instance ids and disk names; nothing else ever becomes a part of a path. A kernel and a ramdisk beside the
 * disks are kept as these are.
 */
public final class DiskNames {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern DISK = Pattern.compile(
            "disk(\\.(local|swap|rescue|eph\\d{1,3}|config(\\.rescue)?))?|(kernel|ramdisk)(\\.rescue)?");

    private DiskNames() {}

    public static void check(String instanceUuid, String diskName) {
        checkInstance(instanceUuid);
        if (!DISK.matcher(diskName).matches()) {
            throw new BridgeException(ErrorCode.INVALID_REQUEST, "'" + printable(diskName) + "' is no name of a disk");
        }
    }

    public static void checkInstance(String instanceUuid) {
        if (!UUID.matcher(instanceUuid).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "'" + printable(instanceUuid) + "' is no canonical UUID");
        }
    }

    /** The disks among the files of a folder, sorted; none when there is no such folder. */
    static List<String> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(DiskNames::isDisk)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw StorageFailures.of("listing " + folder, e);
        }
    }

    private static boolean isDisk(String name) {
        return DISK.matcher(name).matches();
    }

    /** The config drive is a raw file under every backend but rbd, as in Nova. */
    public static boolean isConfigDrive(String diskName) {
        return diskName.startsWith("disk.config");
    }

    private static String printable(String text) {
        String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return cut.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}
