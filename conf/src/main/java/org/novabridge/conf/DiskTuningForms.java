package org.novabridge.conf;

/** How the texts of disk options look that stand in {@code [libvirt]} and in profiles alike. */
final class DiskTuningForms {
    static final String IOTHREADS = "^(auto|[0-9]|[1-5][0-9]|6[0-4])$";
    static final String QUEUES = "^(auto|[1-9][0-9]{0,2}|10[01][0-9]|102[0-4])$";
    static final String METADATA_CACHE = "^(auto|[1-9][0-9]{0,5}[KMGkmg])$";
    private static final String CPU = "\\s*(\\^[0-9]{1,4}|[0-9]{1,4}(-[0-9]{1,4})?)\\s*";
    static final String CPUS = "^" + CPU + "(," + CPU + ")*$";

    private DiskTuningForms() {}
}
