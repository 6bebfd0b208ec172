package org.novabridge.driver.hypervisor;

/**
 * A domain as libvirt sees it now.
 *
 * @param id libvirt's running id, -1 when not running
 * @param hasManagedSave it does not run, and a saved memory image is waiting for its next start
 * @param stoppedByDisk it is paused, and not by anybody: QEMU stopped it when a disk failed ({@link
 *     Hypervisor#diskErrors})
 */
public record Guest(
        String uuid, String name, int id, GuestState state, boolean hasManagedSave, boolean stoppedByDisk) {}
