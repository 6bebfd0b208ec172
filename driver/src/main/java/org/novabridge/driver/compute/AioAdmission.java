package org.novabridge.driver.compute;

import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.xml.DomainXml;

/**
 * Whether a new guest gets the AIO requests that its disks with io=native take. Up to QEMU 8.2 it does not start without
 * those of its main loop; where the limit is the kernel's default, that is met at about 60 guests (harvester#2722). For an I/O
 * thread QEMU falls back to threads, and from 9.0 on always (block/file-posix.c). Guests that were here before are not asked: they
 * have stopped for a start already, and no other host can have them.
 */
final class AioAdmission {
    /** As QEMU counts: major * 1,000,000. */
    private static final int FALLS_BACK = 9_000_000;
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
        Optional<AioRoom> now = full();
        if (now.isEmpty() || hypervisor.versions().hypervisor() >= FALLS_BACK || !anyNative(hypervisor, uuid)) {
            return;
        }
        for (int look = 1; look < LOOKS; look++) {
            rest.run();
            now = full();
            if (now.isEmpty()) {
                return;
            }
        }
        throw new BridgeException(
                ErrorCode.INVALID_CONFIGURATION_RETRY,
                "guest " + uuid + " has disks with io=native, for which QEMU takes " + AioRoom.OF_A_CONTEXT
                        + " AIO requests, and of fs.aio-max-nr = " + now.get().limit() + " there are "
                        + now.get().used() + " taken",
                "raise it with nova-bridge host apply, or give the guest io = threads or io_uring");
    }

    /** As it is when there is no room for one context more. */
    private Optional<AioRoom> full() {
        return room.get().filter(found -> found.contexts() == 0);
    }

    private static boolean anyNative(Hypervisor hypervisor, String uuid) {
        return DomainXml.read(hypervisor.xml(uuid, true)).disks().stream().anyMatch(disk -> "native".equals(disk.io()));
    }
}
