package org.novabridge.driver.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.parity.ParityCase.Answer;

/** Where we differ from Nova on purpose; each stands under its name in nova-bridge/docs/differences.md. */
final class ExplainedDifferences {
    private record Difference(String name, BiPredicate<ParityCase, Answer> applies) {}

    private static final List<Difference> ALL = List.of(
            refused("no-numa", "extra spec hw:numa_"),
            refused("no-pinning", "extra spec hw:cpu_policy"),
            refused("no-hugepages", "extra spec hw:mem_page_size"),
            refused("no-realtime", "extra spec hw:cpu_realtime"),
            refused("no-memory-encryption", "extra spec hw:mem_encryption"),
            refused("no-vtpm", "extra spec hw:tpm_"),
            refused("no-vpmem", "extra spec hw:pmem"),
            refused("no-pci-passthrough", "extra spec pci_passthrough:"),
            refused("no-vgpu", "extra spec resources:VGPU"),
            refused("no-cpu-traits", "by extra spec trait:HW_CPU_"),
            refused("no-uefi", "image property hw_firmware_type = uefi"),
            refused("no-emulation", "image property hw_emulation_architecture"),
            refused("no-foreign-architecture", "image property hw_architecture"),
            refused("no-vhostuser", "ports of vif_type vhostuser"),
            new Difference(
                    "no-volume-kind",
                    (asked, ours) -> ours.refusal() == ErrorCode.NOT_SUPPORTED
                            && ours.message().startsWith("volumes of driver_volume_type ")),
            new Difference(
                    "encrypted-by-option",
                    (asked, ours) -> asked.novaXml() != null
                            && ours.xml() != null
                            && CanonicalXml.of(asked.novaXml()).equals(CanonicalXml.of(onVolumes(ours.xml())))),
            new Difference(
                    "rescue-disk-as-others",
                    (asked, ours) -> asked.novaXml() != null
                            && ours.xml() != null
                            && asked.novaXml().contains("<boot order=\"1\"/>")
                            && withoutRescueDisk(asked.novaXml()).equals(withoutRescueDisk(ours.xml()))),
            new Difference(
                    "no-legacy-rescue-of-volume", (asked, ours) -> ours.refusal() == ErrorCode.INSTANCE_NOT_RESCUABLE),
            new Difference(
                    "contradictory-limits",
                    (asked, ours) -> asked.novaXml() != null
                            && ours.refusal() == ErrorCode.INVALID_HARDWARE_VALUE
                            && ours.message().startsWith("the flavor has quota:disk_")
                            && ours.message().endsWith(", which QEMU refuses")),
            new Difference(
                    "refused-at-load",
                    (asked, ours) -> "InternalError".equals(asked.novaError()) && refusedEncryption(ours)));

    private ExplainedDifferences() {}

    /** The document with the logical volumes in the place of their mappings. */
    private static String onVolumes(String xml) {
        return xml.replaceAll("/dev/mapper/([0-9a-f-]{36}_[a-z0-9.]+)-dmcrypt", "/dev/vg/$1");
    }

    /** The document without cache and io mode of its last disk, and without the SCSI controller, which Nova puts before it. */
    private static String withoutRescueDisk(String xml) {
        List<String> lines = new ArrayList<>(CanonicalXml.of(xml).lines().toList());
        lines.removeIf(line -> line.strip().startsWith("controller ") && line.contains("type=\"scsi\""));
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).contains("disk.rescue\"")) {
                lines.set(i - 1, lines.get(i - 1).replaceAll(" (cache|io)=\"[a-z]+\"", ""));
            }
        }
        return String.join("\n", lines);
    }

    private static boolean refusedEncryption(Answer ours) {
        return ours.refusal() == ErrorCode.INVALID_CONFIGURATION
                && ours.message().contains("option=[ephemeral_storage_encryption]enabled");
    }

    /** We say NOT_SUPPORTED, naming what was asked for. */
    private static Difference refused(String name, String words) {
        return new Difference(
                name,
                (asked, ours) -> ours.refusal() == ErrorCode.NOT_SUPPORTED
                        && ours.message().startsWith("nova-bridge does not ")
                        && ours.message().contains(words));
    }

    static Optional<String> explain(ParityCase asked, Answer ours) {
        return ALL.stream()
                .filter(difference -> difference.applies().test(asked, ours))
                .map(Difference::name)
                .filter(Objects::nonNull)
                .findFirst();
    }

    static List<String> names() {
        return ALL.stream().map(Difference::name).toList();
    }
}
