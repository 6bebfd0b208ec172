package org.novabridge.bridge.cli;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.host.HypervisorSite;
import org.novabridge.driver.host.tuning.DriverSource;
import org.novabridge.driver.hypervisor.GuestDriver;
import org.novabridge.driver.hypervisor.LibvirtHypervisor;
import org.novabridge.driver.hypervisor.LibvirtSettings;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Asks the agents of guests through libvirt, which is connected to for the first one. Root alone may; and an embedded driver
 * belongs to the process of the bridge. Guests that do not answer take a few seconds each, so all together have a bound.
 */
final class AskedGuests implements DriverSource, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration ALL_TOGETHER = Duration.ofSeconds(30);

    private final HypervisorSite site;
    private @Nullable LibvirtHypervisor libvirt;
    private @Nullable BridgeException unreachable;
    private long spent;

    AskedGuests(ConfigSnapshot config) {
        site = HypervisorSite.of(config);
    }

    @Override
    public List<GuestDriver> of(String uuid) {
        if (!HostTuningCommand.root()) {
            throw unknown("root alone may ask its agent");
        }
        if (site.embedRoot().isPresent()) {
            throw unknown("the embedded driver answers to the bridge alone");
        }
        if (spent > ALL_TOGETHER.toNanos()) {
            throw unknown("it was not asked, since others have taken " + ALL_TOGETHER.toSeconds() + " s");
        }
        long begin = System.nanoTime();
        try {
            return connected().drivers(uuid);
        } finally {
            spent += System.nanoTime() - begin;
        }
    }

    private LibvirtHypervisor connected() {
        if (unreachable != null) {
            throw unreachable;
        }
        LibvirtHypervisor open = libvirt;
        if (open == null) {
            LibvirtSettings usual = LibvirtSettings.of(site.uri());
            try {
                open = LibvirtHypervisor.open(
                        new LibvirtSettings(
                                site.uri(),
                                PATIENCE,
                                PATIENCE,
                                usual.changeAlarm(),
                                usual.firstBackOff(),
                                usual.longestBackOff()),
                        Clock.systemUTC());
            } catch (BridgeException e) {
                unreachable = e;
                throw e;
            }
            libvirt = open;
        }
        return open;
    }

    private static BridgeException unknown(String why) {
        return new BridgeException(ErrorCode.NOT_SUPPORTED, why);
    }

    @Override
    public void close() {
        if (libvirt != null) {
            libvirt.close();
        }
    }
}
