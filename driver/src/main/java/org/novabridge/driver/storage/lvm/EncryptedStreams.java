package org.novabridge.driver.storage.lvm;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.Progress;

/**
 * Encrypted disks on their way to another host: the blocks of the volume, header and all, as they lie there. Block by block
 * the two volumes are the same, so the guest reads the same there, also the noise where nothing was ever written: a block of
 * which only zeroes are stored is left out, and is zeroes there.
 *
 * <p>A mapping here stays open, flushed, with nobody writing to it: when the transfer fails or is reverted, the guest runs
 * again without anybody having to bring its key.
 */
final class EncryptedStreams implements DiskStreams {
    private final VolumeStreams volumes;
    private final EncryptedBackend backend;
    private final Cryptsetup cryptsetup;
    private final Supplier<CryptFormat> ofNewVolumes;
    private final List<String> tags;

    /** @param tags of the disk that comes; none before {@link #taking} */
    EncryptedStreams(
            VolumeStreams volumes,
            EncryptedBackend backend,
            Cryptsetup cryptsetup,
            Supplier<CryptFormat> ofNewVolumes,
            List<String> tags) {
        this.volumes = volumes;
        this.backend = backend;
        this.cryptsetup = cryptsetup;
        this.ofNewVolumes = ofNewVolumes;
        this.tags = tags;
    }

    @Override
    public List<String> encryption(String instanceUuid, String diskName) {
        return backend.tags(instanceUuid, diskName);
    }

    /** What comes from another host becomes tags of a volume: nothing that we would not have written ourselves. */
    @Override
    public DiskStreams taking(List<String> encryption) {
        CryptFormat format = CryptFormat.of(encryption)
                .orElseThrow(() -> refused(
                        "the disk comes "
                                + (encryption.isEmpty() ? "unencrypted" : "encrypted in a way that is not known here")
                                + ", and would be encrypted here",
                        null));
        for (String tag : encryption) {
            if (!tag.equals(format.tag()) && !KeyCheck.isIn(List.of(tag))) {
                throw refused("the disk comes encrypted in a way that is not known here", null);
            }
        }
        CryptFormat here = ofNewVolumes.get();
        if (format.otherCipher(here)) {
            throw refused(
                    "the disk is encrypted with " + format.cipher() + " and a key of " + format.keyBits()
                            + " bits, and disks here with " + here.cipher() + " and " + here.keyBits(),
                    "set cipher and key_size of [ephemeral_storage_encryption] alike on both hosts");
        }
        return new EncryptedStreams(volumes, backend, cryptsetup, ofNewVolumes, List.copyOf(encryption));
    }

    private static BridgeException refused(String why, @Nullable String remedy) {
        return new BridgeException(
                ErrorCode.NOT_SUPPORTED,
                why,
                remedy == null
                        ? "set [ephemeral_storage_encryption] and images_type = lvm alike on both hosts"
                        : remedy);
    }

    /** With the header, which comes with the blocks. */
    @Override
    public long size(long diskBytes) {
        return diskBytes + format().header();
    }

    @Override
    public long size(String instanceUuid, String diskName) {
        return volumes.size(instanceUuid, diskName);
    }

    @Override
    public Allocation allocation(String instanceUuid, String diskName) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        if (cryptsetup.open(volume)) {
            // What lies in the page cache of the mapping is not on the volume yet.
            cryptsetup.flush(volume);
        }
        return volumes.allocation(instanceUuid, diskName);
    }

    @Override
    public void releaseLook() {
        volumes.releaseLook();
    }

    @Override
    public DiskBytes open(String instanceUuid, String diskName) {
        cryptsetup.forgetRead(backend.volume(instanceUuid, diskName));
        return volumes.open(instanceUuid, diskName);
    }

    @Override
    public void demandRoom(List<Long> bytes) {
        volumes.demandRoom(bytes);
    }

    @Override
    public void createZero(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        format();
        volumes.createZero(LvmNames.volume(instanceUuid, diskName), sizeBytes, tags, progress);
    }

    private CryptFormat format() {
        return CryptFormat.of(tags).orElseThrow(() -> new IllegalStateException("it is not said what comes"));
    }

    @Override
    public DiskBytes openToFill(String instanceUuid, String diskName) {
        return volumes.openToFill(instanceUuid, diskName);
    }
}
