package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which devices may become physical volumes: only those that nobody uses and on which nothing is
 * recognised. Pure: facts in, refusals out, all at once.
 */
final class DeviceRules {
    /** Two metadata areas' worth; below it a group has no room for a disk. */
    static final long SMALLEST = 256L << 20;

    private DeviceRules() {}

    /** Sentences that each begin with the device; empty when all may be used. */
    static List<String> refusals(List<DeviceFacts> devices) {
        List<String> refusals = new ArrayList<>();
        for (DeviceFacts device : devices) {
            one(device, refusals);
        }
        for (int i = 0; i < devices.size(); i++) {
            for (int j = 0; j < i; j++) {
                same(devices.get(j), devices.get(i), refusals);
            }
        }
        return refusals;
    }

    private static void one(DeviceFacts device, List<String> refusals) {
        Path path = device.path();
        switch (device.state()) {
            case MISSING -> {
                refusals.add(path + " does not exist");
                return;
            }
            case OTHER_FILE -> {
                refusals.add(path + " is no block device");
                return;
            }
            case BLOCK_DEVICE -> {}
        }
        if (device.readOnly()) {
            refusals.add(path + " is read-only");
        }
        if (device.size() < SMALLEST) {
            refusals.add(path + " has " + device.size() + " bytes; less than " + SMALLEST + " make no volume group");
        }
        used(device, refusals);
        String group = device.group();
        if (group != null) {
            refusals.add(
                    group.isEmpty()
                            ? path + " is a physical volume without a group, perhaps left by an interrupted vg init;"
                                    + " if nothing on it is wanted: pvremove " + path
                            : path + " belongs to volume group " + group);
        } else if (!device.signatures().isEmpty()) {
            refusals.add(path + " carries " + String.join(", ", device.signatures())
                    + "; if nothing on it is wanted: wipefs --all " + path);
        }
    }

    private static void used(DeviceFacts device, List<String> refusals) {
        for (String use : device.uses()) {
            String thing = device.path()
                    + (device.partitions().isEmpty() && device.holders().isEmpty() ? "" : ", or what lies on it,");
            refusals.add(
                    switch (use) {
                        case "[SWAP]" -> thing + " is in use as swap";
                        case "/" -> thing + " carries the root file system of this host";
                        default -> thing + " is mounted on " + use;
                    });
        }
        if (!device.partitions().isEmpty()) {
            refusals.add(device.path() + " has partitions: " + String.join(", ", device.partitions()));
        }
        if (!device.holders().isEmpty()) {
            refusals.add(device.path() + " is held by " + String.join(", ", device.holders()));
        }
    }

    private static void same(DeviceFacts one, DeviceFacts other, List<String> refusals) {
        if (one.state() != DeviceFacts.State.BLOCK_DEVICE || other.state() != DeviceFacts.State.BLOCK_DEVICE) {
            if (one.path().equals(other.path())) {
                refusals.add(one.path() + " is named twice");
            }
            return;
        }
        if (one.number().equals(other.number())) {
            refusals.add(one.path() + " and " + other.path() + " are the same device");
        } else if (one.identity() != null && one.identity().equals(other.identity())) {
            refusals.add(one.path() + " and " + other.path() + " are two paths to one disk (" + one.identity()
                    + "); name its multipath device instead");
        }
    }

    /** Advice that stops nothing: names that may point to another disk after the next boot. */
    static List<String> advice(List<DeviceFacts> devices) {
        List<String> advice = new ArrayList<>();
        for (DeviceFacts device : devices) {
            Path stable = device.stableName();
            if (stable != null
                    && !device.path().startsWith("/dev/disk")
                    && device.kind().equals("disk")) {
                advice.add("[libvirt]images_lvm_devices: " + device.path()
                        + " may name another disk after a reboot; write " + stable);
            }
        }
        return advice;
    }
}
