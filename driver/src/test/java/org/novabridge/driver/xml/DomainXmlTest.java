package org.novabridge.driver.xml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.DomainDefinition;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestClock;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.GuestFeature;
import org.novabridge.driver.model.IoThreads;
import org.novabridge.driver.model.LiveDevice;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.model.NovaMetadata;
import org.novabridge.driver.model.OsBoot;

class DomainXmlTest {
    private static final String UUID = "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01";

    @Test
    void whatIsWrittenIsReadBack() {
        LiveDomain live = DomainXml.read(DomainXml.write(domain("web-1", "vda")));

        assertThat(live.uuid()).isEqualTo(UUID);
        assertThat(live.name()).isEqualTo("instance-0000002a");
        assertThat(live.virtType()).isEqualTo("qemu");
        assertThat(live.memoryKib()).isEqualTo(65536);
        assertThat(live.machine()).isEqualTo("pc");
        assertThat(live.consoleLog()).isEqualTo("/srv/" + UUID + "/console.log");
        LiveDisk disk = live.disk("vda").orElseThrow();
        assertThat(disk.source()).isEqualTo("/srv/" + UUID + "/disk");
        assertThat(disk.cache()).isEqualTo("none");
        assertThat(disk.format()).isEqualTo("qcow2");
        assertThat(disk.bus()).isEqualTo("virtio");
        assertThat(disk.ioTune()).containsExactly(Map.entry("read_iops_sec", "100"));
        NovaMetadata metadata = live.metadata();
        assertThat(metadata).isNotNull();
        assertThat(metadata).isEqualTo(domain("web-1", "vda").metadata());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"></nova:name><devices/>",
                "a' b=\"c\" & < > ]]>",
                "line\nbreak",
                "&lol; &#0; <!DOCTYPE x>",
                "\u00e9\u4e2d\ud83d\ude00"
            })
    void hostileTextStaysText(String name) {
        DomainDefinition domain = domain(name, name);

        LiveDomain live = DomainXml.read(DomainXml.write(domain));

        assertThat(live.metadata()).isEqualTo(domain.metadata());
        assertThat(live.disks()).hasSize(1);
        assertThat(live.disks().get(0).target()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nul\u0000", "bell\u0007", "escape\u001b[31m", "half\ud83d", "\uffff"})
    void whatXmlCannotCarryIsRefused(String name) {
        assertThatThrownBy(() -> DomainXml.write(domain(name, "vda")))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(UUID);
        assertThatThrownBy(() -> DomainXml.write(domain("web-1", name).disks().get(0)))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE domain [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><domain><uuid>&a;</uuid></domain>",
                "<!DOCTYPE domain [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><domain><name>&b;</name></domain>",
                "<!DOCTYPE domain SYSTEM 'http://192.0.2.1/x.dtd'><domain><uuid>u</uuid><name>n</name></domain>",
                "<domain><uuid>&undeclared;</uuid></domain>",
                "<domain><uuid>u</uuid>",
                "<domain><name>n</name></domain>",
                "not xml",
                ""
            })
    void harmfulAndBrokenDocumentsAreRefused(String xml) {
        assertThatThrownBy(() -> DomainXml.read(xml))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    @Test
    void aHugeDocumentIsRefusedUnread() {
        assertThatThrownBy(() -> DomainXml.read("<domain>" + " ".repeat(5 << 20) + "</domain>"))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("longer than");
    }

    @Test
    void unknownContentOfALiveDocumentIsLeftAlone() {
        LiveDomain live = DomainXml.read("""
                <domain type='kvm' id='7' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
                  <name>instance-00000001</name><uuid>%s</uuid>
                  <metadata><other:x xmlns:other='urn:other'><other:y/></other:x></metadata>
                  <memory unit='KiB'>65536</memory><currentMemory unit='KiB'>65536</currentMemory>
                  <vcpu placement='static'>2</vcpu><resource><partition>/machine</partition></resource>
                  <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>
                  <on_poweroff>destroy</on_poweroff>
                  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
                    <disk type='block' device='disk'>
                      <driver name='qemu' type='raw' cache='none' io='native' discard='unmap' iothread='1'/>
                      <source dev='/dev/vg/disk' index='1'/><backingStore/><target dev='vda' bus='virtio'/>
                      <serial>abc</serial><shareable/><alias name='virtio-disk0'/>
                      <address type='pci' domain='0x0000' bus='0x00' slot='0x04' function='0x0'/></disk>
                    <disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>
                    <hostdev mode='subsystem' type='pci' managed='yes'/>
                    <serial type='tcp'><source mode='bind' host='127.0.0.2' service='10001' tls='no'/>
                      <protocol type='raw'/><log file='/i/console.log' append='off'/>
                      <target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>
                    <serial type='pty'><source path='/dev/pts/3'/><target port='1'/></serial>
                    <graphics type='vnc' port='5900' autoport='yes' listen='127.0.0.1'>
                      <listen type='address' address='127.0.0.1'/></graphics>
                  </devices><seclabel type='none'/>
                </domain>
                """.formatted(UUID));

        assertThat(live.metadata()).isNull();
        assertThat(live.vcpus()).isEqualTo(2);
        LiveDisk disk = live.disk("vda").orElseThrow();
        assertThat(disk.io()).isEqualTo("native");
        assertThat(disk.discard()).isEqualTo("unmap");
        assertThat(disk.tuning().ioThreads()).containsExactly(1);
        assertThat(disk.shareable()).isTrue();
        assertThat(disk.serial()).isEqualTo("abc");
        LiveDisk cdrom = live.disk("hda").orElseThrow();
        assertThat(cdrom.source()).isNull();
        assertThat(cdrom.readOnly()).isTrue();
        assertThat(live.consoleLog()).isEqualTo("/i/console.log");
        assertThat(live.displays())
                .containsExactly(
                        new LiveDomain.LiveDisplay("serial", 10001, "127.0.0.2"),
                        new LiveDomain.LiveDisplay("vnc", 5900, "127.0.0.1"));
    }

    @Test
    void thePlacesOfDevicesAreReadAsNovaTellsThem() {
        String xml = """
                <domain><name>n</name><uuid>u</uuid><devices>
                  <disk type='file'><target dev='vda' bus='virtio'/><serial>v-1</serial>
                    <address type='pci' domain='0x0000' bus='0x00' slot='0x0a' function='0x0'/></disk>
                  <disk type='file'><target dev='sda' bus='scsi'/>
                    <address type='drive' controller='0' bus='0' target='0' unit='3'/></disk>
                  <disk type='file'><target dev='sdb' bus='sata'/>
                    <address type='drive' controller='0' bus='0' target='0' unit='1'/></disk>
                  <interface type='bridge'><mac address='FA:16:3E:00:00:07'/><source bridge='b'/>
                    <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x1'/></interface>
                  <interface type='bridge'><mac address='fa:16:3e:00:00:08'/><source bridge='b'/></interface>
                </devices></domain>
                """;
        assertThat(DomainXml.devices(xml))
                .containsExactly(
                        new LiveDevice(LiveDevice.Kind.DISK, "vda", "v-1", "pci", "0000:00:0a.0"),
                        new LiveDevice(LiveDevice.Kind.DISK, "sda", null, "scsi", null),
                        new LiveDevice(LiveDevice.Kind.DISK, "sdb", null, null, null),
                        new LiveDevice(LiveDevice.Kind.INTERFACE, "fa:16:3e:00:00:07", null, "pci", "0000:00:03.1"),
                        new LiveDevice(LiveDevice.Kind.INTERFACE, "fa:16:3e:00:00:08", null, null, null));
        assertThat(DomainXml.interfaceElement(xml, "fa:16:3e:00:00:07").orElseThrow())
                .doesNotContain("<address");
    }

    private static DomainDefinition domain(String displayName, String target) {
        DiskDefinition disk = new DiskDefinition(
                DiskRole.ROOT,
                "disk",
                "qcow2",
                1L << 30,
                null,
                null,
                new DiskSource.FileSource(Path.of("/srv/" + UUID + "/disk")),
                "disk",
                "qemu",
                "qcow2",
                "none",
                null,
                null,
                target,
                "virtio",
                null,
                Map.of("read_iops_sec", "100"),
                null,
                null,
                false,
                false,
                1,
                null,
                null,
                null,
                DiskTuning.NONE,
                List.of());
        NovaMetadata metadata = new NovaMetadata(
                "26.2.2",
                displayName,
                Instant.parse("2026-11-20T10:00:00Z"),
                new NovaMetadata.MetadataFlavor(displayName, 64, 1, 0, 0, 1),
                new NovaMetadata.MetadataOwner("u", displayName, "p", "N/A"),
                "155d900f-4e14-4e4c-a73d-069cbf4541e6",
                List.of(new NovaMetadata.MetadataPort(
                        "port-1", List.of(new NovaMetadata.MetadataIp("fixed", "10.0.0.5", "4")))));
        return new DomainDefinition(
                "qemu",
                UUID,
                "instance-0000002a",
                65536,
                null,
                1,
                null,
                IoThreads.NONE,
                metadata,
                null,
                new OsBoot("hvm", "x86_64", "pc", null, null, null, List.of("hd"), false, false),
                List.of(new GuestFeature.Plain("acpi")),
                null,
                new GuestClock("utc", List.of()),
                null,
                List.of(disk),
                List.of(new GuestDevice.SerialPort(null, "/srv/" + UUID + "/console.log")),
                List.of());
    }
}
