package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElements;
import jakarta.xml.bind.annotation.XmlTransient;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <devices>}; devices of different kinds stand in one order, as Nova adds them. */
@XmlAccessorType(XmlAccessType.FIELD)
final class DevicesBean {
    /** Written by libvirt; Nova leaves the choice to it. */
    @Nullable
    String emulator;

    @XmlElements({
        @XmlElement(name = "disk", type = DiskBeans.Disk.class),
        @XmlElement(name = "controller", type = DeviceBeans.Controller.class),
        @XmlElement(name = "interface", type = InterfaceBeans.Interface.class),
        @XmlElement(name = "serial", type = DeviceBeans.Serial.class),
        @XmlElement(name = "channel", type = DeviceBeans.Channel.class),
        @XmlElement(name = "graphics", type = DeviceBeans.Graphics.class),
        @XmlElement(name = "video", type = DeviceBeans.Video.class),
        @XmlElement(name = "input", type = DeviceBeans.Input.class),
        @XmlElement(name = "rng", type = DeviceBeans.Rng.class),
        @XmlElement(name = "watchdog", type = DeviceBeans.Watchdog.class),
        @XmlElement(name = "memballoon", type = DeviceBeans.Balloon.class),
        @XmlElement(name = "iommu", type = DeviceBeans.Iommu.class)
    })
    List<Device> list = new ArrayList<>();

    /** What stands in the list. */
    @XmlTransient
    abstract static class Device {}
}
