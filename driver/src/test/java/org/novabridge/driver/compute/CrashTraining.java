package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.UUID;

/**
 * A bridge process that lives through one instance on files, for tools/lvm-lab-tests: the archive of classes for the
 * processes of a lab is made on the host, where each of them starts twenty times as fast. {@code FOLDER}, an empty one.
 */
public final class CrashTraining {
    private CrashTraining() {}

    public static void main(String[] args) throws Exception {
        EmbedBridge bridge = new EmbedBridge(Path.of(args[0]), CrashVolumesHost.LIBVIRT);
        bridge.configure("raw");
        bridge.makeImage(1);
        CrashChild.main(new String[] {
            CrashChild.Action.PREPARE.name(),
            args[0],
            bridge.uri(),
            UUID.randomUUID().toString(),
            "0"
        });
    }
}
