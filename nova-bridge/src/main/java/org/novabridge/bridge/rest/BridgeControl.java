package org.novabridge.bridge.rest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.HostNode;
import org.novabridge.driver.compute.HostReport;
import org.novabridge.driver.compute.HostResources;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.OutsideDevice;
import org.novabridge.driver.compute.OutsideDevices;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.hypervisor.GuestStatistics;
import org.novabridge.driver.hypervisor.HostCpuTimes;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ImageSpec;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDomain.LiveDisplay;
import org.novabridge.driver.model.OutsideSpec;
import org.novabridge.driver.storage.CacheEntry;
import org.novabridge.driver.storage.lvm.PoolForecast;

/** What the running bridge says about itself: its configuration, its host, and why disks are as they are. */
public interface BridgeControl {

    /**
     * One written option.
     *
     * @param option {@code [libvirt]disk_cachemodes}
     * @param value as text; stars for a secret one
     * @param origin file and line
     */
    record Setting(String option, String value, String origin) {}

    /**
     * What a reload did.
     *
     * @param changed options with another value than before
     * @param needRestart those of them that act only after a restart of the bridge
     * @param warnings what the configuration check says, without errors
     */
    record Reload(List<String> changed, List<String> needRestart, List<String> warnings) {}

    /**
     * Why one attribute of one disk has its value.
     *
     * @param disk target device ({@code vda})
     * @param value null when the attribute is left out of the document
     * @param rule name of the rule that decided
     * @param origin file and line, extra spec, image property, host fact or default
     * @param reason one sentence
     * @param running what the running guest has instead, from before a change; null when it has the value,
     *     or does not run
     */
    record Explanation(
            String disk,
            String attribute,
            @Nullable String value,
            String rule,
            String origin,
            String reason,
            @Nullable String running) {}

    /** The options that somebody wrote, in the order of their declaration. */
    List<Setting> configuration();

    /**
     * Reads the files again and swaps the configuration; running guests keep what they have.
     *
     * @throws BridgeException INVALID_CONFIGURATION with all errors; the old configuration stays
     */
    Reload reload();

    /** The facts of this host, as JSON values. */
    Object hostFacts();

    /**
     * What this host is to Nova's scheduler, but for its disks.
     *
     * @throws BridgeException INVALID_CONFIGURATION, HYPERVISOR_UNAVAILABLE, HYPERVISOR_FAILED
     */
    HostNode node();

    /**
     * What the processors of this host have done since its start.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE, NOT_SUPPORTED
     */
    HostCpuTimes cpuTimes();

    /** How full the thin pool of guests' disks is, and when it will be; none where disks are not in one. */
    List<PoolForecast> pools();

    /**
     * What this host has for guests' disks now.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE, STORAGE_FAILED: no numbers rather than wrong ones
     */
    HostResources resources();

    /**
     * Compares the host with what is known of it.
     *
     * @see org.novabridge.driver.compute.HostReconciliation#report
     */
    HostReport reconcileReport(List<String> remove);

    /**
     * Settles what does not fit, and removes volumes that nothing knows.
     *
     * @see org.novabridge.driver.compute.HostReconciliation#reconcile
     */
    Operation reconcile(Caller caller, List<String> remove, RequestKey key);

    /** @see org.novabridge.driver.compute.OutsideDevices#handed */
    void handed(String uuid, OutsideSpec spec);

    /** @see org.novabridge.driver.compute.OutsideDevices#undone */
    void undone(String uuid, OutsideDevice.Kind kind, String id);

    /** @see org.novabridge.driver.compute.OutsideDevices#left */
    OutsideDevices.Report outside();

    /** @see org.novabridge.driver.compute.ImageCaching#list */
    List<CacheEntry> images();

    /** @see org.novabridge.driver.compute.ImageCaching#cache */
    Operation cacheImage(Caller caller, ImageSpec image, RequestKey key);

    /**
     * Why the disks of the instance are as they would be today, and what its running guest still has otherwise.
     *
     * @param disk target device; null for all
     * @param attribute one attribute; null for all
     */
    List<Explanation> explain(InstanceSpec spec, @Nullable String disk, @Nullable String attribute);

    /**
     * What a create of the spec would tell its caller to save: names of devices, properties that are kept for life. Nothing
     * is made.
     *
     * @param rebuild it would replace the instance that is there: refuse what is known to fail then
     */
    Map<String, Object> plannedUpdates(InstanceSpec spec, boolean rebuild);

    /**
     * Where QEMU listens for those who want to see a running guest; none for one that does not run.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    List<LiveDisplay> consoles(String uuid);

    /**
     * The volumes of an instance, by its recorded spec; none for one that was not made through this bridge.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    List<VolumeAnswer> volumes(String uuid);

    /**
     * What a running guest has used.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND, INSTANCE_INVALID_STATE when it does not run
     */
    GuestStatistics statistics(String uuid);

    /**
     * The disks of an instance, on the storage and as the guest has them now.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND
     */
    List<DiskAnswer> disks(String uuid);
}
