package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.model.OutsideSpec;
import org.novabridge.driver.xml.DomainXml;

/**
 * Ports and volumes belong to the caller, who plugs and connects them; the bridge remembers them for it (design 4.6). It is
 * told before that is done and after it was undone, so a caller that died in between, or an operation that was rolled
 * back, leaves an entry. Those that no guest has are what a caller that starts anew must undo. Undoing twice does no harm.
 */
public final class OutsideDevices {
    private static final int MOST = 1024;

    private final OutsideRecords records;
    private final Parts parts;

    OutsideDevices(OutsideRecords records, Parts parts) {
        this.records = records;
        this.parts = parts;
    }

    /**
     * One that is to be undone.
     *
     * @param instance uuid
     */
    public record Left(String instance, OutsideDevice device) {}

    /**
     * What a caller that starts anew must undo.
     *
     * @param unsettled instances with something outside of which nothing is told yet, since an operation of theirs that gives
     *     or takes ports and volumes has not ended, is still to be taken back, or waits for its caller; to be asked for again
     */
    public record Report(List<Left> left, List<String> unsettled) {}

    /**
     * Remembers, durably, what is about to be plugged and connected; what is known is the same again.
     *
     * @throws BridgeException INSTANCE_NOT_FOUND, so that only what is here takes room; INVALID_REQUEST for one without an id
     */
    public synchronized void handed(String uuid, OutsideSpec spec) {
        Uuids.canonical(uuid);
        if (!parts.knows(uuid)) {
            throw new BridgeException(ErrorCode.INSTANCE_NOT_FOUND, "instance " + uuid + " is not on this host", null);
        }
        String now = parts.clock().instant().toString();
        List<OutsideDevice> before = records.of(uuid);
        List<OutsideDevice> all = new ArrayList<>(before);
        Stream.concat(
                        spec.ports().stream().map(vif -> OutsideDevice.port(vif, now)),
                        spec.volumes().stream().map(volume -> OutsideDevice.volume(volume, now)))
                .forEach(device -> put(all, device));
        if (all.size() > MOST) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "instance " + uuid + " has more than " + MOST + " ports and volumes");
        }
        if (!all.equals(before)) {
            records.save(uuid, all);
        }
    }

    private static void put(List<OutsideDevice> all, OutsideDevice device) {
        for (int i = 0; i < all.size(); i++) {
            OutsideDevice known = all.get(i);
            if (known.same(device)) {
                all.set(i, new OutsideDevice(device.kind(), device.id(), device.what(), known.since()));
                return;
            }
        }
        all.add(device);
    }

    /** It is unplugged, or disconnected; one that is not known is success. */
    public synchronized void undone(String uuid, OutsideDevice.Kind kind, String id) {
        Uuids.canonical(uuid);
        List<OutsideDevice> left = records.of(uuid).stream()
                .filter(device -> device.kind() != kind || !device.id().equals(id))
                .toList();
        if (left.size() < records.of(uuid).size()) {
            records.save(uuid, left);
        }
    }

    /**
     * What no guest has, by the records and by libvirt. A volume that any guest of this host has is none of it, whoever it
     * was connected for.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE: then nobody can say what guests have
     */
    public Report left() {
        // Asked for first: what is settled before a look is in it.
        Set<String> unsettled = new TreeSet<>();
        records.list().stream()
                .map(OutsideRecord::instance)
                .filter(parts.operations()::unsettled)
                .forEach(unsettled::add);
        Set<String> recorded = recorded();
        List<Left> unrecorded = new ArrayList<>();
        for (OutsideRecord one : records.list()) {
            one.devices().stream()
                    .filter(device -> !recorded.contains(key(device.kind(), device.id())))
                    .forEach(device -> unrecorded.add(new Left(one.instance(), device)));
        }
        if (!unrecorded.isEmpty()) {
            Set<String> running = running();
            unrecorded.removeIf(one -> running.contains(mark(one.device())));
        }
        unrecorded.removeIf(one -> unsettled.contains(one.instance()));
        return new Report(List.copyOf(unrecorded), List.copyOf(unsettled));
    }

    private static String key(OutsideDevice.Kind kind, String id) {
        return kind + " " + id;
    }

    /** Of all instances, also what they had before a resize or a rescue, since they go back to it. */
    private Set<String> recorded() {
        Set<String> found = new HashSet<>();
        for (InstanceRecord made : parts.records().list()) {
            Stream.of(
                            made.spec(),
                            made.resize() == null ? null : made.resize().spec(),
                            made.rescue() == null ? null : made.rescue().spec())
                    .filter(Objects::nonNull)
                    .map(parts.planner()::read)
                    .forEach(spec -> add(spec, found));
        }
        return found;
    }

    private static void add(InstanceSpec spec, Set<String> found) {
        spec.networkInfo().forEach(vif -> found.add(key(OutsideDevice.Kind.PORT, Objects.toString(vif.get("id"), ""))));
        spec.blockDeviceInfo().volumes().stream()
                .map(BlockDevice::volumeId)
                .forEach(id -> id.ifPresent(known -> found.add(key(OutsideDevice.Kind.VOLUME, known))));
    }

    /** The marks of all volumes and ports that libvirt knows, each document read once. */
    private Set<String> running() {
        Set<String> found = new HashSet<>();
        for (Guest guest : parts.hypervisor().list()) {
            for (String document : documents(guest.uuid())) {
                LiveDomain live = DomainXml.read(document);
                live.disks().stream()
                        .map(LiveDisk::serial)
                        .filter(Objects::nonNull)
                        .forEach(serial -> found.add(key(OutsideDevice.Kind.VOLUME, serial)));
                live.macs().forEach(mac -> found.add(key(OutsideDevice.Kind.PORT, mac)));
            }
        }
        return found;
    }

    /** What a document has of it: the serial of a volume, the address of a port. */
    private static String mark(OutsideDevice device) {
        return device.kind() == OutsideDevice.Kind.VOLUME
                ? key(device.kind(), device.id())
                : key(
                        device.kind(),
                        Objects.toString(device.what().get("address"), "").toLowerCase(Locale.ROOT));
    }

    /** As it runs and as it is defined, which is mostly the same; none of a guest that has gone since it was listed. */
    private Set<String> documents(String uuid) {
        Set<String> found = new LinkedHashSet<>();
        try {
            found.add(parts.hypervisor().xml(uuid, false));
            found.add(parts.hypervisor().xml(uuid, true));
        } catch (BridgeException e) {
            if (e.code() != ErrorCode.INSTANCE_NOT_FOUND) {
                throw e;
            }
        }
        return found;
    }
}
