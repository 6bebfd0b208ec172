package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * What disks in files were before a resize: {@code <instances_path>/<uuid>_resize/<disk>}, where Nova keeps them too, so
 * that its own delete removes them, and the aging of images sees which bases they read. A copy, which shares its blocks
 * with the disk where the file system can. Each gets its name when it is complete; the way back is one rename.
 */
final class KeptFiles implements KeptDisks {
    private static final String PART = ".resize.part";

    private final Path instances;
    private final FileOwner owner;
    private final FileCopy copy;

    KeptFiles(Path instances, FileOwner owner, FileCopy copy) {
        this.instances = instances;
        this.owner = owner;
        this.copy = copy;
    }

    @Override
    public String word() {
        return "a copy";
    }

    /** How much a copy takes is not known before: holes are left out, and blocks may be shared. One that fails is gone. */
    @Override
    public void demandRoom(String instanceUuid, List<Demand> disks) {
        List<String> left = list(instanceUuid);
        for (Demand disk : disks) {
            if (left.contains(disk.diskName())) {
                throw new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        kept(instanceUuid, disk.diskName()) + " is left of an earlier resize of the instance",
                        "a restart of the bridge takes back what a failed resize has left; remove it if nothing needs it");
            }
        }
    }

    @Override
    public void keep(String instanceUuid, String diskName, Progress progress) {
        String part = instanceUuid + "." + diskName + PART;
        try {
            owner.makeFolder(instances.resolve(beside(instanceUuid)));
            try (WorkFolder work = WorkFolder.in(instances);
                    HeldFolder folder = work.around().below(instanceUuid);
                    HeldFolder beside = work.around().below(beside(instanceUuid))) {
                Files.deleteIfExists(work.at(part));
                owner.makePrivate(work.at(part), null);
                copy.copy(folder.at(diskName), work.at(part), progress);
                owner.finish(work.at(part));
                FileOwner.sync(work.at(part));
                work.place(part, beside, diskName);
            }
        } catch (IOException e) {
            throw StorageFailures.of(
                    "keeping a copy of " + instances.resolve(instanceUuid).resolve(diskName), e);
        }
    }

    @Override
    public void setAside(String instanceUuid, String diskName) {
        try {
            owner.makeFolder(instances.resolve(beside(instanceUuid)));
        } catch (IOException e) {
            throw StorageFailures.of("making a folder for " + kept(instanceUuid, diskName), e);
        }
        move(instanceUuid, beside(instanceUuid), diskName);
    }

    @Override
    public void restore(String instanceUuid, String diskName, Progress progress) {
        move(beside(instanceUuid), instanceUuid, diskName);
        removeFolder(instanceUuid);
    }

    /** Over what has the name; nothing to move is success. */
    private void move(String from, String to, String diskName) {
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder source = outer.below(from);
                HeldFolder target = outer.below(to)) {
            Files.move(source.at(diskName), target.at(diskName), StandardCopyOption.ATOMIC_MOVE);
            target.sync();
            source.sync();
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw StorageFailures.of("renaming " + diskName + " from " + from + " to " + to, e);
        }
    }

    @Override
    public void discard(String instanceUuid, String diskName, Progress progress) {
        try (WorkFolder work = WorkFolder.in(instances);
                HeldFolder beside = work.around().below(beside(instanceUuid))) {
            Files.deleteIfExists(work.at(instanceUuid + "." + diskName + PART));
            Files.deleteIfExists(beside.at(diskName));
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw StorageFailures.of("removing " + kept(instanceUuid, diskName), e);
        }
        removeFolder(instanceUuid);
    }

    /** With its last file. */
    private void removeFolder(String instanceUuid) {
        try (HeldFolder outer = HeldFolder.open(instances)) {
            Files.deleteIfExists(outer.at(beside(instanceUuid)));
        } catch (DirectoryNotEmptyException e) {
            return;
        } catch (IOException e) {
            throw StorageFailures.of("removing " + instances.resolve(beside(instanceUuid)), e);
        }
    }

    @Override
    public List<String> list(String instanceUuid) {
        DiskNames.checkInstance(instanceUuid);
        return DiskNames.in(instances.resolve(beside(instanceUuid)));
    }

    private Path kept(String instanceUuid, String diskName) {
        DiskNames.check(instanceUuid, diskName);
        return instances.resolve(beside(instanceUuid)).resolve(diskName);
    }

    /** Name of the folder with what the instance was. */
    private static String beside(String instanceUuid) {
        return instanceUuid + InstanceFiles.RESIZE;
    }
}
