package org.novabridge.driver.storage;

import java.util.List;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/** {@code images_type=rbd}: says where disks would be; storage itself comes with a later issue. */
final class RbdBackend implements ImageBackend {
    private static final BackendCapabilities CAPABILITIES =
            new BackendCapabilities("network", "raw", false, false, true, false, false);

    private final String pool;

    RbdBackend(ConfigSnapshot config) {
        this.pool = config.get(LibvirtOptions.IMAGES_RBD_POOL);
    }

    @Override
    public String name() {
        return "rbd";
    }

    @Override
    public BackendCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public DiskSource locate(String instanceUuid, String diskName) {
        DiskNames.check(instanceUuid, diskName);
        return new DiskSource.NetworkSource("rbd", pool + "/" + instanceUuid + "_" + diskName, List.of(), null);
    }

    @Override
    public boolean exists(String instanceUuid, String diskName) {
        throw unserved();
    }

    @Override
    public List<String> list(String instanceUuid) {
        throw unserved();
    }

    @Override
    public void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        throw unserved();
    }

    @Override
    public void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        throw unserved();
    }

    @Override
    public void remove(String instanceUuid, String diskName, Progress progress) {
        throw unserved();
    }

    private static BridgeException unserved() {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "[libvirt]images_type=rbd is rendered and explained, but this release does not make rbd disks.",
                "Use images_type raw, qcow2 or lvm on hosts that the bridge serves.");
    }
}
