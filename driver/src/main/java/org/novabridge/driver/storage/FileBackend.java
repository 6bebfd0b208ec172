package org.novabridge.driver.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the file backends share: {@code <instances_path>/<uuid>/<disk>}, made as {@code <uuid>.<disk>.part} (and {@code
 * <uuid>.<disk>.raw.part}) in root's {@link WorkFolder}, recorded in disk.info, renamed into place. Callers hold the
 * instance's lock.
 */
public abstract class FileBackend implements ImageBackend {
    private static final Logger LOG = LoggerFactory.getLogger(FileBackend.class);
    private static final String PART = ".part";
    private static final String RAW_PART = ".raw.part";

    private final Path instances;
    private final boolean preallocate;
    private final CommandExecutor executor;
    private final FileOwner owner;
    private final QemuImg qemuImg;
    private final FileCopy copy;
    private final FileSystemMaker fileSystems;
    private final ImageInspector inspector;

    protected FileBackend(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        QemuImgSettings settings = QemuImgSettings.of(config, owner);
        this.instances = Path.of(config.get(DefaultOptions.INSTANCES_PATH));
        this.preallocate = config.get(DefaultOptions.PREALLOCATE_IMAGES).equals("space");
        this.executor = executor;
        this.owner = owner;
        this.qemuImg = new QemuImg(executor, settings);
        this.copy = new FileCopy(executor, settings.stall());
        this.fileSystems = new FileSystemMaker(config, executor, settings);
        this.inspector = new ImageInspector(config.get(ComputeOptions.VMDK_ALLOWED_TYPES));
    }

    /** Format of a disk with this content. */
    protected abstract String formatOf(String diskName, DiskContent content);

    /** Makes a disk from a base at the partial path; the flavor has been checked. */
    protected abstract void makeFromImage(Path partial, CachedImage image, long sizeBytes, Progress progress)
            throws IOException;

    @Override
    public DiskSource locate(String instanceUuid, String diskName) {
        return new DiskSource.FileSource(path(instanceUuid, diskName));
    }

    @Override
    public String format(String instanceUuid, String diskName) {
        Path disk = path(instanceUuid, diskName);
        return info(instanceUuid)
                .format(disk)
                .orElse(
                        DiskNames.isConfigDrive(diskName)
                                ? "raw"
                                : capabilities().driverFormat());
    }

    @Override
    public boolean exists(String instanceUuid, String diskName) {
        return Files.exists(path(instanceUuid, diskName));
    }

