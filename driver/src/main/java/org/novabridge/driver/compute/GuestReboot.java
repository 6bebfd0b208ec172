package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.InstanceSpec;

/**
 * Reboots, and what is made of their parts. One with a spec from the caller ends a rescue, and a migration that Nova knows
 * nothing of: Nova asks for it only of guests that it does not take for rescued (any longer), and takes to be here.
 */
final class GuestReboot {
    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final RescueEnd rescueEnd;
    private final MigrationEnd migrationEnd;
    private final GuestAdoption adoption;

    GuestReboot(
            Parts parts,
            GuestPower power,
            GuestBuild build,
            RescueEnd rescueEnd,
            MigrationEnd migrationEnd,
            GuestAdoption adoption) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.rescueEnd = rescueEnd;
        this.migrationEnd = migrationEnd;
        this.adoption = adoption;
    }

    Map<String, Object> hard(Steps steps, @Nullable InstanceSpec fresh) {
        return hard(steps, false, fresh);
    }

    private Map<String, Object> hard(Steps steps, boolean paused, @Nullable InstanceSpec fresh) {
        adoption.beforehand(steps, fresh);
        if (fresh != null) {
            rescueEnd.finish(steps);
            migrationEnd.comeBack(steps);
        }
        return GuestBuild.result(build.hardReboot(steps, paused, fresh));
    }

    /** A guest that does not shut down in time, or does not run, gets the hard reboot. */
    Map<String, Object> soft(Steps steps, @Nullable InstanceSpec fresh) {
        if (power.guest(steps.instance()).state() == GuestState.RUNNING) {
            power.keepDefinition(steps);
            if (power.shutDown(steps, parts.patience().get().softReboot(), Duration.ZERO)) {
                if (!GuestPower.active(power.guest(steps.instance()))) {
                    power.start(steps, "start the guest", false);
                }
                return Map.of("reboot", "soft");
            }
        }
        Map<String, Object> result = new LinkedHashMap<>(hard(steps, fresh));
        result.put("reboot", "hard");
        return result;
    }

    /** The middle of a hard reboot; the guest is stopped. */
    Map<String, Object> redefine(Steps steps, @Nullable InstanceSpec fresh) {
        adoption.beforehand(steps, fresh);
        if (fresh != null && !power.runs(steps.instance())) {
            rescueEnd.finish(steps);
        }
        return GuestBuild.result(build.redefine(steps, fresh));
    }

    /**
     * As a hard reboot of a stopped guest; a running one is success. One that stands still is let run when a spec comes with
     * the request: Nova takes it for stopped, so it was started paused by a nova-compute that died before it let it run.
     */
    Map<String, Object> powerOn(Steps steps, boolean paused, @Nullable InstanceSpec fresh) {
        if (!power.runs(steps.instance())) {
            return hard(steps, paused, fresh);
        }
        power.keepDefinition(steps);
        Guest guest = power.guest(steps.instance());
        if (fresh != null && !paused && guest.state() == GuestState.PAUSED && !guest.stoppedByDisk()) {
            power.unpause(steps);
        }
        return Map.of();
    }
}
