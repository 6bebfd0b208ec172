package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A host of the crash run whose disks are real logical volumes, in tools/lvm-lab. A guest would add nothing
 * to what is done to its disks and much to the time, so libvirt is its test driver here, and the disks
 * are made and removed without one.
 */
abstract class CrashVolumesHost {
    static final String GROUP = "crash";
    static final String LIBVIRT = "test:///default";

    private Path folder;
    private EmbedBridge bridge;
    private List<String> devices = disks();

    @BeforeEach
    void make() throws Exception {
        folder = EmbedBridge.newFolder();
        bridge = new EmbedBridge(folder, LIBVIRT);
    }

    @AfterEach
    void remove() throws Exception {
        CrashVolumes.removeGroup(GROUP, devices);
        Trees.delete(folder);
    }

    CrashLab lab(int imageMib, String... more) throws Exception {
        return new CrashLab(host(imageMib, more), CrashJvm.shared());
    }

    /** A host with the volume group that the configuration names, made for it. */
    EmbedBridge host(int imageMib, String... more) throws Exception {
        make(bridge, imageMib, disks(), more);
        return bridge;
    }

    /** The same on these devices. */
    EmbedBridge host(int imageMib, List<String> below, String backend) throws Exception {
        devices = below;
        // Disks of a gigabyte, in a pool of less.
        String[] thin = {"images_lvm_type = thin", "images_lvm_max_over_subscription_ratio = 20"};
        make(bridge, imageMib, below, backend.equals("thin") ? thin : new String[0]);
        return bridge;
    }

    static List<String> disks() {
        return List.of(Objects.requireNonNull(System.getenv("LAB_DISKS"), "run by tools/lvm-lab-tests")
                .split(" "));
    }

    /**
     * Configuration, volume group, image.
     *
     * @param imageMib size of the image and so of the root disk
     * @param more lines of [libvirt], and of sections after it
     */
    static void make(EmbedBridge bridge, int imageMib, List<String> disks, String... more) throws Exception {
        List<String> lines = new ArrayList<>();
        lines.add("images_volume_group = " + GROUP);
        lines.add("images_lvm_devices = " + String.join(",", disks));
        // The lab's file system, which the config drive lies on, has no direct I/O and cannot be asked for it.
        lines.add("disk_cachemodes = file=writeback,block=none");
        lines.addAll(List.of(more));
        bridge.configure("lvm", lines.toArray(String[]::new));
        CrashVolumes.makeGroup(bridge.load().snapshot());
        bridge.makeImage(imageMib);
    }

    /**
     * Kills a bridge from outside while a program of it is seen to work on a volume.
     *
     * @param program its command line, once it has begun; what waits to begin has another one
     */
    static void killWhile(CrashLab lab, CrashChild.Action action, String program, String what) throws Exception {
        Predicate<String> atWork = Pattern.compile("\\d+ \\S*" + program + ".*").asMatchPredicate();
        Process bridge = lab.start(action);
        for (int starts = 1; !isSeen(lab, bridge, atWork); starts++) {
            // On a fast machine it may be over between two looks.
            assertThat(starts).as("%s is seen before the bridge ends", what).isLessThan(10);
            assertThat(bridge.exitValue()).as("the bridge that ended").isZero();
            bridge = lab.start(action);
        }
        bridge.destroyForcibly().waitFor();

        Thread.sleep(500);
        assertThat(lab.workers()).as("processes outlive the bridge").isEmpty();
        lab.settle();
        System.out.println("crash: lvm " + action.word() + ": killed in the middle of " + what);
    }

    /** Waits for a program of the bridge's; false when the bridge has ended without it. */
    private static boolean isSeen(CrashLab lab, Process bridge, Predicate<String> atWork) throws Exception {
        Instant end = Instant.now().plusSeconds(240);
        while (lab.workers().stream().noneMatch(atWork)) {
            if (!bridge.isAlive()) {
                return false;
            }
            assertThat(Instant.now()).as("a program is seen").isBefore(end);
            // Each look at all processes costs the lab's only processor, which the bridge wants.
            Thread.sleep(20);
        }
        return true;
    }
}
