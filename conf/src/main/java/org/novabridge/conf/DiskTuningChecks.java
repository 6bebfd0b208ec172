package org.novabridge.conf;

import static org.novabridge.conf.Problem.Severity.ERROR;
import static org.novabridge.conf.Problem.Severity.NOTE;
import static org.novabridge.conf.Problem.Severity.WARNING;

import java.util.SortedSet;
import java.util.TreeSet;

/** Combinations of the disk settings in {@code [libvirt]} that QEMU refuses or that do harm. */
final class DiskTuningChecks {
    private final ConfigSnapshot conf;
    private final Problems.Collector problems;

    DiskTuningChecks(ConfigSnapshot conf, Problems.Collector problems) {
        this.conf = conf;
        this.problems = problems;
    }

    void run() {
        ioThreadCpus();
        uringOnThickVolumes();
        mappingWithoutQueues();
        largeBlocksForAll();
        if ("unmap".equals(conf.find(LibvirtOptions.DISK_DETECT_ZEROES).orElse(""))
                && !discards(conf.resolve(LibvirtOptions.HW_DISK_DISCARD))) {
            report(
                    ERROR,
                    LibvirtOptions.DISK_DETECT_ZEROES,
                    "= unmap gives space back by discarding, and "
                            + LibvirtOptions.HW_DISK_DISCARD.display() + " ("
                            + describe(LibvirtOptions.HW_DISK_DISCARD) + ") does not allow that: QEMU refuses it",
                    "write hw_disk_discard = unmap, or disk_detect_zeroes = on");
        }
    }

    static boolean discards(Resolved<String> discard) {
        return "unmap".equals(discard.value());
    }

    private void ioThreadCpus() {
        Resolved<String> written = conf.resolve(LibvirtOptions.DISK_IOTHREAD_CPUS);
        String text = written.optional().orElse("");
        if (text.isBlank()) {
            return;
        }
        SortedSet<Integer> cpus;
        try {
            cpus = CpuList.parse(text);
        } catch (CpuList.UnreadableException e) {
            report(
                    ERROR,
                    LibvirtOptions.DISK_IOTHREAD_CPUS,
                    "has the part " + Quoted.word(e.part()) + ", which names no processors",
                    "write them as 2-5,^3");
            return;
        }
        if (cpus.isEmpty()) {
            report(ERROR, LibvirtOptions.DISK_IOTHREAD_CPUS, "leaves no processor", "write them as 2-5,^3");
        }
        boolean anyThreads = !conf.get(LibvirtOptions.DISK_IOTHREADS).equals("0")
                || conf.ioProfiles().values().stream()
                        .anyMatch(profile -> profile.find(IoProfileOptions.IOTHREADS)
                                .filter(number -> !number.equals("0"))
                                .isPresent());
        if (!anyThreads) {
            report(
                    WARNING,
                    LibvirtOptions.DISK_IOTHREAD_CPUS,
                    "has no effect, since " + LibvirtOptions.DISK_IOTHREADS.display() + " ("
                            + describe(LibvirtOptions.DISK_IOTHREADS)
                            + ") is 0 and no profile has iothreads",
                    "write disk_iothreads = 1");
        }
        overlap(
                cpus,
                ComputeOptions.CPU_DEDICATED_SET,
                ERROR,
                "which belong to guests with processors of their own",
                "take them out of one of the two");
        overlap(
                cpus,
                ComputeOptions.CPU_SHARED_SET,
                WARNING,
                "so I/O threads and virtual processors take time from each other",
                "take them out of one of the two");
        if (conf.find(ComputeOptions.CPU_SHARED_SET).orElse("").isBlank()) {
            report(
                    NOTE,
                    LibvirtOptions.DISK_IOTHREAD_CPUS,
                    "keeps the I/O threads there, but virtual processors run there too, since "
                            + ComputeOptions.CPU_SHARED_SET.display() + " is not set",
                    "");
        }
    }

    private void overlap(
            SortedSet<Integer> cpus, Option<String> other, Problem.Severity severity, String why, String hint) {
        String text = conf.find(other).orElse("");
        SortedSet<Integer> both = new TreeSet<>(cpus);
        try {
            both.retainAll(CpuList.parse(text));
        } catch (CpuList.UnreadableException e) {
            // What is wrong with that option is said where it is used, as in Nova.
            return;
        }
        if (!both.isEmpty()) {
            report(
                    severity,
                    LibvirtOptions.DISK_IOTHREAD_CPUS,
                    "has the processors " + CpuList.format(both) + " of " + other.display() + " (" + describe(other)
                            + "), " + why,
                    hint);
        }
    }

    private void mappingWithoutQueues() {
        boolean queues = conf.find(LibvirtOptions.DISK_QUEUES).isPresent()
                || conf.ioProfiles().values().stream()
                        .anyMatch(
                                profile -> profile.find(IoProfileOptions.QUEUES).isPresent());
        if (conf.find(LibvirtOptions.DISK_IOTHREAD_MAPPING).orElse(false) && !queues) {
            report(
                    WARNING,
                    LibvirtOptions.DISK_IOTHREAD_MAPPING,
                    "has no effect, since neither " + LibvirtOptions.DISK_QUEUES.display()
                            + " nor a profile says how many queues a disk has",
                    "write disk_queues = auto");
        }
    }

    /** The partition table of a disk counts in logical blocks: with larger ones a guest finds no partition at its next start. */
    private void largeBlocksForAll() {
        if ("4096".equals(conf.find(LibvirtOptions.DISK_BLOCK_SIZE).orElse(""))) {
            report(
                    WARNING,
                    LibvirtOptions.DISK_BLOCK_SIZE,
                    "= 4096 is for all guests, and those whose image was made with blocks of 512 bytes, as nearly all"
                            + " are, do not boot any more after their next hard reboot",
                    "write block_size = 4096 in a profile that the flavors of such images choose, or disk_block_size ="
                            + " auto");
        }
    }

    static boolean thickVolumes(ConfigSnapshot conf) {
        return conf.get(LibvirtOptions.IMAGES_TYPE).equals("lvm")
                && conf.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("default");
    }

    /** Thin volumes that may have no page cache between them and the guest. */
    static boolean safeThin(ConfigSnapshot conf) {
        return conf.get(LibvirtOptions.IMAGES_TYPE).equals("lvm")
                && conf.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("thin")
                && !conf.get(LibvirtOptions.IMAGES_LVM_ALLOW_CACHED_THIN);
    }

    /** Guests have hung with it (Linux 5.4 and 6.1); nova-bridge never chooses it there by itself. */
    private void uringOnThickVolumes() {
        SourceTypeModes modes = DiskIoModes.parse(conf.resolve(LibvirtOptions.DISK_IO_MODES));
        if ("io_uring".equals(modes.byType().get("block")) && thickVolumes(conf)) {
            report(
                    WARNING,
                    LibvirtOptions.DISK_IO_MODES,
                    "asks for block=io_uring, and " + LibvirtOptions.IMAGES_TYPE.display() + " ("
                            + describe(LibvirtOptions.IMAGES_TYPE)
                            + ") is lvm with thick volumes, on which guests have hung with it",
                    "write block=native, unless you have tried it with your kernel");
        }
    }

    private String describe(Option<?> option) {
        return conf.resolve(option).origin().describe();
    }

    private void report(Problem.Severity severity, Option<?> option, String sentence, String hint) {
        problems.add(severity, conf.resolve(option).origin(), option.display(), sentence, hint);
    }
}
