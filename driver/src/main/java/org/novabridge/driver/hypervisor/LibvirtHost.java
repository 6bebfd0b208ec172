package org.novabridge.driver.hypervisor;

import static org.novabridge.driver.hypervisor.LibvirtAnswers.check;
import static org.novabridge.driver.hypervisor.LibvirtAnswers.text;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What libvirt knows of the host: the questions of {@link Hypervisor} that are of no guest. */
final class LibvirtHost {
    /** {@code virNodeCPUStats}: 80 bytes of name, then the number. */
    private static final int CPU_STATISTIC_VALUE = 80;

    private static final int CPU_STATISTIC = CPU_STATISTIC_VALUE + 8;

    /** {@code virNodeInfo}: 32 bytes of model, memory (8), then six numbers of four bytes: cpus, mhz, … */
    private static final int NODE_MHZ = 32 + 8 + 4;

    private static final int NODE_INFO = 32 + 8 + 6 * 4;

    private final NativeLibvirt libvirt;
    private final LibvirtSession session;

    LibvirtHost(NativeLibvirt libvirt, LibvirtSession session) {
        this.libvirt = libvirt;
        this.session = session;
    }

    Hypervisor.Versions versions() {
        return session.probe("asking for versions", connection -> {
            LongByReference library = new LongByReference();
            LongByReference driver = new LongByReference();
            check(libvirt.connections.virConnectGetLibVersion(connection, library), "asking for libvirt's version");
            check(libvirt.connections.virConnectGetVersion(connection, driver), "asking for the hypervisor's version");
            return new Hypervisor.Versions((int) library.getValue(), (int) driver.getValue());
        });
    }

    String name() {
        String what = "asking for the name of this host";
        return session.query(what, connection -> text(libvirt.connections.virConnectGetHostname(connection), what));
    }

    String capabilitiesXml() {
        String what = "asking for capabilities";
        return session.probe(what, connection -> text(libvirt.connections.virConnectGetCapabilities(connection), what));
    }

    String domainCapabilitiesXml(String arch, String machine, String virtType) {
        String what = "asking for domain capabilities of " + arch + " " + machine + " " + virtType;
        return session.probe(
                what,
                connection -> text(
                        libvirt.connections.virConnectGetDomainCapabilities(
                                connection, null, orNull(arch), orNull(machine), orNull(virtType), 0),
                        what));
    }

    List<String> cpuModels(String arch) {
        String what = "asking for the processor models of " + arch;
        return session.query(what, connection -> {
            PointerByReference array = new PointerByReference();
            int count = check(libvirt.connections.virConnectGetCPUModelNames(connection, arch, array, 0), what);
            List<String> names = new ArrayList<>(count);
            Pointer first = array.getValue();
            for (int i = 0; i < count; i++) {
                names.add(text(first.getPointer((long) i * Native.POINTER_SIZE), what));
            }
            if (first != null) {
                Native.free(Pointer.nativeValue(first));
            }
            return names;
        });
    }

    String expandCpu(String cpuXml) {
        String what = "asking for the features of a processor";
        String[] one = {cpuXml};
        return session.query(
                what,
                connection -> text(
                        libvirt.connections.virConnectBaselineCPU(
                                connection, one, one.length, LibvirtConnectionCalls.EXPAND_FEATURES),
                        what));
    }

    HostCpuTimes cpuTimes() {
        String what = "asking for the processor times of this host";
        return session.query(what, connection -> {
            IntByReference count = new IntByReference();
            check(statistics(connection, null, count), what);
            Map<String, Long> nanoseconds = new HashMap<>();
            try (Memory array = new Memory(Math.max(1, (long) count.getValue() * CPU_STATISTIC));
                    Memory node = new Memory(NODE_INFO)) {
                check(statistics(connection, array, count), what);
                for (int i = 0; i < count.getValue(); i++) {
                    long at = (long) i * CPU_STATISTIC;
                    nanoseconds.put(array.getString(at, "UTF-8"), array.getLong(at + CPU_STATISTIC_VALUE));
                }
                check(libvirt.connections.virNodeGetInfo(connection, node), what);
                return new HostCpuTimes(
                        nanoseconds.getOrDefault("kernel", 0L),
                        nanoseconds.getOrDefault("user", 0L),
                        nanoseconds.getOrDefault("idle", 0L),
                        nanoseconds.getOrDefault("iowait", 0L),
                        node.getInt(NODE_MHZ));
            }
        });
    }

    private int statistics(Pointer connection, @Nullable Pointer array, IntByReference count) {
        return libvirt.connections.virNodeGetCPUStats(
                connection, LibvirtConnectionCalls.ALL_PROCESSORS, array, count, 0);
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
