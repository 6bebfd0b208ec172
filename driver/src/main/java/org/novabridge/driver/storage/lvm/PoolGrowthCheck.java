package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.storage.lvm.PoolProfile.State;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

/** Whether a thin pool of ours will be grown as the options say. Pure: reports in, findings out. */
final class PoolGrowthCheck {
    private static final String INIT = "stop the bridge and run: nova-bridge vg init";

    private final PoolGrowth growth;
    private final PoolProfile profile;
    private final boolean watchedAtActivation;

    /** @param watchedAtActivation LVM has dmeventd watch what it activates ({@code activation/monitoring}) */
    PoolGrowthCheck(PoolGrowth growth, PoolProfile profile, boolean watchedAtActivation) {
        this.growth = growth;
        this.profile = profile;
        this.watchedAtActivation = watchedAtActivation;
    }

    /** @param file what lies where the profile belongs */
    List<VolumeGroupFinding> findings(ThinPool pool, State file) {
        List<VolumeGroupFinding> findings = new ArrayList<>();
        String name = pool.group().name() + "/" + pool.name();
        if (!pool.ours()) {
            if (growth.wanted()) {
                findings.add(new VolumeGroupFinding(
                        Severity.NOTE,
                        "thin pool " + name + " was not made by vg init: LVM's own configuration says when it is grown,"
                                + " not " + LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD.display(),
                        "set activation/thin_pool_autoextend_threshold in lvm.conf or in a profile of the pool"));
            }
            return findings;
        }
        if (!pool.profile().equals(profile.name())) {
            findings.add(warning(
                    "thin pool " + name
                            + (pool.profile().isEmpty()
                                    ? " has no LVM profile"
                                    : " has the LVM profile " + pool.profile())
                            + ", so LVM does not hear of " + growth.describe(),
                    INIT));
        }
        switch (file) {
            case AS_WANTED -> {
                // as it should be
            }
            case MISSING ->
                findings.add(warning(
                        "the LVM profile " + profile.file() + " is missing, so thin pool " + name
                                + " grows as lvm.conf says, by default never",
                        INIT));
            case CHANGED ->
                findings.add(warning(
                        "the LVM profile " + profile.file() + " does not say what the options say (" + growth.describe()
                                + ")",
                        INIT));
            case FOREIGN ->
                findings.add(warning(
                        profile.foreign() + ", and decides when thin pool " + name + " grows",
                        profile.foreignRemedy() + "; then " + INIT));
        }
        if (growth.wanted()) {
            growing(pool, name, findings);
        }
        return findings;
    }

    private void growing(ThinPool pool, String name, List<VolumeGroupFinding> findings) {
        if (!watchedAtActivation) {
            findings.add(warning(
                    "activation/monitoring is 0 in LVM's configuration: after the next start of the host nobody grows"
                            + " thin pool " + name,
                    "write monitoring = 1 in the section activation of lvm.conf"));
        }
        long more = pool.group().roundUp(growth.step(pool.size()));
        if (more > pool.group().free()) {
            boolean due = pool.dataPercent() >= growth.threshold();
            findings.add(new VolumeGroupFinding(
                    due ? Severity.WARNING : Severity.NOTE,
                    "volume group " + pool.group().name() + " has "
                            + pool.group().free() + " bytes free, and the next growth of thin pool " + name + " takes "
                            + more,
                    "vgextend " + pool.group().name() + " DEVICE, or delete guests"));
        }
    }

    private static VolumeGroupFinding warning(String sentence, String remedy) {
        return new VolumeGroupFinding(Severity.WARNING, sentence, remedy);
    }
}
