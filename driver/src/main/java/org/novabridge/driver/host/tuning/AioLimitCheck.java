package org.novabridge.driver.host.tuning;

import java.util.List;
import java.util.OptionalLong;
import org.novabridge.driver.model.HostFact;

/**
 * Whether there are enough AIO requests for io=native. QEMU takes 1024 for its main loop and for each of its I/O threads, whatever
 * the number of disks (measured with QEMU 7.2). Beyond the limit QEMU before 9.0 does not start; a disk in an I/O thread, and with
 * later ones any disk, goes by threads (block/file-posix.c). A guest that arrives by live migration takes its share beside those
 * that are here.
 */
final class AioLimitCheck implements TuningCheck {
    static final String LIMIT = "/proc/sys/fs/aio-max-nr";
    static final String USED = "/proc/sys/fs/aio-nr";
    /** What libvirt's own packages set (libvirtd.sysctl). */
    static final long AT_LEAST = 1_048_576;

    private static final String NAME = "aio";
    private static final String SOURCE =
            "Linux Documentation/admin-guide/sysctl/fs.rst (aio-nr & aio-max-nr); libvirt's libvirtd.sysctl";

    @Override
    public List<Finding> look(ObservedHost host) {
        Finding.Draft draft = Finding.about(NAME, "fs.aio-max-nr", SOURCE);
        OptionalLong limit = host.tree().number(LIMIT);
        OptionalLong used = host.tree().number(USED);
        if (limit.isEmpty() || used.isEmpty()) {
            return List.of(
                    draft.wanted("at least " + AT_LEAST).unknown(host.tree().whyNot(limit.isEmpty() ? LIMIT : USED)));
        }
        int contexts =
                host.guests().stream().mapToInt(QemuProcess::nativeContexts).sum();
        int arriving = arriving(host);
        long need = need(contexts, arriving, used.getAsLong());
        long wanted = Math.max(limit.getAsLong(), need);
        long room = Math.max(0, limit.getAsLong() - used.getAsLong()) / AioRoom.OF_A_CONTEXT;
        return List.of(draft.found(limit.getAsLong() + " (" + used.getAsLong() + " in use)")
                .wanted("at least " + need)
                .why("QEMU takes " + AioRoom.OF_A_CONTEXT + " for each AIO context of io=native; the guests here have "
                        + contexts + ", one that arrives by live migration may take " + arriving
                        + ", and there is room for " + room + " more: beyond it " + beyond(host) + ".")
                .setting(Setting.sysctl(LIMIT, Long.toString(limit.getAsLong()), Long.toString(wanted)))
                .orWhenSettingsDiffer(Severity.WARNING));
    }

    /** One at a time, as is Nova's default (max_concurrent_live_migrations), and like the widest guest that is here. */
    private static int arriving(ObservedHost host) {
        return host.guests().stream()
                .mapToInt(QemuProcess::nativeContexts)
                .max()
                .orElse(0);
    }

    private static String beyond(ObservedHost host) {
        String falls = "disks of a guest with io=native go by threads";
        String refused = "a guest with io=native does not start, and disks in I/O threads go by threads";
        if (!host.facts().has(HostFact.QEMU_VERSION)) {
            return "with QEMU before 9.0 " + refused + "; from 9.0 on " + falls;
        }
        return host.facts().number(HostFact.QEMU_VERSION) < 9_000_000 ? refused : falls;
    }

    /** A quarter more than guests, those that arrive and all others take now, in whole contexts. */
    static long need(int contexts, int arriving, long used) {
        long taken = Math.max(used, contexts * AioRoom.OF_A_CONTEXT) + arriving * AioRoom.OF_A_CONTEXT;
        long more = taken + (taken + 3) / 4;
        return Math.max(AT_LEAST, (more + AioRoom.OF_A_CONTEXT - 1) / AioRoom.OF_A_CONTEXT * AioRoom.OF_A_CONTEXT);
    }
}
