package org.novabridge.driver.compute;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.novabridge.driver.host.tuning.AioRoom;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.xml.DomainXml;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a guest gets the AIO requests that its disks with io=native take: {@link AioRoom#OF_A_CONTEXT} for the main loop, and as many
 * for each I/O thread with such a disk. Where the limit is the kernel's default, that is met at about 60 guests (harvester#2722).
 *
 * <p>What QEMU does without them (block/file-posix.c): up to 8.2 it asks for those of the main loop when it opens the disk
 * (raw_open_common), and does not start without them; those of an I/O thread it asks for when the disk moves there
 * (raw_aio_attach_aio_context), and without them that disk, with all its queues, goes by threads. From 9.0 on it asks with the first
 * request in each (raw_check_linux_aio), starts always, and a disk that gets none somewhere goes by threads. So only a new guest that
 * would not start is refused; one that would lose native is admitted, and the log has the numbers. Guests that were here
 * before are never refused: they have stopped for a start already, and no other host can have them.
 */
final class AioAdmission {
    private static final Logger LOG = LoggerFactory.getLogger(AioAdmission.class);
    /** As QEMU counts: major * 1,000,000. */
    private static final int FALLS_BACK = 9_000_000;
    /** The kernel counts the requests of a process that has just ended back a little later. */
    private static final int LOOKS = 10;

    /** The main loop, and as many I/O threads as [libvirt]disk_iothreads gives: who has room for these is not read. */
    private static final int MOST = 65;

    private static final String REMEDY =
            "raise it with nova-bridge host apply, or give the guest io = threads or io_uring";

    private final Supplier<Optional<AioRoom>> room;

    /** @param room as it is when asked; empty when nobody can tell, and then every guest is admitted */
    AioAdmission(Supplier<Optional<AioRoom>> room) {
        this.room = room;
    }

    /**
     * Asked for a new guest, before its start.
     *
     * @param rest waits a little
     * @throws BridgeException INVALID_CONFIGURATION_RETRY with the numbers, when it would not start: another host may have the room
     */
    void demand(Hypervisor hypervisor, String uuid, Runnable rest) {
        Optional<AioRoom> now = full();
        if (now.isEmpty() || hypervisor.versions().hypervisor() >= FALLS_BACK) {
            return;
        }
        int need = contexts(hypervisor, uuid);
        if (need == 0) {
            return;
        }
        for (int look = 1; look < LOOKS; look++) {
            rest.run();
            now = full();
            if (now.isEmpty()) {
                return;
            }
        }
        throw new BridgeException(ErrorCode.INVALID_CONFIGURATION_RETRY, sentence(uuid, need, now.get()), REMEDY);
    }

    /** As it is when there is no room for one context more. */
    private Optional<AioRoom> full() {
        return room.get().filter(found -> found.contexts() == 0);
    }

    /** Asked before every start: says in the log which guest will go by threads, or not start. */
    void warn(Hypervisor hypervisor, String uuid) {
        shortage(hypervisor, uuid)
                .ifPresent(sentence -> LOG.warn(
                        "{}; disks that get none go by threads, or the guest does not start: {}", sentence, REMEDY));
    }

    /** The failure of a start, with the numbers where these may be the reason. */
    BridgeException explained(Hypervisor hypervisor, String uuid, BridgeException failure) {
        return shortage(hypervisor, uuid)
                .filter(numbers -> hypervisor.versions().hypervisor() < FALLS_BACK)
                .map(numbers ->
                        new BridgeException(failure.code(), failure.getMessage() + "; " + numbers, REMEDY, failure))
                .orElse(failure);
    }

    /** Empty also when the definition cannot be read: a start never fails for what is only said. */
    private Optional<String> shortage(Hypervisor hypervisor, String uuid) {
        Optional<AioRoom> scarce = room.get().filter(found -> found.contexts() < MOST);
        if (scarce.isEmpty()) {
            return Optional.empty();
        }
        try {
            int need = contexts(hypervisor, uuid);
            return scarce.filter(found -> found.contexts() < need).map(found -> sentence(uuid, need, found));
        } catch (BridgeException e) {
            LOG.debug("whether guest {} takes AIO requests is not known", uuid, e);
            return Optional.empty();
        }
    }

    private static String sentence(String uuid, int need, AioRoom found) {
        return "guest " + uuid + " has disks with io=native, for which QEMU takes " + AioRoom.OF_A_CONTEXT
                + " AIO requests in "
                + (need == 1
                        ? "its main loop"
                        : "its main loop and in each of " + (need - 1) + " I/O threads, " + need * AioRoom.OF_A_CONTEXT
                                + " in all")
                + ", and of fs.aio-max-nr = " + found.limit() + " there are " + found.used() + " taken";
    }

    /** As {@link AioRoom} counts: the main loop, and each I/O thread that a disk with io=native names; 0 without such a disk. */
    private static int contexts(Hypervisor hypervisor, String uuid) {
        LiveDomain domain = DomainXml.read(hypervisor.xml(uuid, true));
        List<LiveDisk> disks = domain.disks().stream()
                .filter(disk -> "native".equals(disk.io()))
                .toList();
        Set<Integer> threads = new HashSet<>();
        for (LiveDisk disk : disks) {
            threads.addAll(disk.tuning().ioThreads());
            if ("scsi".equals(disk.bus()) && domain.scsiDriver() != null) {
                threads.addAll(domain.scsiDriver().ioThreads());
            }
        }
        return disks.isEmpty() ? 0 : 1 + threads.size();
    }
}
