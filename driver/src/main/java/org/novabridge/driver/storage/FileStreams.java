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

/** Disks in raw files on their way to another host; holes stay holes. */
final class FileStreams implements DiskStreams {
    private final Path instances;
    private final FileBackend backend;

    FileStreams(Path instances, FileBackend backend) {
        this.instances = instances;
        this.backend = backend;
    }

    /** What is done with a held file. */
    @FunctionalInterface
    private interface Use<T> {
        T of(HeldFile file) throws IOException;
    }

    private <T> T with(String instanceUuid, String diskName, String doing, Use<T> use) {
        DiskNames.check(instanceUuid, diskName);
        Path disk = instances.resolve(instanceUuid).resolve(diskName);
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instanceUuid);
                HeldFile held = folder.file(diskName).withOneName()) {
            return use.of(held);
        } catch (NoSuchFileException e) {
            throw new BridgeException(ErrorCode.DISK_NOT_FOUND, "The disk " + disk + " does not exist.", null, e);
        } catch (IOException e) {
            throw StorageFailures.of(doing + " " + disk, e);
        }
    }

    @Override
    public long size(String instanceUuid, String diskName) {
        return allocation(instanceUuid, diskName).size();
    }

    @Override
    public Allocation allocation(String instanceUuid, String diskName) {
        String format = backend.format(instanceUuid, diskName);
        if (!format.equals("raw")) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "disk " + diskName + " of instance " + instanceUuid + " is a " + format
                            + " file, and only raw ones travel to another host");
        }
        return with(instanceUuid, diskName, "looking for the holes of", FileHoles::of);
    }

    @Override
    public FileChannel open(String instanceUuid, String diskName) {
        return channel(instanceUuid, diskName, "reading", StandardOpenOption.READ);
    }

    /** How much a disk with holes takes is not known before; one that does not fit fails and is gone. */
    @Override
    public void demandRoom(List<Long> bytes) {}

    @Override
    public void createZero(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        backend.create(instanceUuid, diskName, new DiskContent.Blank(sizeBytes), progress);
    }

    @Override
    public FileChannel openToFill(String instanceUuid, String diskName) {
        return channel(instanceUuid, diskName, "filling", StandardOpenOption.WRITE);
    }

    private FileChannel channel(String instanceUuid, String diskName, String doing, OpenOption way) {
        return with(instanceUuid, diskName, doing, held -> FileChannel.open(held.path(), way));
    }
}
