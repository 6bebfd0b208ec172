package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether devices could be passed through to guests: an IOMMU that is on, the module, and for each device that vfio-pci has
 * taken, its neighbours in the group and a way to reset it. Reported only: which device a guest gets is the operator's choice.
 */
final class VfioCheck implements TuningCheck {
    private static final String NAME = "vfio";
    private static final String SOURCE = "Linux Documentation/driver-api/vfio.rst and kernel-parameters.txt";
    private static final String GROUPS = "/sys/kernel/iommu_groups";
    private static final String PCI_ADDRESS = "[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]";
    private static final String DRIVER = "/sys/bus/pci/drivers/vfio-pci";

    @Override
    public List<Finding> look(ObservedHost host) {
        HostTree tree = host.tree();
        List<Finding> findings = new ArrayList<>();
        Finding.Draft draft = Finding.about(NAME, "IOMMU", SOURCE).wanted("on, where devices are passed through");
        List<String> groups = tree.names(GROUPS);
        if (!tree.exists("/sys/kernel")) {
            findings.add(draft.unknown(tree.whyNot(GROUPS)));
        } else if (groups.isEmpty()) {
            boolean intel = tree.text("/proc/cpuinfo")
                    .filter(text -> text.contains("GenuineIntel"))
                    .isPresent();
            findings.add(draft.found("off: no IOMMU groups")
                    .why("Without one a device could write to all memory of the host, and VFIO refuses it.")
                    .remedy("switch VT-d or AMD-Vi on in the firmware"
                            + (intel ? ", add intel_iommu=on iommu=pt to the kernel's command line" : "")
                            + "; not needed without passed-through devices")
                    .as(Severity.NOTE));
        } else {
            boolean module = tree.exists("/sys/module/vfio_pci");
            boolean direct = host.commandLine().contains("iommu=pt");
            draft.found(groups.size() + " groups, vfio-pci " + (module ? "loaded" : "not loaded")
                            + (direct ? "" : ", iommu=pt not set"))
                    .why("With iommu=pt the host's own devices do not pay for the translation.");
            boolean setAside = !overridden(tree).isEmpty();
            if (setAside) {
                draft.setting(Setting.module(tree, "vfio-pci"));
            }
            findings.add(
                    module && direct
                            ? draft.as(Severity.OK)
                            : draft.remedy((module ? "" : "modprobe vfio-pci; ")
                                            + (direct ? "" : "add iommu=pt to the kernel's command line; ")
                                            + (setAside
                                                    ? "devices are set aside for it"
                                                    : "not needed without passed-through devices"))
                                    .as(setAside && !module ? Severity.WARNING : Severity.NOTE));
        }
        CarryingDisks carrying = new CarryingDisks(host);
        List<String> bound = tree.names(DRIVER).stream()
                .filter(name -> name.matches(PCI_ADDRESS))
                .toList();
        bound.forEach(device -> findings.add(device(tree, carrying, device)));
        for (String device : overridden(tree)) {
            List<String> behind = carrying.behind(device);
            if (!bound.contains(device) && !behind.isEmpty()) {
                findings.add(Finding.about(NAME, "PCI device " + device, SOURCE)
                        .found("meant for vfio-pci, and carries " + String.join(", ", behind))
                        .wanted("a device that the host can do without")
                        .why("The next boot, or whoever unbinds its driver, takes these disks from the host.")
                        .remedy("driverctl unset-override " + device)
                        .as(Severity.UNUSABLE));
            }
        }
        return findings;
    }

    /** Devices that somebody has set aside for guests (driverctl, or by hand), whatever driver has them now. */
    private static List<String> overridden(HostTree tree) {
        return tree.names("/sys/bus/pci/devices").stream()
                .filter(name -> tree.value("/sys/bus/pci/devices/" + name + "/driver_override")
                        .filter("vfio-pci"::equals)
                        .isPresent())
                .toList();
    }

    private static Finding device(HostTree tree, CarryingDisks carrying, String device) {
        String folder = "/sys/bus/pci/devices/" + device;
        Finding.Draft draft = Finding.about(NAME, "PCI device " + device, SOURCE)
                .wanted("alone in its group, with a way to reset it")
                .why(
                        "A group goes to one guest as a whole; a device that cannot be reset carries over what a guest left.");
        List<String> neighbours = new ArrayList<>();
        List<String> needed = new ArrayList<>();
        for (String other : tree.names(folder + "/iommu_group/devices")) {
            String pci = "/sys/bus/pci/devices/" + other;
            boolean bridge = tree.value(pci + "/class").orElse("").startsWith("0x06");
            String driver = tree.real(pci + "/driver").orElse("");
            if (!other.equals(device) && !bridge && !driver.isEmpty() && !driver.endsWith("/vfio-pci")) {
                neighbours.add(other + " (" + driver.substring(driver.lastIndexOf('/') + 1) + ")");
                needed.addAll(carrying.behind(other));
            }
        }
        boolean reset = tree.value(folder + "/reset_method")
                .map(methods -> !methods.isEmpty())
                .orElse(tree.present(folder + "/reset"));
        if (!needed.isEmpty()) {
            return draft.found("shares its group with " + String.join(", ", neighbours) + ", which carries "
                            + String.join(", ", needed))
                    .remedy("put the card into another slot: its group cannot be given away without these disks")
                    .as(Severity.UNUSABLE);
        }
        if (!neighbours.isEmpty()) {
            return draft.found("shares its group with " + String.join(", ", neighbours))
                    .remedy("bind them to vfio-pci as well (driverctl set-override), or put the card into another slot")
                    .as(Severity.WARNING);
        }
        return reset
                ? draft.found("so").as(Severity.OK)
                : draft.found("no way to reset it").as(Severity.WARNING);
    }
}
