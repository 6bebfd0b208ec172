package org.novabridge.driver.compute;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Makes the host of a crash run inside a machine whose power will be cut: {@code FOLDER LINE…}; {@code FOLDER init BACKEND} leaves the group
 * to be made.
 */
public final class CrashPowerHost {
    private CrashPowerHost() {}

    public static void main(String[] args) throws Exception {
        // The file system's own folder for what fsck finds is no part of a bridge's folder.
        Files.deleteIfExists(Path.of(args[0], "lost+found"));
        EmbedBridge bridge = new EmbedBridge(Path.of(args[0]), CrashVolumesHost.LIBVIRT);
        if (args.length == 3 && args[1].equals("init")) {
            CrashInit.configure(bridge, args[2]);
            return;
        }
        CrashVolumesHost.make(bridge, 6, CrashPower.groupDisks(), Arrays.copyOfRange(args, 1, args.length));
    }
}
