package org.novabridge.driver.model;

/** What a disk is for in the guest. */
public enum DiskRole {
    ROOT("root"),
    EPHEMERAL("ephemeral"),
    SWAP("swap"),
    CONFIG_DRIVE("config drive"),
    VOLUME("volume");

    private final String words;

    DiskRole(String words) {
        this.words = words;
    }

    /** For people. */
    public String words() {
        return words;
    }
}
