package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/**
 * What all checks together say of hosts of other kinds, against a list beside the test. The trees are made by hand after the kernel's
 * documents: no such machine was there to record one. {@code -Dgolden.update=true} writes the lists anew; read what has changed.
 */
class HandMadeTreesTest {
    private static final Path LISTS = Path.of("src/test/resources/host/trees");
    private static final String NVME = "[none] mq-deadline kyber bfq";
    private static final String SORTED = "none [mq-deadline] kyber bfq";
    private static final String CPU = "/sys/devices/system/cpu/cpu0/cpufreq/";
    private static final String PCI = "/sys/bus/pci/devices/";

    @TempDir
    Path root;

    enum Tree {
        /** Two NVMe disks in a volume group, a thin pool, guests with io=native on I/O threads. */
        NVME_SERVER {
            @Override
            void grow(RecordedHost host) {
                host.disk("nvme0n1", false, NVME, "eui.01")
                        .disk("nvme1n1", false, SORTED, "eui.02")
                        .disk("sda", false, SORTED, "naa.5001")
                        .partition("sda", "sda2")
                        .mount("sda2", "/", "ext4", "rw")
                        .file("/sys/block/sda/queue/discard_max_bytes", "2147483648")
                        .mapped("dm-0", "nova-pool_tdata", "LVM-a", "nvme0n1", "nvme1n1")
                        .file("/sys/block/nvme0n1/queue/rq_affinity", "0")
                        .file("/sys/block/nvme1n1/queue/nomerges", "2")
                        .file("/proc/sys/fs/aio-max-nr", "65536")
                        .file("/proc/sys/fs/aio-nr", "5120")
                        .file(CPU + "scaling_governor", "powersave")
                        .file(CPU + "scaling_available_governors", "performance powersave")
                        .iommu("GenuineIntel", "intel_iommu=on iommu=pt")
                        .configured(config -> config.set(LibvirtOptions.IMAGES_TYPE, "lvm")
                                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                                .set(LibvirtOptions.IMAGES_LVM_TYPE, "thin")
                                .set(LibvirtOptions.DISK_IO_MODES, List.of("block=io_uring")))
                        .facts(facts(9_000_000, 7_002_000)
                                .put(HostFact.IO_URING, true)
                                .build());
                for (int pid = 300; pid < 302; pid++) {
                    host.guest(
                                    pid,
                                    "/usr/bin/qemu-system-x86_64",
                                    "-name",
                                    "guest=instance-" + pid,
                                    "-m",
                                    "size=4194304k",
                                    "-object",
                                    "{\"qom-type\":\"iothread\",\"id\":\"iothread1\"}",
                                    "-blockdev",
                                    "{\"driver\":\"host_device\",\"aio\":\"native\"}")
                            .file("/proc/" + pid + "/limits", limits(524288, "65536"));
                }
            }
        },
        /** Six rotating disks in RAID 6 below LVM, writeback in the page cache, an array behind a controller for the host. */
        HDD_RAID {
            @Override
            void grow(RecordedHost host) {
                String[] parts = new String[6];
                for (int disk = 0; disk < parts.length; disk++) {
                    String name = "sd" + (char) ('b' + disk);
                    parts[disk] = name + "1";
                    host.disk(name, true, disk == 5 ? NVME : SORTED, "naa.500" + disk)
                            .partition(name, parts[disk])
                            .file("/sys/block/" + name + "/queue/nr_requests", disk == 4 ? "8" : "256")
                            .file("/sys/block/" + name + "/device/queue_depth", "32")
                            .file("/sys/block/" + name + "/queue/wbt_lat_usec", disk == 3 ? "0" : "75000")
                            .file(
                                    "/sys/block/" + name + "/queue/write_cache",
                                    disk == 2 ? "write through" : "write back")
                            .file("/sys/block/" + name + "/device/scsi_disk/0:0:0:0/cache_type", "write back")
                            .file("/sys/block/" + name + "/queue/nomerges", disk == 1 ? "1" : "0");
                }
                host.disk("sda", true, NVME, "naa.6001")
                        .file("/sys/block/sda/device/vendor", "DELL")
                        .file("/sys/block/sda/device/model", "PERC H740P Mini")
                        .mount("sda", "/", "ext4", "rw")
                        .above("md127", parts)
                        .mapped("dm-0", "vg-instances", "LVM-b", "md127")
                        .mount("dm-0", RecordedHost.INSTANCES, "xfs", "rw")
                        .file("/proc/cmdline", "root=/dev/sda elevator=deadline")
                        .file(
                                "/etc/udev/rules.d/60-io.rules",
                                "ACTION==\"add\", KERNEL==\"sd*\", ATTR{queue/scheduler}=\"cfq\"")
                        .file("/sys/kernel/mm/ksm/run", "1")
                        .file("/sys/kernel/mm/ksm/pages_shared", "100")
                        .file("/sys/kernel/mm/ksm/pages_sharing", "4000")
                        .configured(config ->
                                config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback", "block=none")))
                        .facts(facts(8_000_000, 6_002_000).build())
                        .iommu("AuthenticAMD", "iommu=pt");
            }
        },
        /** Two paths to each of two LUNs, a volume group on top, files on NFS. */
        MULTIPATH {
            @Override
            void grow(RecordedHost host) {
                for (String name : List.of("sdc", "sdd", "sde", "sdf")) {
                    String lun = name.compareTo("sde") < 0 ? "naa.600a01" : "naa.600a02";
                    host.disk(name, false, "mq-deadline [bfq] none", lun)
                            .file("/sys/block/" + name + "/device/vendor", "NETAPP")
                            .file("/sys/block/" + name + "/device/model", "LUN C-Mode");
                }
                host.mapped("dm-0", "mpatha", "mpath-600a01", "sdc", "sdd")
                        .mapped("dm-1", "mpathb", "mpath-600a02", "sde", "sdf")
                        .mapped("dm-2", "cinder-x", "LVM-a", "dm-0")
                        .mapped("dm-3", "cinder-y", "LVM-b", "dm-1")
                        .mount("server:/export", "/", "nfs4", "rw")
                        .file("/proc/700/comm", "virtqemud")
                        .file("/proc/700/limits", limits(1024, "65536"))
                        .file("/sys/fs/cgroup/cgroup.controllers", "cpu io memory")
                        .file("/proc/sys/kernel/osrelease", "5.10.0-28-amd64")
                        .configured(config -> config.set(LibvirtOptions.IMAGES_TYPE, "lvm")
                                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "cinder")
                                .set(LibvirtOptions.HW_DISK_DISCARD, "unmap"))
                        .facts(facts(7_000_000, 5_002_000).build())
                        .iommu("GenuineIntel", "intel_iommu=on");
            }
        },
        /** Four nodes with disks on two of them, huge pages asked for on each, KSM wanted. */
        NUMA {
            @Override
            void grow(RecordedHost host) {
                for (int node = 0; node < 4; node++) {
                    host.node(node, node == 3 ? 1L << 20 : 20L << 20, node == 0 ? 4096 : 0, node == 2 ? 4 : 0);
                }
                host.diskBehind("0000:03:00.0", "nvme0n1", false, NVME, "eui.11")
                        .file(PCI + "0000:03:00.0/numa_node", "0")
                        .diskBehind("0000:c3:00.0", "nvme1n1", false, NVME, "eui.12")
                        .file(PCI + "0000:c3:00.0/numa_node", "3")
                        .above("md0", "nvme0n1", "nvme1n1")
                        .mount("md0", "/", "xfs", "rw,discard")
                        .file("/sys/block/md0/queue/discard_max_bytes", "1048576")
                        .file("/sys/kernel/mm/ksm/advisor_mode", "[none] scan-time")
                        .file("/sys/kernel/mm/ksm/smart_scan", "0")
                        .file("/proc/sys/kernel/osrelease", "6.12.0")
                        .configured(config -> config.set(BridgeOptions.HOST_KSM, "on")
                                .set(
                                        BridgeOptions.HOST_HUGE_PAGES,
                                        List.of(
                                                "node:0,size:2048,count:4096",
                                                "node:1,size:2048,count:4096",
                                                "node:3,size:2048,count:4096",
                                                "node:2,size:1048576,count:8")))
                        .facts(facts(11_002_000, 10_000_000).build())
                        .iommu("AuthenticAMD", "iommu=pt")
                        .folder("/sys/module/vfio_pci")
                        .link("/sys/bus/pci/drivers/vfio-pci/0000:41:00.0", "../../devices/0000:41:00.0")
                        .file(PCI + "0000:41:00.0/reset_method", "flr")
                        .folder(PCI + "0000:41:00.0/iommu_group/devices/0000:41:00.0")
                        .folder(PCI + "0000:41:00.0/iommu_group/devices/0000:c3:00.0")
                        .file(PCI + "0000:c3:00.0/class", "0x010802")
                        .folder("/sys/bus/pci/drivers/nvme")
                        .link(PCI + "0000:c3:00.0/driver", "../../drivers/nvme");
            }
        },
        /** A machine that is a guest itself, without IOMMU, on an old kernel, with an old guest on an IDE disk. */
        NO_IOMMU {
            @Override
            void grow(RecordedHost host) {
                host.disk("vda", true, SORTED, "")
                        .partition("vda", "vda1")
                        .mount("vda1", "/", "ext4", "rw")
                        .file("/sys/block/vda/queue/discard_max_bytes", "2147483648")
                        .file("/var/lib/systemd/timers/stamp-fstrim.timer", "")
                        .written(
                                "/var/lib/systemd/timers/stamp-fstrim.timer",
                                RecordedHost.NOW.minus(Duration.ofDays(40)))
                        .file("/proc/sys/kernel/osrelease", "5.10.0-28-amd64")
                        .file("/proc/cpuinfo", "vendor_id\t: GenuineIntel")
                        .folder("/sys/kernel/iommu_groups")
                        .guest(400, "/usr/bin/kvm", "-name", "guest=old", "-m", "2048", "-device", "ide-hd,drive=d")
                        .guest(
                                401,
                                "/usr/bin/kvm",
                                "-name",
                                "guest=ring",
                                "-m",
                                "2048",
                                "-blockdev",
                                "driver=file,aio=io_uring",
                                "-device",
                                "virtio-blk-pci,drive=d")
                        .file("/proc/400/limits", limits(1024, "65536"))
                        .file("/proc/401/limits", limits(1024, "16384"))
                        .file("/etc/sysctl.d/99-local.conf", "vm.swappiness = 60")
                        .configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=default"))
                                .set(LibvirtOptions.DISK_QUEUE_SIZE, 256)
                                .set(LibvirtOptions.DISK_DISCARD_NO_UNREF, true))
                        .facts(facts(7_000_000, 5_002_000).build());
            }
        };

