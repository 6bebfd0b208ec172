package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestStatistics.DiskTraffic;
import org.novabridge.driver.hypervisor.GuestStatistics.PortTraffic;
import org.novabridge.driver.hypervisor.GuestStatistics.ProcessorTime;

/** What libvirt's names and values become. */
class DomainStatisticsTest {

    @Test
    void eachTypeOfAParameterIsRead() {
        try (Memory array = new Memory(8L * TypedParameters.SIZE);
                Memory text = new Memory(8)) {
            array.clear();
            text.setString(0, "vda", "UTF-8");
            at(array, 0, "int", TypedParameters.INT).setInt(88, -3);
            at(array, 1, "uint", TypedParameters.UNSIGNED_INT).setInt(88, -1);
            at(array, 2, "llong", TypedParameters.LONG).setLong(88, -4L);
            at(array, 3, "ullong", TypedParameters.UNSIGNED_LONG).setLong(88, 1L << 40);
            at(array, 4, "double", TypedParameters.DOUBLE).setDouble(88, 0.5);
            at(array, 5, "boolean", TypedParameters.BOOLEAN).setByte(88, (byte) 1);
            at(array, 6, "string", TypedParameters.STRING).setPointer(88, text);
            at(array, 7, "of a later libvirt", 99);
            assertThat(TypedParameters.read(array, 8))
                    .containsExactly(
                            Map.entry("int", -3L),
                            Map.entry("uint", 4294967295L),
                            Map.entry("llong", -4L),
                            Map.entry("ullong", 1L << 40),
                            Map.entry("double", 0.5),
                            Map.entry("boolean", true),
                            Map.entry("string", "vda"));
        }
    }

    private static Pointer at(Memory array, int index, String name, int type) {
        Pointer parameter = array.share((long) index * TypedParameters.SIZE);
        parameter.setString(0, name, "UTF-8");
        parameter.setInt(80, type);
        return parameter;
    }

    @Test
    void aGuestIsReadFromItsNames() {
        GuestStatistics used = DomainStatistics.read(Map.ofEntries(
                Map.entry("balloon.maximum", 1024L),
                Map.entry("balloon.current", 512L),
                Map.entry("balloon.last-update", 7L),
                Map.entry("vcpu.current", 2L),
                Map.entry("vcpu.maximum", 3L),
                Map.entry("vcpu.0.state", 1L),
                Map.entry("vcpu.0.time", 11L),
                Map.entry("vcpu.2.state", 1L),
                Map.entry("vcpu.2.time", 13L),
                Map.entry("block.count", 1L),
                Map.entry("block.0.name", "vda"),
                Map.entry("block.0.rd.reqs", 1L),
                Map.entry("block.0.rd.bytes", 512L),
                Map.entry("net.count", 1L),
                Map.entry("net.0.name", "tap1"),
                Map.entry("net.0.rx.bytes", 1L),
                Map.entry("net.0.rx.pkts", 2L),
                Map.entry("net.0.tx.drop", 8L)));
        assertThat(used)
                .isEqualTo(new GuestStatistics(
                        1024,
                        Map.of("current", 512L, "last_update", 7L),
                        List.of(new ProcessorTime(0, 11), new ProcessorTime(2, 13)),
                        List.of(new DiskTraffic("vda", 1, 512, 0, 0)),
                        List.of(new PortTraffic("tap1", 1, 2, 0, 0, 0, 0, 0, 8))));
    }

    @Test
    void aGuestOfWhichNothingIsKnownHasUsedNothing() {
        assertThat(DomainStatistics.read(Map.of()).disks()).isEmpty();
    }
}
