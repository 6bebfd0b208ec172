package org.novabridge.driver.compute;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.RescueSpec;

/** A rescue of the crash run, and what must be true of the disks after it, whoever has died. */
final class CrashRescue {
    private static final String IMAGE = "9c4b3d6e-0000-4000-8000-00000000fade";
    private static final String RESCUE_DISK = "disk.rescue";

    private final ComputeDriver driver;
    private final CrashInstance instance;
    private final StandInGuest guest;
    private final String uuid;
    private final RescueSpec rescue;

    CrashRescue(ComputeDriver driver, CrashInstance instance, StandInGuest guest, String uuid, EmbedBridge bridge)
            throws IOException {
        this.driver = driver;
        this.instance = instance;
        this.guest = guest;
        this.uuid = uuid;
        this.rescue = new RescueSpec(
                new ImageMeta(IMAGE, "rescue", "qcow2", "bare", null, 0, 0, Map.of()),
                bridge.image().toString(),
                bridge.configDrive());
    }

    Operation rescue() {
        instance.bringKey();
        return instance.ended(driver.instances().rescue(OperationsTest.OPERATOR, uuid, rescue, RequestKey.NONE));
    }

    Operation unrescue() {
        instance.bringKey();
        return instance.ended(driver.instances().unrescue(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
    }

    private boolean rescued() {
        return driver.instances().show(uuid).rescuedSince() != null;
    }

    /** After a crash in {@link #rescue}: it is taken back, or the guest runs in it and comes back. Sentences. */
    List<String> afterCrash() throws IOException, InterruptedException {
        boolean rescued = rescued();
        List<String> wrong = new ArrayList<>(wrong(rescued));
        if (rescued) {
            Operation ended = unrescue();
            if (ended.state() != Operation.State.DONE) {
                wrong.add("a rescue cannot be ended: " + ended);
            }
            wrong.addAll(wrong(false));
        }
        return wrong;
    }

    /** Sentences; empty when the guest has the disks that it should have. */
    List<String> wrong(boolean rescued) throws IOException, InterruptedException {
        List<String> wrong = new ArrayList<>();
        if (rescued() != rescued) {
            wrong.add("a guest that is " + (rescued ? "not " : "") + "rescued");
        }
        if (instance.volumes().has(RESCUE_DISK) != rescued) {
            wrong.add("the rescue disk is " + (rescued ? "missing" : "left over"));
        }
        if (!instance.volumes().beginsAsWritten("disk", "")) {
            wrong.add("another content on the root disk");
        }
        if (rescued && guest.state() != GuestState.RUNNING && !guest.lostWithItsHost()) {
            wrong.add("the rescued guest is " + guest.state());
        }
        return wrong;
    }
}
