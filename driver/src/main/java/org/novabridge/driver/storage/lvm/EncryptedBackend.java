package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.DiskState;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.EncryptedDisks;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/**
 * Encrypted disks: a logical volume, thick or thin, with a mapping of dm-crypt on it; the guest has the mapping, and
 * everything that is written goes through it. Nova's names, sizes and order of events
 * (nova/virt/libvirt/imagebackend.py 26.2.2, {@code Lvm}).
 *
 * <p>What must be zeroed, and why through the mapping. Blocks that were not written through the mapping read as noise
 * there, so one would think that nobody can read what lay on them before. But the noise is the old content decrypted
 * with a key that the guest's owner has in the key manager: encrypted again it is the old content. So extents of a thick
 * volume are zeroed like those of any other (see {@link LvmBackend}), and this is done through the mapping: it
 * overwrites what was there as well as writing below would, the guest reads zeroes behind its image as it does on every
 * other disk, and the host's devices do not tell which parts of the disk are in use. New blocks of a thin volume, which the
 * pool zeroes, and the extents of a clean group hold nothing of anybody: they stay unwritten and read as noise, which no
 * file system minds.
 * The image itself is written with its zeroes in both cases.
 *
 * <p>A root disk on thin is not a snapshot of the base of its image, which is not encrypted and, with one key for all
 * guests of an image, would not keep them apart: it is filled like a thick one. It takes the image's virtual size of
 * the pool, and discards of the guest do not give blocks back: dm-crypt keeps to itself which are unused.
 */
public final class EncryptedBackend implements ImageBackend, EncryptedDisks {
    /** Behind the name of the backend that makes the volumes. */
    public static final String SUFFIX = "-crypt";

    private final VolumeBackend below;
    private final Supplier<CryptFormat> ofNewVolumes;
    private final DiskKeys keys;
    private final Cryptsetup cryptsetup;

    /** @param below makes the volumes */
    public EncryptedBackend(VolumeBackend below, ConfigSnapshot config, DiskKeys keys) {
        this(below, () -> CryptFormat.ofNewVolumes(config), keys);
    }

    EncryptedBackend(VolumeBackend below, Supplier<CryptFormat> ofNewVolumes, DiskKeys keys) {
        this.below = below;
        this.ofNewVolumes = ofNewVolumes;
        this.keys = keys;
        this.cryptsetup = below.cryptsetup;
    }

    @Override
    public String name() {
        return below.name() + SUFFIX;
    }

    @Override
    public BackendCapabilities capabilities() {
        return below.capabilities();
    }

    @Override
    public DiskSource locate(String instanceUuid, String diskName) {
        return new DiskSource.BlockSource(Cryptsetup.device(LvmNames.volume(instanceUuid, diskName)));
    }

    @Override
    public boolean exists(String instanceUuid, String diskName) {
        return below.exists(instanceUuid, diskName);
    }

    @Override
    public void demandPlace() {
        below.demandPlace();
    }

    @Override
    public DiskState state(String instanceUuid, String diskName) {
        return below.state(instanceUuid, diskName);
    }

    /** One that stock Nova has encrypted says so by no tag: the operator must add it, with the cipher that was configured. */
    @Override
    public void demandTakeable(String instanceUuid, String diskName, String format) {
        below.demandTakeable(instanceUuid, diskName, format);
        formatOf(below.group.existing(LvmNames.volume(instanceUuid, diskName)));
    }

    /** Those of {@link #below} too: which of them are encrypted is known by their tags and mappings, stock Nova's also. */
    @Override
    public List<String> list(String instanceUuid) {
        return below.list(instanceUuid);
    }

