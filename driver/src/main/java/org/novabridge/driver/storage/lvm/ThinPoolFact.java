package org.novabridge.driver.storage.lvm;

import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/** The fact that decides {@code images_lvm_type = auto}. LVM is asked only where the configuration says auto. */
public final class ThinPoolFact {
    private ThinPoolFact() {}

    /**
     * The facts, with {@link HostFact#THIN_POOL} when it matters and was not given.
     *
     * @throws BridgeException when LVM cannot be asked
     */
    public static HostFacts add(ConfigSnapshot config, CommandExecutor executor, HostFacts facts) {
        if (facts.has(HostFact.THIN_POOL)
                || !config.get(LibvirtOptions.IMAGES_TYPE).equals("lvm")
                || !config.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("auto")) {
            return facts;
        }
        LvmSettings settings = LvmSettings.of(config);
        ThinPoolSettings pool = ThinPoolSettings.of(config, settings.group());
        boolean there = new LvmReport(executor, settings.alarmAfter())
                .pool(settings.group(), pool.name())
                .isPresent();
        return facts.toBuilder().put(HostFact.THIN_POOL, there).build();
    }
}
