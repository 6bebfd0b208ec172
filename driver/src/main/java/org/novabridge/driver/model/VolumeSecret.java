package org.novabridge.driver.model;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The secret of libvirt's by which QEMU decrypts a volume. Its UUID is always the same one, so that a definition still names
 * it when libvirt has lost its value and gets it again.
 *
 * @param volume Cinder's id of it, by which libvirt knows what the secret is for
 */
public record VolumeSecret(String volume) {
    private static final String NAME = "[A-Za-z0-9._-]{1,64}";

    /** @throws BridgeException INVALID_REQUEST when that is no id */
    public VolumeSecret {
        if (!volume.matches(NAME)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "an encrypted volume has an id that is none",
                    "see the volume's attachment in Cinder");
        }
    }

    /** That of a volume which QEMU decrypts; empty for others. */
    public static Optional<VolumeSecret> of(BlockDevice volume) {
        return VolumeEncryption.of(volume) == VolumeEncryption.QEMU
                ? volume.volumeId().map(VolumeSecret::new)
                : Optional.empty();
    }

    /** That of a disk of an existing guest; empty when it has none, or somebody else's. */
    public static Optional<VolumeSecret> of(LiveDisk disk) {
        return named(disk.serial()).filter(secret -> secret.uuid().equals(disk.secret()));
    }

    /** That of a volume, encrypted or not; empty for one without an id. */
    public static Optional<VolumeSecret> named(@Nullable String volume) {
        return Optional.ofNullable(volume).filter(id -> id.matches(NAME)).map(VolumeSecret::new);
    }

    /** Made of the volume's id. */
    public String uuid() {
        return UUID.nameUUIDFromBytes(("nova-bridge volume " + volume).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
