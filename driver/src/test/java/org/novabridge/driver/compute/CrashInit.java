package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.ChildObserver;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupBootstrap;

/**
 * A process of the crash run that makes the volume group from devices full of another's data, until it reaches its place;
 * the words are those of {@link CrashChild}. Of a thick group it wipes all that is free; a thin pool it makes, and then
 * sets right what somebody has changed. The next process does what an operator does: {@code vg init} again, and what the
 * refusal tells him.
 */
public final class CrashInit {
    private static final int PIECE = 1 << 20;

    /** Where on each device it is looked: at both ends of what volumes lie on, and in between. */
    private static final List<Long> LOOKED_AT = List.of(80L << 20, 300L << 20, 700L << 20);

    private static final String GROUP = CrashVolumesHost.GROUP;
    private static final String CLEAN = "nb-clean";

    private final ConfigSnapshot config;
    private final CrashPlaces places;
    private final boolean thin;
    private final List<String> devices;
    private final Path begun;

    private CrashInit(EmbedBridge bridge, int at) throws IOException {
        this.config = bridge.load().snapshot();
        this.places = new CrashPlaces(at);
        this.thin = config.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("thin");
        this.devices = config.find(LibvirtOptions.IMAGES_LVM_DEVICES).orElseThrow();
        this.begun = bridge.folder().resolve("begun");
    }

    /** Two devices for a thin pool, one that is wiped for thick volumes. */
    static void configure(EmbedBridge bridge, String backend) throws IOException {
        List<String> disks = CrashVolumesHost.disks();
        boolean thin = backend.equals("thin");
        bridge.configure(
                "lvm",
                "images_volume_group = " + GROUP,
                "images_lvm_devices = " + String.join(",", disks.subList(0, thin ? 2 : 1)),
                "images_lvm_type = " + (thin ? "thin" : "default"));
    }

    public static void main(String[] args) throws Exception {
        CrashInit init = new CrashInit(new EmbedBridge(Path.of(args[1]), args[2]), Integer.parseInt(args[4]));
        init.settle();
        if (args[0].equals("settle")) {
            init.takeApart();
            System.out.println("settled");
        } else {
            init.act();
        }
        Runtime.getRuntime().halt(0);
    }

    private void act() throws IOException, InterruptedException {
        takeApart();
        for (String device : CrashVolumesHost.disks().subList(0, devices.size() + 1)) {
            for (long at : LOOKED_AT) {
                writeOthers(device, at);
            }
        }
        durably(begun);
        bootstrap(true).apply();
        if (thin) {
            String pool = GROUP + "/" + GROUP + "-pool";
            CrashVolumes.ask("/sbin/lvchange", "--yes", "--quiet", "--errorwhenfull", "n", pool);
            CrashVolumes.ask("/sbin/lvchange", "--yes", "--quiet", "--detachprofile", pool);
            CrashVolumes.ask("/sbin/lvchange", "--yes", "--quiet", "--monitor", "n", pool);
            bootstrap(true).apply();
        }
        places.arm(false);
        places.print();
        whole("vg init without a crash");
        takeApart();
        Files.delete(begun);
    }

    private VolumeGroupBootstrap bootstrap(boolean dying) {
        places.arm(dying);
        ProcessExecutor executor = new ProcessExecutor(
                new ChildObserver() {
                    @Override
                    public void started(Child child) {
                        places.reach("child before " + String.join(" ", child.argv()));
                    }

                    @Override
                    public void ended(Child child) {
                        places.reach("child after " + String.join(" ", child.argv()));
                    }
                },
                null);
        return thin
                ? VolumeGroupBootstrap.of(config, executor)
                : VolumeGroupBootstrap.wiping(config, executor, Progress.NONE);
    }

