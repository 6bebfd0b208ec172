package org.novabridge.driver.compute;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.Flavor;

/** A resize of the crash run, and what must be true of the disks after it, whoever has died. */
final class CrashResize {
    /** What the guest writes to its disks once they have grown. */
    private static final String LATER = "later";

    private final ComputeDriver driver;
    private final CrashInstance instance;
    private final StandInGuest guest;
    private final String uuid;

    CrashResize(ComputeDriver driver, CrashInstance instance, StandInGuest guest, String uuid) {
        this.driver = driver;
        this.instance = instance;
        this.guest = guest;
        this.uuid = uuid;
    }

    /** A root disk that is larger by 1 GiB, and swap that is made anew. */
    private Flavor larger() {
        Flavor made = instance.flavor();
        return new Flavor("larger", 1, 64, made.rootGb() + 1, made.ephemeralGb(), 2 * made.swapMb(), Map.of());
    }

    Operation resize() {
        instance.bringKey();
        return instance.ended(driver.instances()
                .resize(OperationsTest.OPERATOR, uuid, new ResizeRequest(larger(), false, false), RequestKey.NONE));
    }

    Operation confirm() {
        return instance.ended(driver.instances().confirmResize(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
    }

    Operation revert() {
        instance.bringKey();
        return instance.ended(driver.instances().revertResize(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
    }

    /** As the guest writes over what it had. */
    void write() throws IOException, InterruptedException {
        instance.volumes().writeAsGuest(LATER);
    }

    /** After a crash in {@link #resize}: it is taken back, or waits and can be. Sentences; empty when all is right. */
    List<String> afterCrash() throws IOException, InterruptedException {
        boolean waits = driver.instances().list().stream().anyMatch(view -> view.resize() != null);
        List<String> wrong = new ArrayList<>(wrong(waits, waits));
        if (waits) {
            Operation reverted = revert();
            if (reverted.state() != Operation.State.DONE) {
                wrong.add("a resize that waits cannot be reverted: " + reverted);
            }
            wrong.addAll(wrong(false, false));
        }
        return wrong;
    }

    /**
     * Sentences; empty when the disks are as they should be.
     *
     * @param larger with the new flavor
     * @param waits for its end
     */
    List<String> wrong(boolean larger, boolean waits) throws IOException, InterruptedException {
        List<String> wrong = new ArrayList<>();
        CrashVolumes volumes = instance.volumes();
        long size = volumes.size("disk");
        if (size >= (long) larger().rootGb() << 30 != larger) {
            wrong.add("a root disk of " + size + " bytes, " + (larger ? "resized" : "not resized"));
        }
        if (volumes.kept().isEmpty() == waits) {
            wrong.add("kept is " + volumes.kept() + " of a resize that " + (waits ? "waits" : "is over"));
        }
        // While it waits the guest writes at some time.
        boolean right = larger && volumes.beginsAsWritten("disk", LATER)
                || (!larger || waits) && volumes.beginsAsWritten("disk", "");
        if (!right) {
            wrong.add("another content on the root disk, " + (larger ? "resized" : "not resized"));
        }
        if (waits && guest.state() != GuestState.RUNNING && !guest.lostWithItsHost()) {
            wrong.add("the guest is " + guest.state());
        }
        return wrong;
    }
}
