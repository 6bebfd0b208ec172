package org.novabridge.driver.compute;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.host.HostProbe;
import org.novabridge.driver.host.IoUringFact;
import org.novabridge.driver.host.tuning.BlockSizeFact;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.storage.lvm.ThinPoolFact;

/** The facts of this host, probed once, and again after a reload or a lost connection: probing asks libvirt several things. */
final class KnownFacts implements Supplier<HostFacts> {
    private final AtomicReference<@Nullable HostFacts> known = new AtomicReference<>();
    private final ConfigHolder config;
    private final Hypervisor hypervisor;
    private final CommandExecutor executor;

    KnownFacts(ConfigHolder config, Hypervisor hypervisor, CommandExecutor executor) {
        this.config = config;
        this.hypervisor = hypervisor;
        this.executor = executor;
        config.onSwap(() -> known.set(null));
        hypervisor.subscribe(event -> {
            if (event.kind() == GuestEvent.Kind.RESYNC) {
                known.set(null);
            }
        });
    }

    @Override
    public HostFacts get() {
        HostFacts facts = known.get();
        if (facts == null) {
            ConfigSnapshot today = config.snapshot();
            HostFacts probed = HostProbe.probe(today, Optional.of(hypervisor));
            facts = IoUringFact.add(
                    today, executor, BlockSizeFact.add(today, ThinPoolFact.add(today, executor, probed)));
            known.set(facts);
        }
        return facts;
    }
}