    /** As an operator does after a crash. */
    private void settle() throws IOException, InterruptedException {
        if (!Files.exists(begun)) {
            return;
        }
        if (tags().contains(CLEAN)) {
            // Before anybody goes on: guests' disks would be made of it without zeroing.
            devices.forEach(device -> clean(device, "a group that is tagged clean"));
        }
        for (int left = devices.size(); ; left--) {
            try {
                bootstrap(false).apply();
                break;
            } catch (BridgeException e) {
                String said = String.valueOf(e.getMessage());
                List<String> told = devices.stream()
                        .filter(device -> said.contains("if nothing on it is wanted: pvremove " + device))
                        .toList();
                if (told.isEmpty() || left == 0) {
                    expect(false, "vg init cannot go on, and does not tell how: " + said);
                    return;
                }
                for (String device : told) {
                    CrashVolumes.ask("/sbin/pvremove", "--yes", "--quiet", device);
                }
            }
        }
        whole("the next vg init");
    }

    /** The group is as it was wanted, and nothing else has changed. */
    private void whole(String after) throws IOException, InterruptedException {
        expect(bootstrap(false).plan().done(), "something is left to do after " + after);
        List<String> volumes = CrashVolumes.lines("/sbin/lvs", "--noheadings", "--options", "lv_name", GROUP);
        expect(
                volumes.equals(thin ? List.of(GROUP + "-pool") : List.of()),
                "the group has the volumes " + volumes + " after " + after);
        List<String> suspended =
                CrashVolumes.lines("/sbin/dmsetup", "info", "-c", "--noheadings", "-o", "name,suspended").stream()
                        .filter(line -> line.endsWith("Suspended"))
                        .toList();
        expect(suspended.isEmpty(), "suspended devices " + suspended + " after " + after);
        if (!thin) {
            expect(tags().contains(CLEAN), "the group is not tagged clean after " + after);
            devices.forEach(device -> clean(device, after));
        }
        for (long at : LOOKED_AT) {
            String other = CrashVolumesHost.disks().get(devices.size());
            expect(
                    Arrays.equals(CrashVolumes.read(Path.of(other), at), others(other, at)),
                    "another content on " + other + ", which nobody named, after " + after);
        }
    }

    private void clean(String device, String of) {
        for (long at : LOOKED_AT) {
            try {
                expect(
                        Arrays.equals(CrashVolumes.read(Path.of(device), at), new byte[PIECE]),
                        "data of another at " + at + " of " + device + ", " + of);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static List<String> tags() throws IOException, InterruptedException {
        List<String> tags = new ArrayList<>();
        for (String line : CrashVolumes.lines("/sbin/vgs", "--noheadings", "--options", "vg_name,vg_tags")) {
            String[] words = line.split("\\s+");
            if (words[0].equals(GROUP) && words.length > 1) {
                tags.addAll(List.of(words[1].split(",")));
            }
        }
        return tags;
    }

    /** Devices as before, whatever is on them; not of the house, which would have to be asked. */
    void takeApart() throws IOException, InterruptedException {
        if (CrashVolumes.lines("/sbin/vgs", "--noheadings", "--options", "vg_name")
                .contains(GROUP)) {
            CrashVolumes.ask("/sbin/vgremove", "--yes", "--force", "--quiet", GROUP);
        }
        for (String device : devices) {
            CrashVolumes.ask("/sbin/wipefs", "--all", "--force", "--quiet", device);
        }
        Path profiles = Path.of("/etc/lvm/profile");
        if (Files.isDirectory(profiles)) {
            try (Stream<Path> files = Files.list(profiles)) {
                for (Path file : files.filter(
                                file -> file.getFileName().toString().contains("nova-bridge"))
                        .toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void writeOthers(String device, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(device), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(others(device, at)), at);
            channel.force(true);
        }
    }

    private static byte[] others(String device, long at) {
        byte[] data = new byte[PIECE];
        new Random(device.hashCode() + at).nextBytes(data);
        return data;
    }

    private static void durably(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("begun".getBytes(StandardCharsets.US_ASCII)), 0);
            channel.force(true);
        }
        try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static void expect(boolean right, String otherwise) {
        if (!right) {
            System.out.println("WRONG " + otherwise);
        }
    }
}
