package org.novabridge.driver.compute;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageBackends;
import org.novabridge.driver.storage.lvm.ThinBackend;

/** The backends of the configuration in force. They are made when asked for: what they lock is not their own. */
final class ConfiguredBackends implements Backends {
    private static final List<String> NAMES = List.of("raw", "qcow2", "lvm", ThinBackend.NAME);

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;
    private final FileOwner owner;

    ConfiguredBackends(Supplier<ConfigSnapshot> config, CommandExecutor executor, FileOwner owner) {
        this.config = config;
        this.executor = executor;
        this.owner = owner;
    }

    @Override
    public Optional<ImageBackend> find(String name) {
        return ImageBackends.of(config.get(), executor, owner).find(name);
    }

    @Override
    public List<ImageBackend> all() {
        return NAMES.stream()
                .map(this::find)
                .flatMap(Optional::stream)
                .filter(backend -> backend.capabilities().servable())
                .toList();
    }
}
