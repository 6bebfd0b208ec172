package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.VolumeEncryption;
import org.novabridge.driver.model.VolumeSecret;

/**
 * Whether QEMU decrypts a volume, and by which secret: LUKS of version 1 it does itself, all else dm-crypt of the host has
 * done before. Disks that Nova makes are encrypted below the guest, or not at all.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, _attach_encryptor; volume/volume.py, get_config.
 */
public final class EncryptionRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.ENCRYPTION);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "luks with a secret of libvirt's for volumes that Cinder encrypts with LUKS 1; nothing for those that dm-crypt of the host decrypts, and for disks that Nova makes.",
                List.of("connection encrypted", "connection " + VolumeEncryption.MARK),
                "nova/virt/libvirt/driver.py 26.2.2 _attach_encryptor; volume/volume.py");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.ENCRYPTION, secret(draft));
    }

    private static Decision<VolumeSecret> secret(DiskDraft draft) {
        if (!draft.volume()) {
            return Decision.of(null, "Only volumes are decrypted by QEMU.", Origins.rule("default"));
        }
        BlockDevice volume = draft.connectedVolume();
        return switch (VolumeEncryption.of(volume)) {
            case NONE -> Decision.of(null, "The volume is not encrypted.", Origins.connection("encrypted"));
            case HOST ->
                Decision.of(
                        null,
                        "dm-crypt of this host has decrypted the volume.",
                        Origins.connection(VolumeEncryption.MARK));
            case QEMU ->
                Decision.of(
                        VolumeSecret.of(volume).orElseThrow(EncryptionRule::nameless),
                        "QEMU decrypts the volume with the key that libvirt is given.",
                        Origins.connection("encrypted"),
                        Origins.connection(VolumeEncryption.MARK));
            case UNKNOWN -> unknown(draft);
        };
    }

    /** Opened as it is, the guest would see the encrypted blocks and write over them. */
    private static Decision<VolumeSecret> unknown(DiskDraft draft) {
        if (draft.source() instanceof DiskSource.NotConnected) {
            return Decision.of(
                    null, "Who decrypts the volume is known when it is connected.", Origins.connection("encrypted"));
        }
        throw new BridgeException(
                ErrorCode.NOT_SUPPORTED,
                "an encrypted volume is connected, and nobody says who decrypts it",
                "have nova-compute's side of this version connect it (tools/nova-bridge shim install)");
    }

    private static BridgeException nameless() {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST,
                "an encrypted volume has no id, so its key cannot be found",
                "see the volume's attachment in Cinder");
    }
}
