package org.novabridge.driver.model;

/** A fact about the host that a rule may ask for; the key is its name in {@code --host-facts}. */
public enum HostFact {
    /** libvirt's word for the architecture: x86_64. */
    ARCH("arch", Type.TEXT),
    /** O_DIRECT works on instances_path. */
    DIRECT_IO("direct_io", Type.BOOLEAN),
    /** major * 1,000,000 + minor * 1,000 + release. */
    LIBVIRT_VERSION("libvirt_version", Type.NUMBER),
    /** major * 1,000,000 + minor * 1,000 + release. */
    QEMU_VERSION("qemu_version", Type.NUMBER),
    /** Monitors of the ceph cluster that {@code images_rbd_ceph_conf} names. */
    RBD_MONITORS("rbd_monitors", Type.HOST_PORTS),
    /** images_volume_group has the thin pool that images_lvm_pool names; asked for images_lvm_type = auto only. */
    THIN_POOL("thin_pool", Type.BOOLEAN),
    /** /dev/kvm can be used. */
    KVM("kvm", Type.BOOLEAN),
    /** QEMU of this host starts with a disk on io_uring; asked where the configuration says io_uring or auto only. */
    IO_URING("io_uring", Type.BOOLEAN),
    /** Largest physical block size of the disks below instances_path; asked where the configuration says auto only. */
    FILES_BLOCK_SIZE("files_block_size", Type.NUMBER),
    /** The same of images_volume_group. */
    VOLUME_GROUP_BLOCK_SIZE("volume_group_block_size", Type.NUMBER),
    /** libvirt's UUID of the host. */
    HOST_UUID("host_uuid", Type.TEXT),
    /** First line of /etc/machine-id. */
    MACHINE_ID("machine_id", Type.TEXT),
    /** The file that {@code rng_dev_path} names exists. */
    RNG_DEVICE("rng_device", Type.BOOLEAN),
    /** CPU cgroup control is there, so that {@code quota:cpu_*} can be honoured. */
    CPU_CONTROL("cpu_control", Type.BOOLEAN),
    /** Model names that the hypervisor offers for video devices. */
    VIDEO_MODELS("video_models", Type.TEXTS),
    /** Disk buses that the hypervisor offers. */
    DISK_BUSES("disk_buses", Type.TEXTS),
    /** Machine types of this host, aliases included. */
    MACHINE_TYPES("machine_types", Type.TEXTS),
    /** CPU models that {@code cpu_mode = custom} may name. */
    CPU_MODELS("cpu_models", Type.TEXTS),
    /** TCP ports of {@code [serial_console]port_range} that are free for the guest. */
    FREE_SERIAL_PORTS("free_serial_ports", Type.TEXTS),
    /** Host CPU model in libvirt's naming. */
    CPU_MODEL("cpu_model", Type.TEXT),
    /** Host CPU features. */
    CPU_FEATURES("cpu_features", Type.TEXTS);

    /** The JSON type of a fact. */
    public enum Type {
        TEXT,
        BOOLEAN,
        NUMBER,
        TEXTS,
        HOST_PORTS
    }

    private final String key;
    private final Type type;

    HostFact(String key, Type type) {
        this.key = key;
        this.type = type;
    }

    public String key() {
        return key;
    }

    public Type type() {
        return type;
    }
}
