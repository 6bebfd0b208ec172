package org.novabridge.driver.bench;

import java.util.Optional;

/** Somebody who makes and removes root disks in the volume group of the lab. */
interface Contender {
    String THIN = "nova-bridge thin";
    String THICK = "nova-bridge thick";
    String CLEAN = "nova-bridge thick, clean group";
    String NOVA = "stock Nova Lvm";
    String CLONE = "floor: lvcreate -s, lvextend";
    String CLONE_LATE = "floor, activated last";
    String COPY = "floor: lvcreate, qemu-img convert";

    String name();

    /**
     * Makes the root disk of an instance.
     *
     * @param bytes of the disk, more than the image has
     */
    void create(String uuid, SourceImage image, long bytes);

    /** Deletes it, with zeroes over it where its kind needs that. */
    void remove(String uuid);

    /**
     * Deletes it as far as who asked for it waits.
     *
     * @return what is done after the answer; empty when that is nothing
     */
    default Optional<Runnable> answer(String uuid) {
        remove(uuid);
        return Optional.empty();
    }
}
