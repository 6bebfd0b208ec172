package org.novabridge.driver.compute;

import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;

/** What the disks of a {@link FakeHost} were before a resize. */
record FakeKept(FakeHost host, CrashPoint crashPoint) implements KeptDisks {
    private static final String HALF = "half of ";

    @Override
    public String word() {
        return "a copy";
    }

    @Override
    public void demandRoom(String instanceUuid, List<Demand> disks) {
        if (!host.roomToKeep) {
            throw new BridgeException(ErrorCode.STORAGE_FULL, "no room to keep " + disks);
        }
        assert host.kept.isEmpty();
    }

    @Override
    public void keep(String instanceUuid, String diskName, Progress progress) {
        String disk = instanceUuid + "/" + diskName;
        String now = String.valueOf(host.written.get(disk));
        host.kept.put(disk, HALF + now);
        host.call(crashPoint, "keep " + diskName, () -> host.kept.put(disk, now));
    }

    @Override
    public void setAside(String instanceUuid, String diskName) {
        String disk = instanceUuid + "/" + diskName;
        host.call(crashPoint, "set aside " + diskName, () -> {
            host.disks.remove(disk);
            host.unlocked.remove(disk);
            host.kept.put(disk, String.valueOf(host.written.remove(disk)));
        });
    }

    @Override
    public void restore(String instanceUuid, String diskName, Progress progress) {
        String disk = instanceUuid + "/" + diskName;
        if (host.running.containsKey(instanceUuid)) {
            throw new AssertionError("a running guest's disk is taken away");
        }
        host.call(crashPoint, "restore " + diskName, () -> {
            String was = host.kept.get(disk);
            if (was != null && !was.startsWith(HALF)) {
                host.kept.remove(disk);
                host.unlocked.remove(disk);
                host.written.put(disk, was);
                host.disks.put(disk, new DiskContent.Blank(1));
            }
        });
    }

    @Override
    public void discard(String instanceUuid, String diskName, Progress progress) {
        host.call(crashPoint, "discard " + diskName, () -> host.kept.remove(instanceUuid + "/" + diskName));
    }

    @Override
    public List<String> list(String instanceUuid) {
        return host.kept.keySet().stream()
                .filter(disk -> disk.startsWith(instanceUuid))
                .map(disk -> disk.substring(instanceUuid.length() + 1))
                .toList();
    }
}
