package org.novabridge.driver.model;

/** The attributes of a disk that rules decide, by the name under which {@code disks explain} shows them. */
public enum DiskAttribute {
    BACKEND("backend"),
    SIZE("size"),
    FILESYSTEM("filesystem"),
    SOURCE("source"),
    DEVICE("device"),
    BUS("bus"),
    TARGET("target"),
    DRIVER("driver"),
    FORMAT("format"),
    PROFILE("profile"),
    CACHE("cache"),
    IO("io"),
    DISCARD("discard"),
    DISCARD_NO_UNREF("discard_no_unref"),
    DETECT_ZEROES("detect_zeroes"),
    METADATA_CACHE("metadata_cache"),
    ERROR_POLICY("error_policy"),
    IOTUNE("iotune"),
    IOTHREAD("iothread"),
    IOTHREAD_CPUS("iothread_cpus"),
    QUEUES("queues"),
    QUEUE_SIZE("queue_size"),
    SERIAL("serial"),
    BLOCK_SIZE("blocksize"),
    ROTATION_RATE("rotation_rate"),
    READ_ONLY("readonly"),
    SHAREABLE("shareable"),
    BOOT("boot"),
    ADDRESS("address"),
    AUTH("auth"),
    ENCRYPTION("encryption");

    private final String key;

    DiskAttribute(String key) {
        this.key = key;
    }

    /** The word of {@code --attribute}. */
    public String key() {
        return key;
    }
}
