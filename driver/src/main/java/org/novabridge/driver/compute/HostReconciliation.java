package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.lvm.VolumeCensus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Journal, volumes, tags, domains, folders of instances and base images compared; what is half done settled, and volumes of
 * ours that nothing knows removed, those that were asked for by name and no other. What is not ours is never touched.
 */
public final class HostReconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(HostReconciliation.class);

    /** What the operations work on, in place of an instance: one after the other. */
    private static final String SUBJECT = "host";

    private final Parts parts;
    private final HostLook look;
    private final Supplier<Optional<VolumeCensus>> census;
    private final Consumer<HostEvent> events;

    /** Names of what was told of: what is still there is no news. */
    private final Set<String> told = new HashSet<>();

    HostReconciliation(
            Parts parts, HostLook look, Supplier<Optional<VolumeCensus>> census, Consumer<HostEvent> events) {
        this.parts = parts;
        this.look = look;
        this.census = census;
        this.events = events;
    }

    /**
     * Compares, and changes nothing.
     *
     * @param remove volumes that {@link #reconcile} would be asked to remove
     * @throws BridgeException VOLUME_GROUP_UNUSABLE, HYPERVISOR_UNAVAILABLE …; FORBIDDEN when one of the volumes would not be
     *     removed
     */
    public HostReport report(List<String> remove) {
        HostPicture host = look.take();
        HostReport report = HostReport.of(host, parts.clock().instant());
        demandRemovable(host, report.found(), remove);
        tell(report.found());
        return report;
    }

    /**
     * Compares, tries again what operations could not take back, begins wipes that wait, and removes volumes of ours that
     * nothing knows. The result has what was {@code removed}, what is being settled, and {@code found}: what does not fit.
     *
     * @param remove their names, without the group's
     * @throws BridgeException FORBIDDEN to anybody but the operator, and when a volume is not ours or something knows it:
     *     then nothing is done
     */
    public Operation reconcile(Caller caller, List<String> remove, RequestKey key) {
        if (caller.role() != Caller.Role.OPERATOR) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    "only the operator of this host may have it reconciled",
                    "look without a change: GET /v1/host/reconcile");
        }
        if (!parts.operations().knows(caller, key)) {
            report(remove);
        }
        return parts.operations()
                .submit(Operation.Kind.RECONCILE, SUBJECT, caller, key, steps -> reconcile(steps, remove));
    }

    private Map<String, Object> reconcile(Steps steps, List<String> remove) {
        steps.step("compare the host with what is known of it");
        HostPicture before = look.take();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("settling", settle(HostComparison.of(before)));
        List<String> removed = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        for (String volume : remove) {
            steps.step("remove " + volume);
            try {
                remove(volumeOf(before, volume), steps);
                removed.add(volume);
                steps.known(Map.of("removed", List.copyOf(removed)));
            } catch (BridgeException e) {
                if (e.code() == ErrorCode.CANCELLED || e.code() == ErrorCode.INTERRUPTED) {
                    throw e;
                }
                kept.add(volume + ": " + e.getMessage());
            }
        }
        if (!kept.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "these volumes were not removed: " + String.join("; ", kept),
                    "what has begun to be wiped is called nb-wipe-… now, and its wipe is begun again by the next reconcile");
        }
        result.put("removed", removed);
        HostReport after = HostReport.of(
                remove.isEmpty() ? before : look.take(), parts.clock().instant());
        tell(after.found());
        result.putAll(after.json());
        return result;
    }

    /** Goes on beside this, as after a start of the bridge. */
    private List<String> settle(List<Leftover> found) {
        List<String> wipes = names(found, Leftover.Kind.WIPE_WAITS);
        parts.operations().retryLeft();
        census.get().ifPresent(all -> new InterruptedWipes(parts.operations(), () -> wipes, all::finishWipe).begin());
        List<String> settling = new ArrayList<>(names(found, Leftover.Kind.OPERATION_LEFT));
        settling.addAll(wipes);
        return settling;
    }

    private static List<String> names(List<Leftover> found, Leftover.Kind kind) {
        return found.stream()
                .filter(leftover -> leftover.kind() == kind)
                .map(Leftover::name)
                .toList();
    }

    /** Looked at once more, with nobody else at its instance: one may have been made meanwhile that needs it. */
    private void remove(VolumeCensus.Volume volume, Steps steps) {
        String instance = volume.subject().isEmpty() ? volume.name() : volume.subject();
        try (Locks.Held unused = parts.locks().take(Locks.Level.INSTANCE, instance)) {
            HostPicture now = look.take();
            demandRemovable(now, HostComparison.of(now), List.of(volume.name()));
            LOG.warn(
                    "removing {}/{}, which nothing knows, as {} asks",
                    now.group(),
                    volume.name(),
                    steps.caller().name());
            census.get().orElseThrow().remove(volumeOf(now, volume.name()), steps);
        }
    }

    private static VolumeCensus.Volume volumeOf(HostPicture host, String name) {
        return host.volumes().stream()
                .filter(volume -> volume.name().equals(name))
                .findFirst()
                .orElseThrow(() -> refused(name + ": " + missing(host)));
    }

    /** @throws BridgeException FORBIDDEN with the reason of each that is not to be removed */
    private static void demandRemovable(HostPicture host, List<Leftover> found, List<String> names) {
        List<String> reasons = new ArrayList<>();
        for (String name : names) {
            Optional<Leftover> leftover =
                    found.stream().filter(one -> one.name().equals(name)).findFirst();
            if (leftover.isEmpty()) {
                reasons.add(name + ": " + known(host, name));
            } else if (!leftover.get().removable()) {
                reasons.add(name + ": " + leftover.get().message());
            }
        }
        if (!reasons.isEmpty()) {
            throw refused(String.join("; ", reasons));
        }
    }

    private static String known(HostPicture host, String name) {
        return host.volumes().stream()
                .filter(volume -> volume.name().equals(name))
                .findFirst()
                .map(volume -> switch (volume.role()) {
                    case DISK, KEPT -> "instance " + volume.subject() + " has it";
                    case SNAPSHOT -> "operation " + volume.subject() + " has it";
                    case BASE -> "an instance or a volume of this host needs it";
                    case WIPE -> "it is being wiped";
                    default -> "nova-bridge has not made it";
                })
                .orElse(missing(host));
    }

    private static String missing(HostPicture host) {
        return host.group().isEmpty()
                ? "no volume group is configured"
                : "volume group " + host.group() + " has no such volume";
    }

    private static BridgeException refused(String why) {
        return new BridgeException(
                ErrorCode.FORBIDDEN,
                "nothing was removed: " + why,
                "only volumes of nova-bridge that nothing knows are removed: nova-bridge reconcile --dry-run lists them");
    }

    /** For the start of the bridge, when what a crash has left is settled. */
    void lookOnce() {
        try {
            report(List.of())
                    .found()
                    .forEach(one -> LOG.warn("{} {}: {}", one.kind().word(), one.name(), one.message()));
        } catch (RuntimeException e) {
            LOG.warn("the host could not be compared with what is known of it: {}", e.getMessage());
        }
    }

    private synchronized void tell(List<Leftover> found) {
        Set<String> names = found.stream().map(Leftover::name).collect(Collectors.toSet());
        List<String> fresh =
                names.stream().filter(name -> !told.contains(name)).sorted().toList();
        told.clear();
        told.addAll(names);
        if (!fresh.isEmpty()) {
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("found", fresh);
            detail.put(
                    "message",
                    fresh.size() + " that do not fit to the rest of the host: nova-bridge reconcile --dry-run");
            events.accept(
                    new HostEvent(HostEvent.Kind.LEFTOVERS, "", parts.clock().instant(), detail));
        }
    }
}
