package org.novabridge.bridge.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import picocli.CommandLine.Option;

/** The mixin {@code --socket}: which running bridge a command speaks to. */
final class BridgeSocket {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Socket of the running bridge (default: /run/nova-bridge/bridge.sock).")
    private @Nullable Path socket;

    BridgeClient open() {
        Path given = socket;
        return new BridgeClient(given == null ? Path.of(String.valueOf(BridgeOptions.SOCKET.defaultValue())) : given);
    }
}
