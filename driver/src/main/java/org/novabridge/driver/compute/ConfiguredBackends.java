package org.novabridge.driver.compute;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageBackends;
import org.novabridge.driver.storage.lvm.LvmBackend;
import org.novabridge.driver.storage.lvm.ThinBackend;

/** The backends of the configuration in force. They are made when asked for: what they lock is not their own. */
final class ConfiguredBackends implements Backends {
    /** Without those of encrypted volumes: the others list these too, and remove them. */
    private static final List<String> NAMES = List.of("raw", "qcow2", LvmBackend.NAME, ThinBackend.NAME);

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;
    private final FileOwner owner;
    private final DiskKeys keys;

    ConfiguredBackends(Supplier<ConfigSnapshot> config, CommandExecutor executor, FileOwner owner, DiskKeys keys) {
        this.keys = keys;
        this.config = config;
        this.executor = executor;
        this.owner = owner;
    }

    @Override
    public Optional<ImageBackend> find(String name) {
        return ImageBackends.of(config.get(), executor, owner, keys).find(name);
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
