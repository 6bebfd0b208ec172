package org.novabridge.driver.compute;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageBackends;
import org.novabridge.driver.storage.lvm.ThinBackend;

/** The backends of today's configuration; kept until it changes, since a backend holds the lock of its storage. */
final class ConfiguredBackends implements Backends {
    private static final List<String> NAMES = List.of("raw", "qcow2", "lvm", ThinBackend.NAME);

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;
    private final FileOwner owner;
    private final Map<String, Optional<ImageBackend>> known = new HashMap<>();
    private @Nullable ConfigSnapshot of;

    ConfiguredBackends(Supplier<ConfigSnapshot> config, CommandExecutor executor, FileOwner owner) {
        this.config = config;
        this.executor = executor;
        this.owner = owner;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a reload makes a new snapshot
    public synchronized Optional<ImageBackend> find(String name) {
        ConfigSnapshot today = config.get();
        if (of != today) {
            known.clear();
            of = today;
        }
        return known.computeIfAbsent(
                name, wanted -> ImageBackends.of(today, executor, owner).find(wanted));
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
