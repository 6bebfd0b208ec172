package org.novabridge.driver.compute;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.xml.DomainXml;

/**
 * Whether a guest that is to start still gets the AIO requests that its disks with io=native take. Without them QEMU does
 * not start; where the limit is the kernel's default, that is met at about 60 guests (harvester#2722).
 */
final class AioAdmission {
    /** Main loop and every I/O thread that a guest can have: with so much room nobody has to look at the guest. */
    private static final long MOST = 65;
    /** The kernel counts the requests of a process that has just ended back a little later. */
    private static final int LOOKS = 10;

    private final Supplier<Optional<AioRoom>> room;

    /** @param room as it is when asked; empty when nobody can tell, and then every guest is admitted */
    AioAdmission(Supplier<Optional<AioRoom>> room) {
        this.room = room;
    }

    /**
     * @param rest waits a little
     * @throws BridgeException INVALID_CONFIGURATION_RETRY with the numbers, when there is not enough: another host may have it
     */
    void demand(Hypervisor hypervisor, String uuid, Runnable rest) {
        Optional<AioRoom> now = room.get();
        if (now.filter(found -> found.contexts() < MOST).isEmpty()) {
            return;
        }
        int needed = contexts(DomainXml.read(hypervisor.xml(uuid, true)));
        for (int look = 1; now.isPresent() && now.get().contexts() < needed; look++) {
            if (look == LOOKS) {
                throw new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION_RETRY,
                        "guest " + uuid + " has disks with io=native, for which QEMU takes "
                                + needed * AioRoom.OF_A_CONTEXT + " AIO requests, and of fs.aio-max-nr = "
                                + now.get().limit() + " there are " + now.get().used() + " taken",
                        "raise it with nova-bridge host apply, or give the guest io = threads or io_uring");
            }
            rest.run();
            now = room.get();
        }
    }

    /** The main loop has one as soon as a disk is native, and each I/O thread that serves such a disk. */
    static int contexts(LiveDomain domain) {
        Set<Integer> threads = new HashSet<>();
        boolean any = false;
        for (LiveDisk disk : domain.disks()) {
            if (!"native".equals(disk.io())) {
                continue;
            }
            any = true;
            threads.addAll(disk.tuning().ioThreads());
            GuestDevice.ControllerDriver controller = domain.scsiDriver();
            if ("scsi".equals(disk.bus()) && controller != null && controller.ioThread() != null) {
                threads.add(controller.ioThread());
            }
        }
        return any ? 1 + threads.size() : 0;
    }
}
