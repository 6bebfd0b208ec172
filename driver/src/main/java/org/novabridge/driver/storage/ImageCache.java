package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache of base images in Nova's own layout: {@code <instances_path>/_base/<sha1 of the image id>}
 * (nova/virt/libvirt/imagebackend.py and images.py, 26.2.2). A base is made in root's {@link WorkFolder} there,
 * {@code .part} while the bytes arrive and are inspected, {@code .converted} while they become raw, and then
 * renamed; it never changes once it has its name. Instances may share one cache object or have several; the locks are the same.
 */
public final class ImageCache {
    private static final Logger LOG = LoggerFactory.getLogger(ImageCache.class);
    static final String PART = ".part";
    static final String CONVERTED = ".converted";

    private final Path instances;
    private final Path folder;
    private final Path locks;
    private final boolean forceRaw;
    private final QemuImg qemuImg;
    private final ImageInspector inspector;
    private final FileCopy copy;
    private final FileOwner owner;
    private final CacheRecords records;
    private final Clock clock;

    private ImageCache(ConfigSnapshot config, CommandExecutor executor, FileOwner owner, Clock clock) {
        this.instances = Path.of(config.get(DefaultOptions.INSTANCES_PATH));
        QemuImgSettings settings = QemuImgSettings.of(config, owner);
        this.folder = instances.resolve(config.get(ImageCacheOptions.SUBDIRECTORY_NAME));
        this.locks = instances.resolve(CacheLock.LOCKS);
        this.forceRaw = config.get(DefaultOptions.FORCE_RAW_IMAGES);
        this.qemuImg = new QemuImg(executor, settings);
        this.inspector = new ImageInspector(config.get(ComputeOptions.VMDK_ALLOWED_TYPES));
        this.copy = new FileCopy(executor, settings.stall());
        this.owner = owner;
        this.records = new CacheRecords(Path.of(config.get(BridgeOptions.STATE_PATH), "images"));
        this.clock = clock;
    }

    /** The cache that this configuration describes; touches nothing. */
    public static ImageCache of(ConfigSnapshot config, CommandExecutor executor, FileOwner owner, Clock clock) {
        return new ImageCache(config, executor, owner, clock);
    }

