package org.novabridge.driver.storage;

import java.util.regex.Pattern;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** The shapes of instance ids and disk names; nothing else ever becomes a part of a path. */
public final class DiskNames {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern DISK = Pattern.compile("disk(\\.(local|swap|rescue|eph\\d{1,3}|config(\\.rescue)?))?");

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

    /** True for the name of a disk. */
    static boolean isDisk(String name) {
        return DISK.matcher(name).matches();
    }

    /** The config drive is a raw file under every backend but rbd, as in Nova. */
    static boolean isConfigDrive(String diskName) {
        return diskName.startsWith("disk.config");
    }

    private static String printable(String text) {
        String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return cut.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}
