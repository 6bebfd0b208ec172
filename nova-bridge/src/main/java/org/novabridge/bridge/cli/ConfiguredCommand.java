package org.novabridge.bridge.cli;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that works on this host by its configuration, without the service. */
abstract class ConfiguredCommand implements Callable<Integer> {
    @Mixin
    private final ConfigFiles files = new ConfigFiles();

    @Spec
    private @Nullable CommandSpec spec;

    final CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    final Console console() {
        return Console.of(spec());
    }

    ConfigSnapshot configuration() {
        return Configuration.read(spec(), files);
    }

    /** Who runs this. */
    static int uid() {
        try {
            return FileOwner.ownUid();
        } catch (IOException e) {
            throw new BridgeException(ErrorCode.INTERNAL, "cannot see who runs this: " + e.getMessage(), null, e);
        }
    }
}
