package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.Progress;

/**
 * Pictures of encrypted disks: of the volume with the encrypted blocks, which a mapping of its own, read-only, makes
 * readable. That wants the key again, for the bridge has forgotten it since the guest started; who has not brought it
 * gets the image of a guest that stands still.
 */
final class EncryptedSnapshots implements DiskSnapshots {
    private final DiskSnapshots below;
    private final EncryptedBackend disks;
    private final Cryptsetup cryptsetup;
    private final DiskKeys keys;

    EncryptedSnapshots(DiskSnapshots below, EncryptedBackend disks, Cryptsetup cryptsetup, DiskKeys keys) {
        this.below = below;
        this.disks = disks;
        this.cryptsetup = cryptsetup;
        this.keys = keys;
    }

    @Override
    public <T> T choose(String instanceUuid, String diskName, Function<Choice, T> use) {
        Optional<DiskKey> key = keys.find(instanceUuid, diskName);
        if (key.isEmpty()) {
            return use.apply(new Choice(
                    null,
                    "the disk is encrypted, and a snapshot of it is read with its key, which the bridge has forgotten"
                            + " since the guest started: bring it before (nova-bridge instance key), and the guest goes"
                            + " on while its disk is read"));
        }
        key.get().close();
        if (!disks.noticesWrongKey(instanceUuid, diskName)) {
            return use.apply(new Choice(
                    null,
                    "the disk is encrypted, and nothing on its volume tells its key from another one, with which the"
                            + " image would be noise"));
        }
        disks.demandKey(instanceUuid, diskName);
        String volume = LvmNames.volume(instanceUuid, diskName);
        return below.choose(instanceUuid, diskName, choice -> use.apply(readWithKey(volume, choice)));
    }

    private Choice readWithKey(String volume, Choice choice) {
        Taking taking = choice.taking();
        return taking == null
                ? choice
                : new Choice(new Flushed(volume, taking), choice.reason() + "; it is read with the disk's key");
    }

    /**
     * LVM writes out what the page cache has of the volume, and knows nothing of the mapping above it. Most of it is
     * written before the guest stands still.
     */
    private final class Flushed implements Taking {
        private final String volume;
        private final Taking taking;

        private Flushed(String volume, Taking taking) {
            this.volume = volume;
            this.taking = taking;
        }

        @Override
        public void prepare() {
            cryptsetup.flush(volume);
        }

        @Override
        public void take(String id) {
            cryptsetup.flush(volume);
            taking.take(id);
        }
    }

    @Override
    public Path open(String instanceUuid, String diskName, String id) {
        String picture = LvmNames.snapshot(id);
        disks.openToRead(instanceUuid, diskName, below.open(instanceUuid, diskName, id), picture);
        return Cryptsetup.device(picture);
    }

    @Override
    public Optional<String> lost(String id) {
        return below.lost(id);
    }

    @Override
    public void remove(String id, Progress progress) {
        cryptsetup.close(LvmNames.snapshot(id));
        below.remove(id, progress);
    }
}
