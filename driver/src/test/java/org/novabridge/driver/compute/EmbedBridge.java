package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSource;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;

/** A configuration, an image and specs for the real driver, mostly on {@code qemu:///embed}. */
public final class EmbedBridge {
    static final String IMAGE = "9c4b3d6e-0000-4000-8000-00000000cafe";

    private final Path folder;
    private final String uri;

    /**
     * @param folder searchable for QEMU's user
     * @param libvirtRoot root of the embedded driver
     */
    public EmbedBridge(Path folder, Path libvirtRoot) {
        this(folder, "qemu:///embed?root=" + libvirtRoot);
    }

    /** @param uri of any libvirt */
    EmbedBridge(Path folder, String uri) {
        this.folder = folder;
        this.uri = uri;
    }

    Path folder() {
        return folder;
    }

    String uri() {
        return uri;
    }

    Path instances() {
        return folder.resolve("instances");
    }

    Path state() {
        return folder.resolve("state");
    }

    Path config() {
        return folder.resolve("nova-compute.conf");
    }

    Path image() {
        return folder.resolve("image.qcow2");
    }

    /** Writes the configuration file; more lines go into [libvirt]. Nobody in these guests hears of a shutdown. */
    public void configure(String imagesType, String... libvirtLines) throws IOException {
        Files.writeString(config(), """
                [DEFAULT]
                instances_path = %s
                state_path = %s
                shutdown_timeout = 2
                [nova_bridge]
                state_path = %s
                qemu_user_check = false
                operation_lease = 1
                %s
                [vnc]
                enabled = false
                [spice]
                enabled = false
                [libvirt]
                virt_type = qemu
                cpu_mode = none
                connection_uri = %s
                images_type = %s
                %s
                """.formatted(
                        instances(), folder, state(), qemuUser(), uri, imagesType, String.join("\n", libvirtLines)));
    }

    /**
     * libvirt believes nothing it remembers of a QEMU while its user cannot open a /dev/kvm that root
     * can, and asks every binary anew at each start (seen on libvirt 9.0): minutes over a crash run.
     */
    private static String qemuUser() throws IOException {
        Path kvm = Path.of("/dev/kvm");
        if (!Files.exists(kvm)) {
            return "";
        }
        PosixFileAttributes node = Files.readAttributes(kvm, PosixFileAttributes.class);
        boolean forIts = node.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                || node.group().getName().equals("kvm");
        return forIts ? "" : "qemu_user = root";
    }

    public ConfigHolder load() {
        return ConfigHolder.load(ConfigSource.ofFile(config()));
    }

    public ComputeDriver open(ConfigHolder config) {
        return ComputeDriver.open(config, Clock.systemUTC());
    }

    /** A qcow2 image with random content, so that a conversion has something to write. */
    void makeImage(int mib) throws IOException, InterruptedException {
        Path raw = folder.resolve("image.raw");
        run("dd", "if=/dev/urandom", "of=" + raw, "bs=1M", "count=" + mib, "status=none");
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw.toString(), image().toString());
        Files.delete(raw);
    }

    private static void run(String... argv) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(argv).inheritIO().start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("failed: " + String.join(" ", argv));
        }
    }

    /** A guest with a root disk. */
    InstanceSpec spec(String uuid) {
        return spec(uuid, IMAGE);
    }

    /** The same of an image of another id, with the same content. */
    InstanceSpec spec(String uuid, String image) {
        return spec(uuid, 1, image);
    }

    /** @param rootGb GiB of its root disk, 0 for one as large as the image */
    InstanceSpec spec(String uuid, int rootGb, String image) {
        return spec(uuid, new Flavor("tiny", 1, 64, rootGb, 0, 0, Map.of()), null, image);
    }

    /** A guest with a root disk of a raw image of the caller's. */
    public InstanceSpec specOfRaw(String uuid, int rootGb, String imageId, Path image) {
        return spec(uuid, new Flavor("large", 1, 64, rootGb, 0, 0, Map.of()), null, imageId, image, "raw");
    }

    /** A guest of that flavor. */
    InstanceSpec spec(String uuid, Flavor flavor) {
        return spec(uuid, flavor, null);
    }

    /** A guest with every kind of disk: root, ephemeral, swap, config drive. */
    InstanceSpec specOfAllDisks(String uuid) throws IOException {
        return spec(uuid, new Flavor("tiny", 1, 64, 1, 1, 4, Map.of()), configDrive());
    }

    /** A guest with disks that are quickly written in full: a root disk as large as its image, swap, config drive. */
    InstanceSpec specOfSmallDisks(String uuid) throws IOException {
        return spec(uuid, new Flavor("small", 1, 64, 0, 0, 4, Map.of()), configDrive());
    }

    /** A guest without an ephemeral disk. */
    InstanceSpec specOfFewDisks(String uuid, int rootGb, int swapMb) throws IOException {
        return spec(uuid, new Flavor("few", 1, 64, rootGb, 0, swapMb, Map.of()), configDrive());
    }

    /** A guest with a disk that only a stable rescue leaves to it. */
    InstanceSpec specOfRescuable(String uuid) {
        return spec(uuid, new Flavor("swapping", 1, 64, 1, 0, 4, Map.of()), null);
    }

    String configDrive() throws IOException {
        Path file = folder.resolve("config-drive.iso");
        if (!Files.exists(file)) {
            Files.write(file, isoHeader());
        }
        return file.toString();
    }

    /** As much of an ISO 9660 file as an inspector wants to see: its primary volume descriptor. */
    private static byte[] isoHeader() {
        byte[] iso = new byte[512 << 10];
        byte[] descriptor = {1, 'C', 'D', '0', '0', '1', 1};
        System.arraycopy(descriptor, 0, iso, 16 * 2048, descriptor.length);
        return iso;
    }

    private InstanceSpec spec(String uuid, Flavor flavor, @Nullable String configDriveFile) {
        return spec(uuid, flavor, configDriveFile, IMAGE);
    }

    private InstanceSpec spec(String uuid, Flavor flavor, @Nullable String configDriveFile, String imageId) {
        return spec(uuid, flavor, configDriveFile, imageId, image(), "qcow2");
    }

    private InstanceSpec spec(
            String uuid, Flavor flavor, @Nullable String configDriveFile, String imageId, Path image, String format) {
        return new InstanceSpec(
                new Instance(
                        uuid,
                        "instance-" + uuid.substring(0, 8),
                        "guest",
                        "project",
                        "user",
                        1,
                        64,
                        flavor.rootGb(),
                        flavor.ephemeralGb(),
                        flavor,
                        imageId,
                        null,
                        null,
                        null,
                        null,
                        configDriveFile == null ? "" : "True",
                        Map.of(),
                        Map.of()),
                new ImageMeta(
                        imageId,
                        "image",
                        format,
                        "bare",
                        null,
                        0,
                        0,
                        Map.of("hw_rng_model", "virtio", "hw_disk_bus", "virtio")),
                BlockDeviceInfo.NONE,
                List.of(),
                image.toString(),
                configDriveFile,
                true,
                null);
    }

    static Path newFolder() throws IOException {
        Path made = Files.createTempDirectory(Path.of("/tmp"), "nbc-");
        return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