        abstract void grow(RecordedHost host);

        static HostFacts.Builder facts(int libvirt, int qemu) {
            return HostFacts.builder()
                    .put(HostFact.DIRECT_IO, true)
                    .put(HostFact.LIBVIRT_VERSION, libvirt)
                    .put(HostFact.QEMU_VERSION, qemu);
        }

        static String limits(int files, String locked) {
            return "Max open files            " + files + "                524288               files\n"
                    + "Max locked memory         " + locked + "             " + locked + "               bytes";
        }
    }

    @ParameterizedTest
    @EnumSource(Tree.class)
    void allChecksSayOfAHostWhatStandsInItsList(Tree tree) throws IOException {
        RecordedHost host = new RecordedHost(root);
        tree.grow(host);
        String said =
                host.tuning().check().stream().map(HandMadeTreesTest::line).collect(Collectors.joining());
        Path list = LISTS.resolve(tree.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ".txt");
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(LISTS);
            Files.writeString(list, said);
        }
        assertThat(said).as("%s; -Dgolden.update=true writes it anew", list).isEqualTo(Files.readString(list));
    }

    private static String line(Finding finding) {
        return "%s %s: %s | %s | wanted: %s%s%s%n"
                .formatted(
                        finding.severity(),
                        finding.check(),
                        finding.subject(),
                        finding.found(),
                        finding.wanted(),
                        finding.changeable() ? " | applied" : "",
                        finding.remedy() == null ? "" : " | by hand: " + finding.remedy());
    }
}
