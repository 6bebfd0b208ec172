package org.novabridge.driver.model;

/** What a disk is for in the guest. */
public enum DiskRole {
    ROOT("root"),
    EPHEMERAL("ephemeral"),
    SWAP("swap"),
    CONFIG_DRIVE("config drive"),
    VOLUME("volume"),
    /** The guest boots from it while its own disks are repaired. */
    RESCUE("rescue");

    private final String words;

    DiskRole(String words) {
        this.words = words;
    }

    /** For people. */
    public String words() {
        return words;
    }
}
