package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.GuestDevice;

/** Controllers of SCSI disks, PCI Express ports and USB (driver.py 26.2.2). */
final class ControllerRule {
    private ControllerRule() {}

    static Optional<GuestDevice> scsi(GuestContext guest, DiskPlan disks) {
        return guest.image()
                .find("hw_scsi_model")
                .map(model -> new GuestDevice.Controller("scsi", 0, model, disks.scsiDriver()));
    }

    /** As many root ports as configured, on machines that have PCI Express. */
    static List<GuestDevice> pcie(GuestContext guest, String machine) {
        int ports = guest.config().get(LibvirtOptions.NUM_PCIE_PORTS);
        List<GuestDevice> controllers = new ArrayList<>();
        if (ports > 0 && machine.contains("q35") && guest.hostArch().equals("x86_64")) {
            controllers.add(new GuestDevice.Controller("pci", null, "pcie-root"));
            for (int port = 0; port < ports; port++) {
                controllers.add(new GuestDevice.Controller("pci", null, "pcie-root-port"));
            }
        }
        return controllers;
    }

    /** libvirt adds a USB controller to x86 guests; model none stops it when nothing is on USB. */
    static GuestDevice usb(List<DiskDefinition> disks, List<GuestDevice> devices) {
        boolean needed = disks.stream().anyMatch(disk -> disk.targetBus().equals("usb"))
                || GuestDevice.select(devices, GuestDevice.Input.class).stream()
                        .anyMatch(input -> input.bus().equals("usb"));
        return new GuestDevice.Controller("usb", 0, needed ? null : "none");
    }
}