    /** A plain file in the instance's own folder, which disk.info does not know as anything else. */
    @Override
    public void demandTakeable(String instanceUuid, String diskName, String format) {
        ImageBackend.super.demandTakeable(instanceUuid, diskName, format);
        Path disk = path(instanceUuid, diskName);
        String recorded = info(instanceUuid).format(disk).orElse(format);
        if (!recorded.equals(format)) {
            throw new BridgeException(
                    ErrorCode.INVALID_DISK_INFO,
                    folder(instanceUuid).resolve("disk.info") + " records " + disk + " as " + recorded
                            + ", and its guest uses it as " + format,
                    "find out with which format the guest works (what it has written says nothing), and mend the file or"
                            + " the domain");
        }
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instanceUuid);
                HeldFile held = folder.file(diskName).withOneName()) {
            LOG.debug("{} is a file of its own", held);
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "disk " + disk + " cannot be taken over: "
                            + (e instanceof FileSystemException named && named.getReason() != null
                                    ? named.getReason()
                                    : e.getMessage()),
                    "it must be a file with one name in the folder of its instance, which is no link either",
                    e);
        }
    }

    @Override
    public List<String> list(String instanceUuid) {
        return DiskNames.in(folder(instanceUuid));
    }

    @Override
    public void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        Path disk = path(instanceUuid, diskName);
        if (Files.exists(disk, LinkOption.NOFOLLOW_LINKS)) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "The disk " + disk + " exists already.",
                    "Delete the instance, or its leftover disk, first.");
        }
        place(instanceUuid, diskName, content, progress, "creating " + disk);
    }

    @Override
    public void renew(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        place(instanceUuid, diskName, content, progress, "renewing " + path(instanceUuid, diskName));
    }

    /** Over whatever has the name. */
    private void place(String instanceUuid, String diskName, DiskContent content, Progress progress, String doing) {
        Path disk = path(instanceUuid, diskName);
        boolean done = false;
        try {
            StorageFailures.checkCancelled(progress, doing);
            owner.makeFolder(folder(instanceUuid));
            try (WorkFolder work = WorkFolder.in(instances);
                    HeldFolder folder = work.around().below(instanceUuid)) {
                String part = instanceUuid + "." + diskName + PART;
                Path raw = work.at(instanceUuid + "." + diskName + RAW_PART);
                String format = formatOf(diskName, content);
                Long size = make(work.at(part), raw, format, content, progress);
                if (size != null) {
                    preallocate(work.at(part), size);
                }
                StorageFailures.checkCancelled(progress, doing);
                owner.finish(work.at(part));
                info(instanceUuid).record(disk, format);
                work.place(part, folder, diskName);
            }
            done = true;
        } catch (IOException e) {
            throw StorageFailures.of(doing, e);
        } finally {
            if (!done) {
                discard(instanceUuid, diskName);
            }
        }
    }

    /** Makes the bytes; answers the size to preallocate, null for none (as Nova: only when a size was asked for). */
    private @Nullable Long make(Path partial, Path raw, String format, DiskContent content, Progress progress)
            throws IOException {
        Files.deleteIfExists(partial);
        Files.deleteIfExists(raw);
        if (content instanceof DiskContent.FromImage from) {
            Long wanted = from.sizeBytes();
            CachedImage image = from.image();
            if (wanted != null && wanted < image.virtualSize()) {
                throw ImageCache.tooLarge(image.imageId(), image.virtualSize(), wanted);
            }
            makeFromImage(partial, image, wanted == null ? image.virtualSize() : wanted, progress);
            return wanted;
        }
        if (content instanceof DiskContent.FromFile file) {
            owner.makePrivate(partial, null);
            copy.copy(file.file(), partial, progress);
            return null;
        }
        long size = sizeOf(content);
        if (content instanceof DiskContent.Blank) {
            empty(partial, format, size);
            return size;
        }
        boolean direct = format.equals("raw");
        Path target = direct ? partial : raw;
        empty(target, "raw", size);
        progress.report("format disk", -1);
        if (content instanceof DiskContent.Ephemeral ephemeral) {
            fileSystems.format(target, ephemeral);
        } else {
            fileSystems.swap(target);
        }
        if (!direct) {
            owner.makePrivate(partial, qemuImg.settings().privateUid());
            qemuImg.convert(raw, "raw", partial, format, progress);
            Files.delete(raw);
        }
        return size;
    }

    private static long sizeOf(DiskContent content) {
        if (content instanceof DiskContent.Blank blank) {
            return blank.sizeBytes();
        }
        if (content instanceof DiskContent.Ephemeral ephemeral) {
            return ephemeral.sizeBytes();
        }
        if (content instanceof DiskContent.Swap swap) {
            return swap.sizeBytes();
        }
        throw new IllegalArgumentException("no size of its own: " + content);
    }

    /** An empty disk; a raw one is a file with a hole. */
    protected void empty(Path file, String format, long sizeBytes) throws IOException {
        owner.makePrivate(file, qemuImg.settings().privateUid());
        if (format.equals("raw")) {
            extend(file, sizeBytes);
        } else {
            qemuImg.createEmpty(file, format, sizeBytes);
        }
    }

    /** Makes a raw file longer, by a hole; nothing in it is read. The file is ours, or held. */
    protected static void extend(Path file, long sizeBytes) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            if (opened.length() < sizeBytes) {
                opened.setLength(sizeBytes);
            }
        }
    }

    /** {@code preallocate_images=space}: as Nova, past the end of a qcow2 too, and only a warning when it cannot. */
    private void preallocate(Path file, long sizeBytes) {
        if (!preallocate) {
            return;
        }
        Command command = Command.of(Tool.FALLOCATE, "-n", "-l", Long.toString(sizeBytes), file.toString())
                .withEffect(Effect.WRITES)
                .withDeadline(qemuImg.settings().mkfsTimeout());
        try {
            executor.run(command);
        } catch (CommandFailedException e) {
            if (e.said("not supported")) {
                LOG.warn("blocks of {} cannot be preallocated, the file system has no fallocate", file);
                return;
            }
            throw StorageFailures.of("preallocating " + file, e);
        }
    }

    @Override
    public void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        Path disk = path(instanceUuid, diskName);
        if (!Files.exists(disk)) {
            throw new BridgeException(
                    ErrorCode.DISK_NOT_FOUND, "The disk " + disk + " does not exist.", "Restore it from a backup.");
        }
        String format = format(instanceUuid, diskName);
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instanceUuid);
                HeldFile held = folder.file(diskName).withOneName()) {
            // qemu-img has no privileges, so a name is good enough for it; what root does is done to the held file.
            Path name = folder.at(diskName);
            if (format.equals("raw")) {
                extend(held.path(), sizeBytes);
            } else if (qemuImg.info(name, format).virtualSize() < sizeBytes) {
                qemuImg.grow(name, format, sizeBytes);
            }
            if (preallocate) {
                preallocate(held.path(), sizeBytes);
            }
            FileOwner.sync(held.path());
        } catch (IOException e) {
            throw StorageFailures.of("growing " + disk, e);
        }
    }

    /** Files are unlinked, not overwritten: the file system never shows a deleted file's blocks to another. */
    @Override
    public void remove(String instanceUuid, String diskName, Progress progress) {
        Path disk = path(instanceUuid, diskName);
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instanceUuid)) {
            Files.deleteIfExists(folder.at(diskName));
        } catch (NoSuchFileException e) {
            LOG.debug("the folder of {} is gone, and the disk with it", disk);
        } catch (IOException e) {
            throw StorageFailures.of("removing " + disk, e);
        }
        discard(instanceUuid, diskName);
    }

    @Override
    public Optional<KeptDisks> kept() {
        return Optional.of(new KeptFiles(instances, owner, copy));
    }

    protected final DiskStreams fileStreams() {
        return new FileStreams(instances, this, new QemuNbd(executor, qemuImg.settings(), instances));
    }

    /** Removes what is not a whole disk: partial files and the record of a disk that is not there. */
    private void discard(String instanceUuid, String diskName) {
        Path disk = path(instanceUuid, diskName);
        if (!Files.isDirectory(instances)) {
            return;
        }
        try (WorkFolder work = WorkFolder.in(instances)) {
            Files.deleteIfExists(work.at(instanceUuid + "." + diskName + PART));
            Files.deleteIfExists(work.at(instanceUuid + "." + diskName + RAW_PART));
            QemuNbd.clear(work, instanceUuid, diskName);
            if (!Files.exists(disk, LinkOption.NOFOLLOW_LINKS)) {
                info(instanceUuid).forget(disk);
            }
        } catch (IOException | BridgeException e) {
            LOG.warn("what is left of {} could not be removed: {}", disk, e.getMessage());
        }
    }

    private DiskInfoFile info(String instanceUuid) {
        DiskNames.checkInstance(instanceUuid);
        return new DiskInfoFile(instances, instanceUuid, owner);
    }

    protected QemuImg qemuImg() {
        return qemuImg;
    }

    protected FileCopy copy() {
        return copy;
    }

    protected FileOwner owner() {
        return owner;
    }

    protected ImageInspector inspector() {
        return inspector;
    }

    private Path folder(String instanceUuid) {
        DiskNames.checkInstance(instanceUuid);
        return instances.resolve(instanceUuid);
    }

    private Path path(String instanceUuid, String diskName) {
        DiskNames.check(instanceUuid, diskName);
        return Objects.requireNonNull(folder(instanceUuid).resolve(diskName));
    }
}
