package org.novabridge.driver.compute;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.xml.DomainXml;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of volumes that QEMU decrypts: libvirt has each as a secret in its memory, as long as the guest has the volume.
 * As with encrypted disks, who starts a guest again need not bring them; after a restart of libvirt, or of the host, they
 * are gone, and the guest stays off until they are brought.
 */
final class VolumeKeys {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeKeys.class);

    private final Parts parts;

    VolumeKeys(Parts parts) {
        this.parts = parts;
    }

    /**
     * For a guest that is to be started, or a volume that it is to get; changes nothing.
     *
     * @throws BridgeException DISK_KEY_REFUSED when libvirt has no key of the volume, and nobody has brought it
     */
    void demand(String uuid, List<PlannedVolume> volumes) {
        for (PlannedVolume volume : volumes) {
            secret(volume).ifPresent(secret -> demand(uuid, secret));
        }
    }

    private void demand(String uuid, VolumeSecret secret) {
        Optional<DiskKey> brought = parts.keys().findOfVolume(uuid, secret.volume());
        brought.ifPresent(DiskKey::close);
        if (brought.isEmpty() && !parts.hypervisor().hasSecret(secret)) {
            throw refused(uuid, secret);
        }
    }

    private static BridgeException refused(String uuid, VolumeSecret secret) {
        return new BridgeException(
                ErrorCode.DISK_KEY_REFUSED,
                "volume " + secret.volume() + " of guest " + uuid + " is encrypted, and its key is not here: nobody has"
                        + " brought it since libvirt was started",
                "start the guest as its owner (openstack server start), who may have the key from the key manager; or bring"
                        + " it: nova-bridge instance key " + uuid + " --volume " + secret.volume());
    }

    private static Optional<VolumeSecret> secret(PlannedVolume volume) {
        return volume.disk().secret() == null
                ? Optional.empty()
                : Optional.ofNullable(volume.id()).map(VolumeSecret::new);
    }

    /** Gives libvirt the key of a volume that the guest is to get. */
    void open(Steps steps, PlannedVolume volume) {
        secret(volume).ifPresent(secret -> open(steps, secret));
    }

    /** Gives libvirt the keys of what the guest is defined with, before it starts. */
    void openDefined(Steps steps) {
        for (VolumeSecret secret : defined(steps.instance())) {
            open(steps, secret);
        }
    }

    private void open(Steps steps, VolumeSecret secret) {
        String uuid = steps.instance();
        boolean there = parts.hypervisor().hasSecret(secret);
        Optional<DiskKey> brought = parts.keys().findOfVolume(uuid, secret.volume());
        if (brought.isEmpty()) {
            if (there) {
                return;
            }
            throw refused(uuid, secret);
        }
        String phase = "give libvirt the key of volume " + secret.volume();
        if (there) {
            // What another operation has given must not go when this one fails.
            steps.step(phase);
        } else {
            steps.step(phase, new Undo.RemoveSecret(secret.volume()));
        }
        try (DiskKey key = brought.get()) {
            byte[] passphrase = key.passphrase();
            try {
                parts.hypervisor().keepSecret(secret, passphrase);
            } finally {
                Arrays.fill(passphrase, (byte) 0);
            }
        }
        parts.keys().forgetOfVolume(uuid, secret.volume());
    }

    private List<VolumeSecret> defined(String uuid) {
        return parts.hypervisor().find(uuid).isEmpty() ? List.of() : secrets(uuid, true);
    }

    /** None of a document that cannot be read: that a guest goes must not hang on it, and libvirt starts none without its key. */
    private List<VolumeSecret> secrets(String uuid, boolean inactive) {
        String xml = parts.hypervisor().xml(uuid, inactive);
        try {
            return DomainXml.read(xml).disks().stream()
                    .map(VolumeSecret::of)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (BridgeException e) {
            LOG.warn("the document of guest {} is not looked through for encrypted volumes: {}", uuid, e.getMessage());
            return List.of();
        }
    }

    /** All that the instance has, by its definition and its record. */
    Set<VolumeSecret> of(String uuid) {
        Set<VolumeSecret> all = new LinkedHashSet<>(defined(uuid));
        parts.records().find(uuid).flatMap(this::recorded).ifPresent(all::addAll);
        return all;
    }

    /** What the instance has and will not have any more when it is remembered with this spec. */
    Set<VolumeSecret> dropped(String uuid, InstanceSpec next) {
        Set<VolumeSecret> dropped = of(uuid);
        defined(uuid).forEach(dropped::remove);
        secrets(next).forEach(dropped::remove);
        return dropped;
    }

    /** Nothing of a spec that cannot be read: that another guest goes must not hang on it. */
    private Optional<List<VolumeSecret>> recorded(InstanceRecord made) {
        try {
            return Optional.of(secrets(parts.planner().read(made.spec())));
        } catch (BridgeException e) {
            LOG.warn(
                    "the spec of guest {} is not looked through for encrypted volumes: {}",
                    made.uuid(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static List<VolumeSecret> secrets(InstanceSpec spec) {
        return spec.blockDeviceInfo().volumes().stream()
                .map(VolumeKeys::secret)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<VolumeSecret> secret(BlockDevice volume) {
        return VolumeSecret.of(volume);
    }

    /** Has libvirt forget a key that the guest needs no more: it has let the volume go, or did not get it. */
    void close(String uuid, VolumeSecret secret) {
        parts.keys().forgetOfVolume(uuid, secret.volume());
        boolean needed =
                parts.hypervisor().find(uuid).filter(GuestPower::active).isPresent()
                        && secrets(uuid, false).contains(secret);
        if (!needed && !others(uuid, secret) && parts.hypervisor().hasSecret(secret)) {
            parts.hypervisor().removeSecret(secret);
        }
    }

    /** One volume may be several guests'; so it may be one's whose spec cannot be read. */
    private boolean others(String uuid, VolumeSecret secret) {
        return parts.records().list().stream()
                .filter(made -> !made.uuid().equals(uuid))
                .anyMatch(
                        made -> recorded(made).map(all -> all.contains(secret)).orElse(true));
    }
}
