package org.novabridge.driver.policy;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;

/**
 * Image properties as Nova reads them: old names taken for new ones, values checked against the closed
 * lists, numbers and switches parsed (nova/objects/image_meta.py and fields.py 26.2.2). A bad value of
 * any known property is refused, used or not; unknown properties are nobody's business.
 */
final class ImageProperties {
    private static final List<String> DISK_BUSES =
            List.of("fdc", "ide", "sata", "scsi", "usb", "virtio", "xen", "lxc", "uml");
    private static final List<String> ARCHITECTURES = List.of(
            "alpha",
            "armv6",
            "armv7l",
            "armv7b",
            "aarch64",
            "cris",
            "i686",
            "ia64",
            "lm32",
            "m68k",
            "microblaze",
            "microblazeel",
            "mips",
            "mipsel",
            "mips64",
            "mips64el",
            "openrisc",
            "parisc",
            "parisc64",
            "ppc",
            "ppcle",
            "ppc64",
            "ppc64le",
            "ppcemb",
            "s390",
            "s390x",
            "sh4",
            "sh4eb",
            "sparc",
            "sparc64",
            "unicore32",
            "x86_64",
            "xtensa",
            "xtensaeb");

    /** Old name to the name of today. */
    private static final Map<String, String> LEGACY_NAMES = Map.ofEntries(
            Map.entry("architecture", "hw_architecture"),
            Map.entry("vmware_disktype", "hw_disk_type"),
            Map.entry("vmware_ostype", "os_distro"),
            Map.entry("auto_disk_config", "hw_auto_disk_config"),
            Map.entry("ipxe_boot", "hw_ipxe_boot"),
            Map.entry("vm_mode", "hw_vm_mode"),
            Map.entry("root_device_name", "img_root_device_name"),
            Map.entry("hypervisor_type", "img_hv_type"));

    private static final Map<String, List<String>> CHOICES = Map.ofEntries(
            Map.entry("hw_architecture", ARCHITECTURES),
            Map.entry("hw_emulation_architecture", ARCHITECTURES),
            Map.entry("hw_cdrom_bus", DISK_BUSES),
            Map.entry("hw_disk_bus", DISK_BUSES),
            Map.entry("hw_floppy_bus", DISK_BUSES),
            Map.entry("hw_rescue_bus", DISK_BUSES),
            Map.entry("hw_cpu_policy", List.of("dedicated", "shared", "mixed")),
            Map.entry("hw_cpu_thread_policy", List.of("prefer", "isolate", "require")),
            Map.entry("hw_firmware_type", List.of("uefi", "bios")),
            Map.entry("hw_input_bus", List.of("usb", "virtio")),
            Map.entry("hw_pci_numa_affinity_policy", List.of("required", "legacy", "preferred", "socket")),
            Map.entry("hw_pointer_model", List.of("usbtablet")),
            Map.entry("hw_rescue_device", List.of("cdrom", "disk", "floppy", "fs", "lun")),
            Map.entry("hw_rng_model", List.of("virtio")),
            Map.entry(
                    "hw_scsi_model",
                    List.of("buslogic", "ibmvscsi", "lsilogic", "lsisas1068", "lsisas1078", "virtio-scsi", "vmpvscsi")),
            Map.entry(
                    "hw_video_model",
                    List.of("cirrus", "qxl", "vga", "vmvga", "xen", "virtio", "gop", "none", "bochs")),
            Map.entry(
                    "hw_vif_model",
                    List.of(
                            "virtio",
                            "ne2k_pci",
                            "pcnet",
                            "rtl8139",
                            "e1000",
                            "e1000e",
                            "netfront",
                            "spapr-vlan",
                            "lan9118",
                            "sriov",
                            "vmxnet",
                            "vmxnet3")),
            Map.entry("hw_viommu_model", List.of("intel", "smmuv3", "virtio", "auto")),
            Map.entry("hw_vm_mode", List.of("hvm", "xen", "uml", "exe")),
            Map.entry("hw_watchdog_action", List.of("none", "pause", "poweroff", "reset", "disabled")),
            Map.entry("hw_tpm_model", List.of("tpm-tis", "tpm-crb")),
            Map.entry("hw_tpm_version", List.of("1.2", "2.0")),
            Map.entry("hw_ephemeral_encryption_format", List.of("plain", "luks", "luksv2")),
            Map.entry("img_config_drive", List.of("optional", "mandatory")),
            Map.entry("os_secure_boot", List.of("required", "disabled", "optional")),
            Map.entry("os_type", List.of("linux", "windows")));

