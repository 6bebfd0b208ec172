package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.StorageSpace;

/** How full the configured volume group and its thin pools are, and for whom. */
public final class VolumeGroupSpace {
    private final LvmSettings settings;
    private final ThinPoolSettings thin;
    private final LvmReport report;

    private VolumeGroupSpace(LvmSettings settings, ThinPoolSettings thin, LvmReport report) {
        this.settings = settings;
        this.thin = thin;
        this.report = report;
    }

    /**
     * @throws BridgeException INVALID_CONFIGURATION when no volume group is configured
     */
    public static VolumeGroupSpace of(ConfigSnapshot config, CommandExecutor executor) {
        LvmSettings settings = LvmSettings.of(config);
        return new VolumeGroupSpace(
                settings,
                ThinPoolSettings.of(config, settings.group()),
                new LvmReport(executor, settings.alarmAfter()));
    }

    /**
     * The group, then its pools.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when there is no such group
     */
    public List<StorageSpace> all() {
        VolumeGroup group =
                report.group(settings.group()).orElseThrow(() -> LvmFailures.groupMissing(settings.group()));
        return spaces(group, report.volumes(settings.group()), report.pools(settings.group()));
    }

    /**
     * Of {@link #all}, the one that new disks are made in.
     *
     * @param inPool as volumes of the configured pool
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when the pool is not there
     */
    public StorageSpace ofNewDisks(List<StorageSpace> all, boolean inPool) {
        String name = inPool ? settings.group() + "/" + thin.name() : settings.group();
        return all.stream()
                .filter(space -> space.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.VOLUME_GROUP_UNUSABLE,
                        "there is no thin pool " + name,
                        "make it: nova-bridge vg init; or name the one that is there: images_lvm_pool = …"));
    }

    /** Pure: reports in, sums out. A thick volume takes its whole size, a thin one what it may still write. */
    static List<StorageSpace> spaces(VolumeGroup group, List<LogicalVolume> volumes, List<ThinPool> pools) {
        List<StorageSpace> spaces = new ArrayList<>();
        long used = group.size() - group.free();
        long thick = guests(volumes.stream().filter(volume -> !volume.thin()).toList());
        spaces.add(new StorageSpace(
                StorageSpace.Kind.VOLUME_GROUP,
                group.name(),
                group.size(),
                used,
                group.free(),
                thick,
                Math.max(0, used - thick)));
        for (ThinPool pool : pools) {
            long written = Math.min(pool.size(), Math.round(pool.size() * pool.dataPercent() / 100));
            long promised = guests(pool.volumes().stream()
                    .filter(volume -> volume.pool().equals(pool.name()))
                    .toList());
            spaces.add(new StorageSpace(
                    StorageSpace.Kind.THIN_POOL,
                    group.name() + "/" + pool.name(),
                    pool.size(),
                    written,
                    pool.size() - written,
                    promised,
                    pool.promised() - promised));
        }
        return spaces;
    }

    private static long guests(List<LogicalVolume> volumes) {
        return volumes.stream()
                .filter(volume -> LvmNames.instance(volume.name()).isPresent())
                .mapToLong(LogicalVolume::size)
                .sum();
    }
}
