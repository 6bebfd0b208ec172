package org.novabridge.bridge.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSource;
import picocli.CommandLine.Option;

/** The mixin {@code --socket}: which running bridge a command speaks to. */
final class BridgeSocket {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description =
                    "Socket of the running bridge (default: [nova_bridge] socket in the files where Nova looks, else"
                            + " /run/nova-bridge/bridge.sock).")
    private @Nullable Path socket;

    BridgeClient open() {
        Path given = socket;
        return new BridgeClient(given == null ? configured(new ConfigFiles().source()) : given);
    }

    /**
     * Where the service listens that has this configuration. What else is wrong with it is the service's to tell, and who may not
     * read it gets the default: then the failure to connect names the place.
     */
    static Path configured(ConfigSource source) {
        return Path.of(new ConfigLoader().load(source).snapshot().get(BridgeOptions.SOCKET));
    }
}