    @Override
    public void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        below.refuseSparse();
        CryptFormat format = ofNewVolumes.get();
        String volume = LvmNames.volume(instanceUuid, diskName);
        try (DiskKey key = key(instanceUuid, diskName)) {
            long wanted = VolumeBackend.wantedSize(content);
            VolumeBackend.Made made =
                    below.make(volume, wanted + format.header(), List.of(format.tag(), KeyCheck.tag(key)), progress);
            below.orRemoved(volume, () -> fill(volume, format, key, content, made, progress));
        }
    }

    private void fill(
            String volume,
            CryptFormat format,
            DiskKey key,
            DiskContent content,
            VolumeBackend.Made made,
            Progress progress) {
        Path device = below.group.device(volume);
        progress.report("encrypt the volume", -1);
        cryptsetup.format(device, format, key);
        cryptsetup.open(device, volume, format, key);
        Path mapping = Cryptsetup.device(volume);
        below.zeroUncovered(mapping, made, made.size() - format.header(), content, progress);
        below.group.settle();
        below.contents.write(content, mapping, QemuImg.Before.UNKNOWN, progress);
    }

    /**
     * The volume, then the mapping, then zeroes over what another guest may have had: through the mapping, so that the
     * guest reads zeroes there. A disk that is closed is zeroed below, which takes as much away and needs no key; the
     * guest reads noise there, as of all that was never written in a pool.
     */
    @Override
    public void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        LogicalVolume old = below.group.existing(LvmNames.volume(instanceUuid, diskName));
        long header = formatOf(old).header();
        LogicalVolume volume = below.enlarge(old, header + sizeBytes, progress);
        if (!cryptsetup.open(volume.name())) {
            below.retired.finishGrowth(volume, progress);
            return;
        }
        // Also when the volume had its size: the bridge may have died in between.
        progress.report("grow the mapping", -1);
        Optional<DiskKey> key = keys.find(instanceUuid, diskName);
        try {
            cryptsetup.resize(volume.name(), key);
        } finally {
            key.ifPresent(DiskKey::close);
        }
        below.retired.finishGrowth(volume, Cryptsetup.device(volume.name()), header, progress);
    }

    @Override
    public void remove(String instanceUuid, String diskName, Progress progress) {
        below.remove(instanceUuid, diskName, progress);
    }

    /** The encrypted blocks of it: whoever gets such a disk back must bring its key again. */
    @Override
    public Optional<KeptDisks> kept() {
        return Optional.of(new KeptVolumes(
                below, made -> made.map(this::formatOf).orElseGet(ofNewVolumes).header()));
    }

    @Override
    public Optional<DiskSnapshots> snapshots() {
        return below.snapshots().map(pictures -> new EncryptedSnapshots(pictures, this, cryptsetup, keys));
    }

    /** The encrypted blocks of it: no key is needed on the way, and the other host needs the disk's own to start its guest. */
    @Override
    public Optional<DiskStreams> streams() {
        return Optional.of(new EncryptedStreams(below.volumeStreams(), this, cryptsetup, ofNewVolumes, List.of()));
    }

    /** Words of the volume's tags for a host that is to have the same blocks. */
    List<String> tags(String instanceUuid, String diskName) {
        LogicalVolume volume = below.group.existing(LvmNames.volume(instanceUuid, diskName));
        formatOf(volume);
        return volume.cryptTags();
    }

    /** Whether a key that is not the disk's would be refused: there is no header on a plain one that stock Nova has made. */
    boolean noticesWrongKey(String instanceUuid, String diskName) {
        List<String> tags =
                below.group.existing(LvmNames.volume(instanceUuid, diskName)).tags();
        return CryptFormat.of(tags)
                .filter(format -> format.kind() == CryptFormat.Kind.LUKS2 || KeyCheck.isIn(tags))
                .isPresent();
    }

    /** Opens another volume that holds the disk's blocks, for reading. */
    void openToRead(String instanceUuid, String diskName, Path device, String volume) {
        try (DiskKey key = key(instanceUuid, diskName)) {
            CryptFormat format = formatOf(below.group.existing(LvmNames.volume(instanceUuid, diskName)));
            cryptsetup.openToRead(device, volume, format, key);
        }
    }

    @Override
    public Optional<EncryptedDisks> encryption() {
        return Optional.of(this);
    }

    @Override
    public Path volume(String instanceUuid, String diskName) {
        return below.group.device(LvmNames.volume(instanceUuid, diskName));
    }

    @Override
    public boolean open(String instanceUuid, String diskName) {
        return cryptsetup.open(LvmNames.volume(instanceUuid, diskName));
    }

    @Override
    public void demandKey(String instanceUuid, String diskName) {
        try (DiskKey key = key(instanceUuid, diskName)) {
            below.group
                    .report()
                    .volume(below.group.name(), LvmNames.volume(instanceUuid, diskName))
                    .ifPresent(volume -> demandItsOwn(volume, key));
        }
    }

    @Override
    public void unlock(String instanceUuid, String diskName) {
        String name = LvmNames.volume(instanceUuid, diskName);
        if (cryptsetup.open(name)) {
            return;
        }
        try (DiskKey key = key(instanceUuid, diskName)) {
            LogicalVolume volume = below.group.existing(name);
            demandItsOwn(volume, key);
            CryptFormat format = formatOf(volume);
            below.retired.activate(volume);
            cryptsetup.open(below.group.device(name), name, format, key);
        }
    }

    private CryptFormat formatOf(LogicalVolume volume) {
        return CryptFormat.of(volume.tags())
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        "logical volume " + below.group.name() + "/" + volume.name() + " has not the tag "
                                + LvmNames.CRYPT_TAG + "… that says how it is encrypted",
                        "add it: lvchange --addtag " + LvmNames.CRYPT_TAG + "plain:512:aes-xts-plain64, or"
                                + " what it was made with"));
    }

    @Override
    public void lock(String instanceUuid, String diskName) {
        cryptsetup.close(LvmNames.volume(instanceUuid, diskName));
    }

    private void demandItsOwn(LogicalVolume volume, DiskKey key) {
        if (!KeyCheck.matches(volume.tags(), key).orElse(true)) {
            throw new BridgeException(
                    ErrorCode.DISK_KEY_REFUSED,
                    "the key that was brought is not the one that logical volume " + below.group.name() + "/"
                            + volume.name() + " was made with; nothing was opened",
                    "bring the right one; to the guest the disk would be noise");
        }
    }

    private DiskKey key(String instanceUuid, String diskName) {
        return keys.find(instanceUuid, diskName)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.DISK_KEY_REFUSED,
                        "disk " + diskName + " of instance " + instanceUuid
                                + " is encrypted, and nobody has brought its" + " key",
                        "bring it, then ask again: nova-bridge instance key " + instanceUuid
                                + " --stdin, or PUT /v1/instances/" + instanceUuid + "/keys"));
    }
}
