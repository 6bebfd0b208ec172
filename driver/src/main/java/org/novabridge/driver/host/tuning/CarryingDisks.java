package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Disks that the host or its guests stand on, and by which PCI device each is reached. */
final class CarryingDisks {
    private final HostTree tree;
    private final Map<String, String> carries = new LinkedHashMap<>();

    CarryingDisks(ObservedHost host) {
        this.tree = host.tree();
        StorageStack.belowHost(tree).disks().forEach(disk -> carries.put(disk.name(), disk.carries()));
        host.storage().disks().forEach(disk -> carries.putIfAbsent(disk.name(), disk.carries()));
    }

    /** In words, as {@code sda (/)}; none when the host can do without the device. */
    List<String> behind(String pciDevice) {
        List<String> behind = new ArrayList<>();
        carries.forEach((disk, what) -> {
            if (tree.real("/sys/class/block/" + disk)
                    .filter(path -> path.contains("/" + pciDevice + "/"))
                    .isPresent()) {
                behind.add(disk + " (" + what + ")");
            }
        });
        return behind;
    }
}
