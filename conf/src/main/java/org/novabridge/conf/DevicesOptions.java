package org.novabridge.conf;

import java.util.List;

/** {@code [devices]} (Nova: conf/devices.py, Zed). */
public final class DevicesOptions {
    static final OptionSection SECTION = new OptionSection("devices", "Mediated devices (virtual GPUs).");

    public static final Option<List<String>> ENABLED_MDEV_TYPES = SECTION.list("enabled_mdev_types")
            .oldName("enabled_vgpu_types")
            .notActedOn("mediated devices are not built yet", "Types of mediated devices guests may get.");

    private DevicesOptions() {}
}