    private static final Set<String> NUMBERS = Set.of(
            "hw_cpu_cores",
            "hw_cpu_sockets",
            "hw_cpu_threads",
            "hw_cpu_max_cores",
            "hw_cpu_max_sockets",
            "hw_cpu_max_threads",
            "hw_device_id",
            "hw_numa_nodes",
            "hw_serial_port_count",
            "hw_video_ram",
            "img_compression_level",
            "img_version");

    /** Values that Nova folds to small letters before it compares. */
    private static final Set<String> FOLDED = Set.of(
            "hw_architecture", "hw_emulation_architecture", "hw_scsi_model", "hw_vif_model", "hw_vm_mode", "os_type");

    private static final Map<String, Map<String, String>> LEGACY_VALUES = Map.of(
            "hw_architecture", architectureNames(),
            "hw_emulation_architecture", architectureNames(),
            "hw_scsi_model", Map.of("lsilogicsas", "lsisas1068", "paravirtual", "vmpvscsi"),
            "hw_vm_mode", Map.of("pv", "xen", "hv", "hvm", "baremetal", "hvm"),
            "hw_vif_model",
                    Map.of(
                            "virtuale1000", "e1000",
                            "virtuale1000e", "e1000e",
                            "virtualpcnet32", "pcnet",
                            "virtualsriovethernetcard", "sriov",
                            "virtualvmxnet", "vmxnet",
                            "virtualvmxnet3", "vmxnet3"));

    private final Map<String, String> values;

    private ImageProperties(Map<String, String> values) {
        this.values = values;
    }

    private static Map<String, String> architectureNames() {
        return Map.of("i386", "i686", "i486", "i686", "i586", "i686", "amd64", "x86_64", "x86_32", "i686");
    }

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE when a known property has a value Nova refuses
     */
    static ImageProperties of(ImageMeta image) {
        Map<String, String> given = image.properties();
        Map<String, String> values = new LinkedHashMap<>(given);
        LEGACY_NAMES.forEach((old, current) -> {
            if (given.containsKey(old)) {
                values.putIfAbsent(current, given.getOrDefault(old, ""));
            }
        });
        String adapter = given.get("vmware_adaptertype");
        if (adapter != null && !adapter.isEmpty()) {
            boolean ide = adapter.equals("ide");
            values.putIfAbsent("hw_disk_bus", ide ? "ide" : "scsi");
            if (!ide) {
                values.putIfAbsent("hw_scsi_model", adapter);
            }
        }
        Map<String, String> checked = new HashMap<>();
        values.forEach((key, value) -> checked.put(key, check(key, value)));
        return new ImageProperties(Map.copyOf(checked));
    }

    private static String check(String key, String value) {
        if (NUMBERS.contains(key)) {
            try {
                return Integer.toString(Integer.parseInt(value.strip()));
            } catch (NumberFormatException e) {
                throw refused(key, value, "a whole number");
            }
        }
        List<String> choices = CHOICES.get(key);
        if (choices == null) {
            return value;
        }
        String folded = FOLDED.contains(key) ? value.toLowerCase(Locale.ROOT) : value;
        folded = LEGACY_VALUES.getOrDefault(key, Map.of()).getOrDefault(folded, folded);
        if (!choices.contains(folded)) {
            throw refused(key, value, "one of " + String.join(", ", choices));
        }
        return folded;
    }

    private static BridgeException refused(String key, String value, String expected) {
        return new BridgeException(
                ErrorCode.INVALID_HARDWARE_VALUE,
                "Image property " + key + " has the value '" + Quoted.text(value) + "', which must be " + expected,
                "Correct the property of the image.");
    }

    Optional<String> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** A number; 0 when it is not set, which is what Nova takes "not set" for. */
    int number(String key) {
        return find(key).map(Integer::parseInt).orElse(0);
    }

    /** A switch, when it is set: 1, t, true, on, y, yes in any case are on, everything else is off. */
    Optional<Boolean> flag(String key) {
        return find(key).map(Flags::parse);
    }
}
