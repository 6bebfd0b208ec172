package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.novabridge.conf.CpuList;
import org.novabridge.conf.IoLimits;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskFeature;
import org.novabridge.driver.model.ValueOrigin;

/**
 * Which I/O thread serves a disk, and where that thread runs. Each virtio-blk disk, and the virtio-scsi controller with
 * all its disks, takes the next thread in the order of the document, so that the same spec gives the same threads; there
 * are never more threads than takers, and other buses take none. Disks that share their limits share a thread. With
 * disk_iothread_mapping a virtio-blk disk takes as many as it has queues, and QEMU shares these out among them; so does the
 * virtio-scsi controller where libvirt and QEMU can.
 *
 * <p>Source: formatdomain, iothreads: a thread that no disk names does nothing, which is all that Nova 33 makes of it
 * (nova/virt/libvirt/driver.py). Disks of one throttle group in several threads end QEMU 8.2 (qemu#3194).
 */
public final class IoThreadRule implements DiskListRule {
    private static final Written<String> COUNT =
            new Written<>(IoProfileOptions.IOTHREADS, LibvirtOptions.DISK_IOTHREADS);
    private static final Written<Boolean> MAPPING =
            new Written<>(IoProfileOptions.IOTHREAD_MAPPING, LibvirtOptions.DISK_IOTHREAD_MAPPING);

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.IOTHREAD, DiskAttribute.IOTHREAD_CPUS);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The iothreads of the guest's profile, else disk_iothreads: virtio-blk disks and the virtio-scsi controller take one each in turn; never more threads than takers; with iothread_mapping a virtio-blk disk takes one for each of its decided queues, which is refused with libvirt before 10.0 or QEMU before 9.0, and so does the virtio-scsi controller from libvirt 11.2 and QEMU 10.0 on, and one before; auto is half the virtual processors, from 1 to 4. Disks that share their limits have one thread in common, or none. All threads run on disk_iothread_cpus.",
                List.of(
                        "[io_profile:NAME]iothreads",
                        "[libvirt]disk_iothreads",
                        "[io_profile:NAME]iothread_mapping",
                        "[libvirt]disk_iothread_mapping",
                        "[libvirt]disk_iothread_cpus",
                        "flavor vcpus",
                        "attribute bus",
                        "attribute queues",
                        "attribute iotune",
                        "attribute io"),
                "libvirt formatdomain iothreads; qemu#3194");
    }

    @Override
    public void apply(DiskContext context, List<DiskDraft> drafts) {
        Decision<String> written =
                COUNT.find(context, IoProfileRule.ofGuest(context).optional()).orElseThrow();
        int wanted = number(written.get(), context.spec().instance().flavor().vcpus());
        if (wanted == 0) {
            for (DiskDraft draft : drafts) {
                decide(context, draft, Decision.of(null, "No I/O threads are asked for.", origins(written)));
            }
            return;
        }
        Map<DiskDraft, Integer> takers = takers(context, drafts);
        leaveGroupsThatDoNotFit(context, drafts, takers);
        renumber(takers);
        Map<Integer, Integer> widths = new TreeMap<>();
        boolean whole = drafts.stream().noneMatch(draft -> grouped(draft) && onController(context, draft));
        takers.forEach((draft, place) -> widths.merge(place, width(context, draft, whole), Math::max));
        int count = Math.min(
                wanted, widths.values().stream().mapToInt(Integer::intValue).sum());
        Map<Integer, List<Integer>> shares = shares(widths, count);
        for (DiskDraft draft : drafts) {
            Integer place = takers.get(draft);
            decide(
                    context,
                    draft,
                    place == null
                            ? none(context, draft, written)
                            : taken(context, draft, written, shares.getOrDefault(place, List.of()), count, wanted));
        }
    }

    private void decide(DiskContext context, DiskDraft draft, Decision<DeviceThreads> thread) {
        draft.decide(id(), DiskAttribute.IOTHREAD, thread);
        draft.decide(id(), DiskAttribute.IOTHREAD_CPUS, cpus(context, thread));
    }

    private static ValueOrigin[] origins(Decision<?> decision) {
        return decision.origins().toArray(ValueOrigin[]::new);
    }

    /** More of them than half the virtual processors take time from these; four serve what one guest can ask for. */
    private static int number(String written, int vcpus) {
        return written.equals("auto") ? Math.max(1, Math.min(4, vcpus / 2)) : Integer.parseInt(written);
    }

    /**
     * How many threads the disk or its controller can use at once.
     *
     * @param whole no disk of the controller shares its limits with others, which needs one thread
     */
    private static int width(DiskContext context, DiskDraft draft, boolean whole) {
        boolean mapped = onController(context, draft)
                ? whole && mappingOfController(context) && Written.known(context, DiskFeature.SCSI_IOTHREAD_MAPPING)
                : !grouped(draft)
                        && MAPPING.find(context, draft.profile())
                                .map(Decision::get)
                                .orElse(false);
        return mapped ? Math.max(1, draft.queues()) : 1;
    }

    /** The queues of the controller serve all its disks: the profile of the guest decides. */
    private static boolean mappingOfController(DiskContext context) {
        return MAPPING.find(context, IoProfileRule.ofGuest(context).optional())
                .map(Decision::get)
                .orElse(false);
    }

    /** Each takes the next ones, round and round: whoever is wide enough takes all, and else they meet every one. */
    private static Map<Integer, List<Integer>> shares(Map<Integer, Integer> widths, int count) {
        Map<Integer, List<Integer>> shares = new TreeMap<>();
        int next = 0;
        for (Map.Entry<Integer, Integer> taker : widths.entrySet()) {
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < Math.min(taker.getValue(), count); i++) {
                ids.add(next++ % count + 1);
            }
            shares.put(taker.getKey(), ids.stream().sorted().toList());
        }
        return shares;
    }

    /** Which disks can have a thread, with numbers: equal for disks on one device. */
    private static Map<DiskDraft, Integer> takers(DiskContext context, List<DiskDraft> drafts) {
        Map<DiskDraft, Integer> takers = new LinkedHashMap<>();
        int group = -1;
        int controller = -1;
        int next = 0;
        for (DiskDraft draft : drafts) {
            DiskDevice device = DiskDevice.of(context, draft);
            if (device == DiskDevice.EMULATED) {
                continue;
            }
            int place;
            if (device == DiskDevice.VIRTIO_SCSI) {
                if (controller < 0) {
                    controller = grouped(draft) && group >= 0 ? group : next++;
                }
                place = controller;
            } else {
                place = grouped(draft) && group >= 0 ? group : next++;
            }
            if (grouped(draft)) {
                group = place;
            }
            takers.put(draft, place);
        }
        return takers;
    }

    /** One disk of a group in another thread, or in none, and no disk of the group may have one. */
    private static void leaveGroupsThatDoNotFit(
            DiskContext context, List<DiskDraft> drafts, Map<DiskDraft, Integer> takers) {
        List<DiskDraft> group = drafts.stream().filter(IoThreadRule::grouped).toList();
        boolean fits = group.stream().allMatch(takers::containsKey)
                && group.stream().map(takers::get).distinct().count() <= 1;
        if (!fits) {
            boolean controllerToo = group.stream().anyMatch(draft -> onController(context, draft));
            takers.keySet().removeIf(draft -> grouped(draft) || controllerToo && onController(context, draft));
        }
    }

    private static boolean onController(DiskContext context, DiskDraft draft) {
        return DiskDevice.of(context, draft) == DiskDevice.VIRTIO_SCSI;
    }

    /** Closes the gaps that those left who take none after all. */
    private static void renumber(Map<DiskDraft, Integer> takers) {
        List<Integer> used = new ArrayList<>();
        takers.replaceAll((draft, place) -> {
            if (!used.contains(place)) {
                used.add(place);
            }
            return used.indexOf(place);
        });
    }

    private static boolean grouped(DiskDraft draft) {
        return draft.limits().containsKey(IoLimits.GROUP);
    }

    private static Decision<DeviceThreads> none(DiskContext context, DiskDraft draft, Decision<?> written) {
        if (DiskDevice.of(context, draft) != DiskDevice.EMULATED) {
            return Written.resolved(
                    written,
                    null,
                    "Disks that share their limits need one I/O thread for all, and one of them can have none.",
                    Origins.rule("iotune group"));
        }
        String bus = draft.needText(DiskAttribute.BUS);
        return Decision.of(
                null,
                "Only virtio-blk disks and virtio-scsi controllers have I/O threads, and this disk is on bus " + bus
                        + ".",
                Origins.rule("bus " + bus));
    }

    private static Decision<DeviceThreads> taken(
            DiskContext context, DiskDraft draft, Decision<?> written, List<Integer> ids, int count, int wanted) {
        boolean controller = onController(context, draft);
        DeviceThreads threads = new DeviceThreads(ids, controller);
        if (ids.size() > 1 && !controller) {
            var unused = Written.demand(
                    context, MAPPING.find(context, draft.profile()).orElseThrow(), DiskFeature.IOTHREAD_MAPPING);
        }
        String sentence = (controller
                        ? (ids.size() > 1
                                ? "Threads " + threads + " of " + count
                                        + " serve the queues of the disk's SCSI controller"
                                : "The SCSI controller of the disk has thread " + threads + " of " + count)
                        : ids.size() > 1
                                ? "Threads " + threads + " of " + count + " serve its queues"
                                : "Thread " + threads + " of " + count + ", in the order of the disks")
                + (count < wanted ? "; " + wanted + " are asked for, and a thread that nothing uses is not made." : ".")
                + (controller ? tooOld(context, draft, wanted) : "")
                + (grouped(draft) ? " Disks that share their limits share the thread." : "")
                + (pooled(draft)
                        ? " Without io native or io_uring QEMU hands requests to other threads: little gained."
                        : "");
        return Written.resolved(written, threads, sentence);
    }

    /** Not refused, since the guest runs with one thread as it does where nobody asks for several. */
    private static String tooOld(DiskContext context, DiskDraft draft, int wanted) {
        DiskFeature feature = DiskFeature.SCSI_IOTHREAD_MAPPING;
        return wanted > 1 && draft.queues() > 1 && mappingOfController(context) && !Written.known(context, feature)
                ? " Several for one controller need libvirt " + Written.version(feature.libvirt()) + " and QEMU "
                        + Written.version(feature.qemu()) + ", which this host is not known to have."
                : "";
    }

    /** aio=threads, which is also QEMU's default. */
    private static boolean pooled(DiskDraft draft) {
        String io = draft.text(DiskAttribute.IO);
        return (io == null || io.equals("threads")) && !draft.source().type().equals("network");
    }

    private static Decision<String> cpus(DiskContext context, Decision<DeviceThreads> thread) {
        if (thread.value() == null) {
            return Decision.of(
                    null, "The disk has no I/O thread.", thread.origins().get(0));
        }
        ValueOrigin option = Origins.option(context.config(), LibvirtOptions.DISK_IOTHREAD_CPUS);
        return context.config()
                .find(LibvirtOptions.DISK_IOTHREAD_CPUS)
                .map(text -> Decision.of(
                        CpuList.format(CpuList.parse(text)), "disk_iothread_cpus pins every I/O thread.", option))
                .orElseGet(() -> Decision.of(
                        null, "disk_iothread_cpus is not set: the thread runs where virtual processors do.", option));
    }
}
