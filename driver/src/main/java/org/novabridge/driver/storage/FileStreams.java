package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Disks in files on their way to another host. Of a raw one holes stay holes. A qcow2 one goes with what it reads from its
 * base, and stands alone where it arrives: that host need not have the base, nor is one taken for another.
 */
final class FileStreams implements DiskStreams {
    private static final String RAW = "raw";

    private final Path instances;
    private final FileBackend backend;
    private final QemuNbd nbd;

    FileStreams(Path instances, FileBackend backend, QemuNbd nbd) {
        this.instances = instances;
        this.backend = backend;
        this.nbd = nbd;
    }

    /** What is done with a disk while its folder is held. */
    @FunctionalInterface
    private interface Use<W, T> {
        T of(W what) throws IOException;
    }

    private <T> T with(String instanceUuid, String diskName, String doing, Use<HeldFile, T> use) {
        return within(instanceUuid, diskName, doing, folder -> {
            try (HeldFile held = folder.file(diskName).withOneName()) {
                return use.of(held);
            }
        });
    }

    private <T> T withChain(String instanceUuid, String diskName, String doing, Use<QcowChain, T> use) {
        QemuNbd.demandProgram();
        return within(
                instanceUuid,
                diskName,
                doing,
                folder -> use.of(QcowChain.of(backend.qemuImg(), folder, diskName, instances)));
    }

    private <T> T within(String instanceUuid, String diskName, String doing, Use<HeldFolder, T> use) {
        DiskNames.check(instanceUuid, diskName);
        Path disk = instances.resolve(instanceUuid).resolve(diskName);
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instanceUuid)) {
            return use.of(folder);
        } catch (NoSuchFileException e) {
            throw new BridgeException(ErrorCode.DISK_NOT_FOUND, "The disk " + disk + " does not exist.", null, e);
        } catch (IOException e) {
            throw StorageFailures.of(doing + " " + disk, e);
        }
    }

    @Override
    public long size(String instanceUuid, String diskName) {
        return raw(instanceUuid, diskName)
                ? allocation(instanceUuid, diskName).size()
                : withChain(instanceUuid, diskName, "reading", QcowChain::size);
    }

    @Override
    public Allocation allocation(String instanceUuid, String diskName) {
        return raw(instanceUuid, diskName)
                ? with(instanceUuid, diskName, "looking for the holes of", FileHoles::of)
                : withChain(instanceUuid, diskName, "looking for the holes of", backend.qemuImg()::allocation);
    }

    @Override
    public DiskBytes open(String instanceUuid, String diskName) {
        return raw(instanceUuid, diskName)
                ? channel(instanceUuid, diskName, "reading", StandardOpenOption.READ)
                : withChain(instanceUuid, diskName, "reading", chain -> nbd.open(instanceUuid, diskName, chain, false));
    }

    /**
     * How much a disk with holes takes is not known before; one that does not fit fails and is gone. So is what makes a disk
     * of a base: here each stands alone.
     */
    @Override
    public void demandRoom(List<Long> bytes) {
        if (!backend.capabilities().driverFormat().equals(RAW)) {
            QemuNbd.demandProgram();
        }
    }

    @Override
    public void createZero(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        backend.create(instanceUuid, diskName, new DiskContent.Blank(sizeBytes), progress);
    }

    @Override
    public DiskBytes openToFill(String instanceUuid, String diskName) {
        return raw(instanceUuid, diskName)
                ? channel(instanceUuid, diskName, "filling", StandardOpenOption.WRITE)
                : withChain(instanceUuid, diskName, "filling", chain -> nbd.open(instanceUuid, diskName, chain, true));
    }

    private DiskBytes channel(String instanceUuid, String diskName, String doing, OpenOption way) {
        return with(instanceUuid, diskName, doing, held -> DiskBytes.of(FileChannel.open(held.path(), way)));
    }

    private boolean raw(String instanceUuid, String diskName) {
        String format = backend.format(instanceUuid, diskName);
        if (!format.equals(RAW) && !format.equals("qcow2")) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "disk " + diskName + " of instance " + instanceUuid + " is a " + format
                            + " file, and only raw and qcow2 ones travel to another host");
        }
        return format.equals(RAW);
    }
}
