package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.compute.InstanceView.DiskView;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;

/** The guests as they are seen: what libvirt says of them, what the records say, and where they differ. */
final class InstanceViews {
    private final Parts parts;

    InstanceViews(Parts parts) {
        this.parts = parts;
    }

    /** All guests, disks and drift left empty. */
    List<InstanceView> list() {
        Map<String, InstanceView> views = new HashMap<>();
        for (InstanceRecord made : parts.records().list()) {
            views.put(made.uuid(), view(made.uuid(), Optional.of(made), Optional.empty()));
        }
        for (Guest guest : parts.hypervisor().list()) {
            views.put(guest.uuid(), view(guest.uuid(), parts.records().find(guest.uuid()), Optional.of(guest)));
        }
        return views.values().stream()
                .sorted(Comparator.comparing(InstanceView::name).thenComparing(InstanceView::uuid))
                .toList();
    }

    private InstanceView view(String uuid, Optional<InstanceRecord> made, Optional<Guest> guest) {
        GuestState state = guest.map(Guest::state).orElse(GuestState.NOSTATE);
        if (guest.isPresent() && !GuestPower.active(guest.get()) && guest.get().hasManagedSave()) {
            state = GuestState.SUSPENDED;
        }
        return new InstanceView(
                uuid,
                made.map(InstanceRecord::name).or(() -> guest.map(Guest::name)).orElse(uuid),
                made.map(InstanceRecord::displayName).orElse(""),
                made.map(InstanceRecord::owner).orElse(null),
                made.map(InstanceRecord::backend).orElse(null),
                Words.lower(state),
                state.novaCode(),
                List.of(),
                List.of(),
                null,
                made.map(this::resize).orElse(null),
                made.map(InstanceRecord::migration)
                        .map(InstanceViews::migration)
                        .orElse(null),
                made.flatMap(InstanceRecord::inRescue).map(Rescue::since).orElse(null),
                guest.map(this::stalled).orElse(null));
    }

    private @Nullable String stalled(Guest guest) {
        return DiskStall.of(parts, guest).map(DiskStall::sentence).orElse(null);
    }

    private InstanceView.@Nullable Resize resize(InstanceRecord made) {
        PendingResize waiting = made.resize();
        return waiting == null
                ? null
                : new InstanceView.Resize(
                        waiting.phase().word(), flavor(waiting.spec()), flavor(made.spec()), waiting.since());
    }

    private static InstanceView.@Nullable Migration migration(PendingMigration pending) {
        return pending.phase() == PendingMigration.Phase.KEPT
                ? null
                : new InstanceView.Migration(
                        pending.phase().word(), pending.host().isEmpty() ? null : pending.host(), pending.since());
    }

    private String flavor(JsonNode spec) {
        return parts.planner().read(spec).instance().flavor().name();
    }

    /** As in {@link #list}. @throws BridgeException INSTANCE_NOT_FOUND */
    InstanceView state(String uuid) {
        return known(
                uuid,
                parts.records().find(Uuids.canonical(uuid)),
                parts.hypervisor().find(uuid));
    }

    private InstanceView known(String uuid, Optional<InstanceRecord> made, Optional<Guest> guest) {
        if (made.isEmpty() && guest.isEmpty()) {
            throw Ownership.notFound(uuid);
        }
        return view(uuid, made, guest);
    }

    /** @throws BridgeException INSTANCE_NOT_FOUND */
    InstanceView show(String uuid) {
        Optional<InstanceRecord> made = parts.records().find(Uuids.canonical(uuid));
        Optional<Guest> guest = parts.hypervisor().find(uuid);
        InstanceView bare = known(uuid, made, guest);
        List<Drift> drift = List.of();
        String unknown = null;
        if (guest.filter(GuestPower::active).isPresent()) {
            if (made.isPresent()) {
                try {
                    drift = drift(made.get());
                } catch (BridgeException e) {
                    unknown = e.getMessage();
                }
            } else {
                unknown = "the bridge has no record of this guest";
            }
        }
        return new InstanceView(
                uuid,
                bare.name(),
                bare.displayName(),
                bare.owner(),
                bare.backend(),
                bare.state(),
                bare.novaPowerState(),
                made.map(this::diskViews).orElse(List.of()),
                drift,
                unknown,
                bare.resize(),
                bare.migration(),
                bare.rescuedSince(),
                bare.stalled());
    }

    private List<Drift> drift(InstanceRecord made) {
        return parts.planner()
                .drift(
                        parts.planner().read(made.spec()),
                        made,
                        parts.hypervisor().xml(made.uuid(), false));
    }

    private List<DiskView> diskViews(InstanceRecord made) {
        Map<String, GuestPlan.PlannedDisk> planned = new HashMap<>();
        try {
            parts.planner()
                    .plan(parts.planner().read(made.spec()), made)
                    .disks()
                    .forEach(disk -> planned.put(disk.name(), disk));
        } catch (BridgeException e) {
            // Today's configuration refuses the guest: its disks are shown as they are recorded.
            planned.clear();
        }
        List<DiskView> views = new ArrayList<>();
        for (RecordedDisk disk : made.disks()) {
            GuestPlan.PlannedDisk plan = planned.get(disk.name());
            views.add(new DiskView(
                    disk.name(),
                    plan == null ? null : plan.role(),
                    plan == null ? null : plan.target(),
                    disk.sourceType(),
                    disk.source(),
                    disk.format(),
                    plan == null ? null : plan.sizeBytes(),
                    parts.backends()
                            .find(disk.backend())
                            .filter(backend -> backend.exists(made.uuid(), disk.name()))
                            .isPresent()));
        }
        return views;
    }
}
