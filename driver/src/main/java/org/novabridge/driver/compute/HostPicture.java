package org.novabridge.driver.compute;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.storage.lvm.VolumeCensus;

/**
 * What there is on this host and what is known of it, at one time.
 *
 * @param group the volume group; empty when none is configured
 * @param records of the instances that were made here
 * @param domains uuids of libvirt's domains
 * @param folders names of what lies in instances_path and is called after an instance
 * @param volumes of the group
 * @param operations that go on, have ended while the picture was taken, or have something left to take back
 * @param left those of them that nobody takes back now
 */
record HostPicture(
        String group,
        List<InstanceRecord> records,
        Set<String> domains,
        Set<String> folders,
        List<VolumeCensus.Volume> volumes,
        List<JournalEntry> operations,
        List<JournalEntry> left) {
    HostPicture {
        records = List.copyOf(records);
        domains = Set.copyOf(domains);
        folders = Set.copyOf(folders);
        volumes = List.copyOf(volumes);
        operations = List.copyOf(operations);
        left = List.copyOf(left);
    }
}
