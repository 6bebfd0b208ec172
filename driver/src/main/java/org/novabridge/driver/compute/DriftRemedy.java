package org.novabridge.driver.compute;

import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.InstanceView.Remedy;

/**
 * What it takes until a running guest has an attribute as configured. libvirt changes limits and the place of I/O threads
 * live; QEMU takes everything else of a disk when the disk is opened, which a volume can be once more, and a disk that
 * the guest lives on only with the guest.
 */
final class DriftRemedy {
    static final String LIMIT = "iotune.";
    static final String PINS = "iothread_cpus";
    /** How many there are, of the guest as a whole. */
    static final String THREADS = "iothreads";

    private DriftRemedy() {}

    /**
     * @param sharing the disk is to share its limits with others than it does now, or with none
     * @param volume Cinder made the disk, and the guest can live without it for a moment
     * @param threaded the running disk has an I/O thread
     */
    static Remedy of(String attribute, @Nullable String configured, boolean sharing, boolean volume, boolean threaded) {
        // QEMU gives what is set for one disk to all of its group, which nobody can leave or join while it runs.
        boolean limit = attribute.startsWith(LIMIT) && !sharing;
        // Nobody can take a pin away from a running thread; one that is elsewhere is moved.
        boolean pin = attribute.equals(PINS) && configured != null && threaded;
        return limit || pin ? Remedy.LIVE : volume ? Remedy.REPLUG : Remedy.HARD_REBOOT;
    }
}