    /** Where the base of an image is or would be. */
    public Path baseOf(String imageId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(imageId.getBytes(StandardCharsets.UTF_8));
            return folder.resolve(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The image if it is in the cache, marked as used now. Takes no lock: a base that has its name is
     * complete. A base that stock Nova cached is inspected first.
     *
     * @throws BridgeException IMAGE_UNACCEPTABLE for a base of Nova's that breaks a rule of ours
     */
    public Optional<CachedImage> find(String imageId) {
        Path base = baseOf(imageId);
        try (HeldFolder bases = bases();
                HeldFile held = bases.file(String.valueOf(base.getFileName()))) {
            Files.setLastModifiedTime(held.path(), FileTime.from(clock.instant()));
            Optional<CachedImage> known = records.read(imageId, base);
            if (known.isPresent()) {
                return known;
            }
            CachedImage image = examine(imageId, base, held);
            records.write(image);
            return Optional.of(image);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw StorageFailures.of("looking for image " + imageId + " in the cache", e);
        }
    }

    /**
     * The images in the cache that are known by id, last used first. Those that only stock Nova has used are not: a base has
     * no id in its name.
     */
    public List<CacheEntry> entries() {
        List<CacheEntry> entries = new ArrayList<>();
        try {
            for (CachedImage image : records.all(folder)) {
                try {
                    entries.add(new CacheEntry(
                            image, Files.getLastModifiedTime(image.base()).toInstant()));
                } catch (NoSuchFileException gone) {
                    LOG.debug("{} went while the cache was looked through", image.base());
                }
            }
        } catch (IOException e) {
            throw StorageFailures.of("looking through the image cache", e);
        }
        entries.sort(Comparator.comparing(CacheEntry::used).reversed());
        return entries;
    }

    /** The folder of the bases. Below instances_path no link is followed: Nova's user can make one to anywhere. */
    HeldFolder bases() throws IOException {
        Path below = folder.startsWith(instances) ? instances.relativize(folder) : folder;
        if (below.isAbsolute() || !below.normalize().equals(below)) {
            return HeldFolder.open(folder);
        }
        return HeldFolder.within(instances, folder);
    }

    /** Nobody but host programs has ever written to a base, so its own header may be asked. */
    private CachedImage examine(String imageId, Path base, HeldFile held) {
        Inspection inspection = inspector.inspect(held.path());
        String format = inspection.format().qemuName();
        if (!inspection.safe() || !(format.equals("raw") || format.equals("qcow2"))) {
            throw new BridgeException(
                    ErrorCode.IMAGE_UNACCEPTABLE,
                    "The cached base " + base + " of image " + imageId + " is unacceptable: "
                            + (inspection.safe()
                                    ? "its format is " + format
                                    : inspection.faults().get(0)) + ".",
                    "Remove the file once no guest uses it; it is then fetched again.");
        }
        return new CachedImage(imageId, base, format, inspection.virtualSize());
    }

    /**
     * Brings an image into the cache: inspected by us, cross-checked by qemu-img, its virtual size compared with the
     * largest allowed before anything is converted, made raw when {@code force_raw_images} says so (and when it is
     * neither raw nor qcow2, which no guest disk of ours can be), renamed into place.
     *
     * @param imageFile the bytes, root's own; the file is used up, also when this fails
     * @param maxVirtualSize bytes of the flavor's root disk; null for no limit
     * @throws BridgeException IMAGE_UNACCEPTABLE, FLAVOR_DISK_SMALLER_THAN_IMAGE, STORAGE_FULL, CANCELLED …; nothing
     *     is left
     */
    public CachedImage fill(ImageMeta image, Path imageFile, @Nullable Long maxVirtualSize, Progress progress) {
        String imageId = image.id();
        if (imageId == null || imageId.isEmpty()) {
            throw new BridgeException(ErrorCode.INVALID_REQUEST, "image_meta.id is missing, the cache needs it");
        }
        Path base = baseOf(imageId);
        try (CacheLock lock = CacheLock.acquire(lockOf(base), owner, progress)) {
            Optional<CachedImage> there = find(imageId);
            if (there.isPresent()) {
                Files.deleteIfExists(imageFile);
                return there.get();
            }
            owner.makeFolder(folder);
            try (WorkFolder work = WorkFolder.in(bases())) {
                CachedImage filled = fillLocked(image, imageFile, base, maxVirtualSize, work, progress);
                LOG.info(
                        "image {} is cached as {} ({}, {} bytes)",
                        imageId,
                        base,
                        filled.format(),
                        filled.virtualSize());
                return filled;
            }
        } catch (IOException e) {
            throw StorageFailures.of("caching image " + imageId, e);
        }
    }

    private CachedImage fillLocked(
            ImageMeta image,
            Path imageFile,
            Path base,
            @Nullable Long maxVirtualSize,
            WorkFolder work,
            Progress progress)
            throws IOException {
        String name = String.valueOf(base.getFileName());
        Path part = work.at(name + PART);
        Path converted = work.at(name + CONVERTED);
        try {
            progress.report("take over image file", -1);
            copy.move(imageFile, part, progress);
            progress.report("inspect image", -1);
            Long declaredSize = image.size();
            if (declaredSize != null && declaredSize != Files.size(part)) {
                throw new BridgeException(
                        ErrorCode.IMAGE_UNACCEPTABLE,
                        "Image " + image.id() + " is unacceptable: its file is " + Files.size(part)
                                + " bytes long, but image_meta.size is " + declaredSize + ".",
                        "Fetch the image again if the file was cut off; else correct image_meta.size.");
            }
            Inspection inspection = inspector.inspect(part);
            ImageFormat format = ImageInspector.requireAcceptable(inspection, image);
            long virtualSize = crossCheck(image, part, format, inspection);
            if (maxVirtualSize != null && virtualSize > maxVirtualSize) {
                throw tooLarge(String.valueOf(image.id()), virtualSize, maxVirtualSize);
            }
            if (format == ImageFormat.QCOW2 && !qemuImg.intact(part, progress)) {
                throw new BridgeException(
                        ErrorCode.IMAGE_UNACCEPTABLE,
                        "Image " + image.id() + " is unacceptable: its file is cut off or damaged"
                                + " (qemu-img check finds errors).",
                        "Fetch the image again; 'qemu-img check' on its file shows the errors.");
            }
            String kept = format.qemuName();
            Path ready = part;
            if (!kept.equals("raw") && (forceRaw || !kept.equals("qcow2"))) {
                owner.makePrivate(converted, qemuImg.settings().privateUid());
                qemuImg.convert(part, kept, converted, "raw", progress);
                Files.delete(part);
                Inspection result = inspector.inspect(converted);
                if (!result.format().qemuName().equals("raw")) {
                    throw ImageInspector.unacceptable(
                            image,
                            "converted to raw its content is " + result.format().glanceName());
                }
                kept = "raw";
                virtualSize = result.virtualSize();
                ready = converted;
            }
            owner.finish(ready);
            Files.setLastModifiedTime(ready, FileTime.from(clock.instant()));
            work.place(String.valueOf(ready.getFileName()), work.around(), name);
            CachedImage cached = new CachedImage(String.valueOf(image.id()), base, kept, virtualSize);
            records.write(cached);
            return cached;
        } finally {
            Files.deleteIfExists(part);
            Files.deleteIfExists(converted);
            Files.deleteIfExists(imageFile);
        }
    }

    /** qemu-img must see in the file, taken as what we found, nothing that we did not see. */
    private long crossCheck(ImageMeta image, Path part, ImageFormat format, Inspection inspection) {
        QemuImg.Info info = qemuImg.info(part, format.qemuName());
        if (info.backingFile() != null) {
            throw ImageInspector.unacceptable(image, "qemu-img finds a backing file");
        }
        if (info.dataFile() != null) {
            throw ImageInspector.unacceptable(image, "qemu-img finds an external data file");
        }
        if (info.encrypted()) {
            throw ImageInspector.unacceptable(image, "qemu-img finds it encrypted");
        }
        String createType = info.createType();
        if (createType != null && !createType.equals(inspection.subtype())) {
            throw ImageInspector.unacceptable(image, "qemu-img finds another VMDK create-type");
        }
        // VHD counts its size in cylinders, heads and sectors too, and qemu-img may take that one.
        if (format != ImageFormat.VHD && info.virtualSize() != inspection.virtualSize()) {
            throw ImageInspector.unacceptable(image, "qemu-img finds another virtual size");
        }
        if (info.virtualSize() <= 0) {
            throw ImageInspector.unacceptable(image, "qemu-img finds no virtual size");
        }
        return info.virtualSize();
    }

    /** The refusal that Nova calls FlavorDiskSmallerThanImage; sizes in bytes. */
    public static BridgeException tooLarge(String imageId, long virtualSize, long allowed) {
        return new BridgeException(
                ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE,
                "Flavor's disk is too small for requested image " + imageId + ". Flavor disk is " + allowed
                        + " bytes, image is " + virtualSize + " bytes.",
                "Use a flavor with a larger root disk.");
    }

    /**
     * Removes what fills left that did not end: {@code .part} and {@code .converted} files whose lock nobody holds.
     *
     * @return how many files were removed
     */
    public int recover() {
        int removed = 0;
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (WorkFolder work = WorkFolder.in(bases());
                DirectoryStream<Path> leftovers = Files.newDirectoryStream(work.path(), "*{.part,.converted}")) {
            for (Path leftover : leftovers) {
                String name = String.valueOf(leftover.getFileName());
                Path base = folder.resolve(name.substring(0, name.lastIndexOf('.')));
                try (CacheLock lock = CacheLock.tryAcquire(lockOf(base), owner)) {
                    if (lock != null && Files.deleteIfExists(leftover)) {
                        LOG.info("removed {}, left by a fill that did not end", name);
                        removed++;
                    }
                }
            }
            return removed;
        } catch (IOException e) {
            throw StorageFailures.of("tidying the image cache", e);
        }
    }

    Path instances() {
        return instances;
    }

    Path folder() {
        return folder;
    }

    Path lockOf(Path base) {
        return locks.resolve("nova-" + base.getFileName());
    }

    FileOwner owner() {
        return owner;
    }

    CacheRecords records() {
        return records;
    }
}
