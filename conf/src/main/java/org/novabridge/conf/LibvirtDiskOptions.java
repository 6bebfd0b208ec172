package org.novabridge.conf;

import java.util.List;
import org.novabridge.conf.Option.Actor;

/** Nova's own options of {@code [libvirt]} on disks, images and volumes (conf/libvirt.py, Zed unless marked). */
interface LibvirtDiskOptions {
    OptionSection DISK_SECTION = new OptionSection("libvirt", "Guests through libvirt: disks, images, volumes.");
    String RBD = "disks on rbd are rendered and explained; the storage side comes later";
    String INJECTION = "the bridge never writes into a guest's file system";

    Option<String> IMAGES_TYPE = DISK_SECTION
            .choice("images_type", "default", "raw", "flat", "qcow2", "lvm", "rbd", "ploop", "default")
            .active(
                    "Kind of the guests' local disks. default: qcow2 when use_cow_images, else flat; raw and flat are the same.");
    Option<String> IMAGES_VOLUME_GROUP =
            DISK_SECTION.text("images_volume_group").active("Volume group of the disks with images_type = lvm.");
    Option<Boolean> SPARSE_LOGICAL_VOLUMES = DISK_SECTION
            .bool("sparse_logical_volumes", false)
            .deprecated()
            .active("Logical volumes with a virtual size (snapshot of nothing). Untested in Nova; thin pools"
                    + " (images_lvm_type = thin) are the better way.");
    Option<String> VOLUME_CLEAR = DISK_SECTION
            .choice("volume_clear", "zero", "zero", "shred", "none")
            .active("How a logical volume is wiped when its guest is deleted.");
    Option<Integer> VOLUME_CLEAR_SIZE = DISK_SECTION
            .integer("volume_clear_size", 0, 0)
            .active("MiB wiped from the start of the logical volume; 0 the whole of it.");
    Option<String> HW_DISK_DISCARD = DISK_SECTION
            .choiceOrNone("hw_disk_discard", "ignore", "unmap")
            .active(
                    "discard attribute of all disks that Nova makes; volumes decide for themselves. Not set: no attribute.");
    Option<List<String>> DISK_CACHEMODES = DISK_SECTION
            .list("disk_cachemodes")
            .active(
                    "<source type>=<mode>: cache mode by libvirt source type (file, block, network, mount). Modes: default,"
                            + " none, writethrough, writeback, directsync, unsafe. An item with another mode is skipped with a"
                            + " warning, as in Nova; the last item of a type wins.");
    Option<String> DISK_PREFIX = DISK_SECTION
            .text("disk_prefix")
            .active("Beginning of all disk names in the guest, instead of vd, sd, hd by bus.");
    Option<String> SNAPSHOTS_DIRECTORY = DISK_SECTION
            .text("snapshots_directory", "$instances_path/snapshots")
            .active("Folder in which the images of snapshots are made, and left for nova-compute when the operator"
                    + " names no other place; it needs room for a whole disk.");
    Option<String> SNAPSHOT_IMAGE_FORMAT = DISK_SECTION
            .choiceOrNone("snapshot_image_format", "raw", "qcow2", "vmdk", "vdi")
            .active("Format of a snapshot's image. Not set: the disk's own; raw for lvm and rbd.");
    Option<Boolean> SNAPSHOT_COMPRESSION =
            DISK_SECTION.bool("snapshot_compression", false).active("Compress the images of snapshots in qcow2.");

    Option<String> IMAGES_RBD_POOL =
            DISK_SECTION.text("images_rbd_pool", "rbd").active("RADOS pool of the disks with images_type = rbd.");
    Option<String> IMAGES_RBD_CEPH_CONF = DISK_SECTION
            .text("images_rbd_ceph_conf", "")
            .active("Ceph's configuration file; empty for its default place.");
    Option<String> IMAGES_RBD_GLANCE_STORE_NAME = DISK_SECTION
            .text("images_rbd_glance_store_name", "")
            .notActedOn(
                    RBD, "Glance store of this Ceph cluster; when set, images are copied to it instead of downloaded.");
    Option<Integer> IMAGES_RBD_GLANCE_COPY_POLL_INTERVAL = DISK_SECTION
            .integer("images_rbd_glance_copy_poll_interval", 15)
            .notActedOn(RBD, "Seconds between two looks at such a copy.");
    Option<Integer> IMAGES_RBD_GLANCE_COPY_TIMEOUT = DISK_SECTION
            .integer("images_rbd_glance_copy_timeout", 600)
            .notActedOn(RBD, "Seconds such a copy may take.");
    Option<String> RBD_USER = DISK_SECTION.text("rbd_user").active("Ceph user of the guests' disks.");
    Option<String> RBD_SECRET_UUID =
            DISK_SECTION.text("rbd_secret_uuid").active("libvirt secret that holds the Ceph user's key.");
    Option<Integer> RBD_CONNECT_TIMEOUT =
            DISK_SECTION.integer("rbd_connect_timeout", 5).notActedOn(RBD, "Seconds to wait for the Ceph cluster.");
    Option<Integer> RBD_DESTROY_VOLUME_RETRY_INTERVAL = DISK_SECTION
            .integer("rbd_destroy_volume_retry_interval", 5, 0)
            .notActedOn(RBD, "Seconds between two tries to remove an rbd image that is still watched.");
    Option<Integer> RBD_DESTROY_VOLUME_RETRIES =
            DISK_SECTION.integer("rbd_destroy_volume_retries", 12, 0).notActedOn(RBD, "How often removing is tried.");

    Option<String> RESCUE_IMAGE_ID = DISK_SECTION
            .text("rescue_image_id")
            .active("Image of a rescue when the request names none; it must be in the cache. Not set: the guest's own."
                    + " Nova always names one.");
    Option<String> RESCUE_KERNEL_ID = DISK_SECTION
            .text("rescue_kernel_id")
            .active(
                    "Kernel image of a rescue. It is described as Nova does; kernels are not fetched yet, so that a guest that"
                            + " is to boot one is refused.");
    Option<String> RESCUE_RAMDISK_ID =
            DISK_SECTION.text("rescue_ramdisk_id").active("Ramdisk image of a rescue, as rescue_kernel_id.");
    Option<Boolean> INJECT_PASSWORD = DISK_SECTION
            .bool("inject_password", false)
            .notActedOn(INJECTION, "Write the admin password into the disk.");
    Option<Boolean> INJECT_KEY =
            DISK_SECTION.bool("inject_key", false).notActedOn(INJECTION, "Write the SSH key into the disk.");
    Option<Integer> INJECT_PARTITION = DISK_SECTION
            .integer("inject_partition", -2, -2)
            .notActedOn(
                    INJECTION, "Partition to write into: -2 never, -1 look for it, 0 the whole disk, else its number.");

    Option<String> REMOTE_FILESYSTEM_TRANSPORT = DISK_SECTION
            .choice("remote_filesystem_transport", "ssh", "ssh", "rsync")
            .notActedOn(
                    "disks travel through ssh, from bridge to bridge", "How disk files travel in a cold migration.");
    Option<Boolean> VOLUME_USE_MULTIPATH = DISK_SECTION
            .bool("volume_use_multipath", false)
            .oldName("iscsi_use_multipath")
            .actedOnBy(Actor.SHIM, "Connect volumes through multipath. Read by the shim.");
    Option<Boolean> VOLUME_ENFORCE_MULTIPATH = DISK_SECTION
            .bool("volume_enforce_multipath", false)
            .since("31")
            .notActedOn(
                    "a later Nova's option; multipath that is asked for must be there, as in Zed",
                    "Fail when multipath is asked for and not there.");
    Option<Integer> NUM_VOLUME_SCAN_TRIES = DISK_SECTION
            .integer("num_volume_scan_tries", 5)
            .oldName("num_iscsi_scan_tries")
            .actedOnBy(Actor.SHIM, "How often a target is scanned for a volume. Read by the shim.");
    Option<String> ISCSI_IFACE = DISK_SECTION
            .text("iscsi_iface")
            .oldName("iscsi_transport")
            .actedOnBy(Actor.SHIM, "iSCSI interface of the initiator. Read by the shim.");
    Option<Integer> NUM_ISER_SCAN_TRIES = DISK_SECTION
            .integer("num_iser_scan_tries", 5)
            .actedOnBy(Actor.SHIM, "How often an iSER target is scanned for a volume. Read by the shim.");
    Option<Boolean> ISER_USE_MULTIPATH = DISK_SECTION
            .bool("iser_use_multipath", false)
            .actedOnBy(Actor.SHIM, "Connect iSER volumes through multipath. Read by the shim.");
    Option<Integer> NUM_NVME_DISCOVER_TRIES = DISK_SECTION
            .integer("num_nvme_discover_tries", 5)
            .actedOnBy(Actor.SHIM, "How often an NVMe target is scanned for a volume. Read by the shim.");
    Option<String> NFS_MOUNT_POINT_BASE = DISK_SECTION
            .text("nfs_mount_point_base", "$state_path/mnt")
            .active(
                    "Folder where the shim mounts NFS shares of volumes; the service takes files of volumes from nowhere else.");
    Option<String> NFS_MOUNT_OPTIONS = DISK_SECTION
            .text("nfs_mount_options")
            .actedOnBy(Actor.SHIM, "Mount options of NFS shares. Read by the shim.");
    Option<Boolean> USE_DEFAULT_AIO_MODE_FOR_VOLUMES = DISK_SECTION
            .bool("use_default_aio_mode_for_volumes", false)
            .since("33")
            .notActedOn(
                    "a later Nova's option; the io rule of volumes is Zed's",
                    "No io=native for NFS, Fibre Channel and iSCSI volumes.");
    Option<Integer> IMAGES_CPU_TIME_LIMIT = DISK_SECTION
            .integer("images_cpu_time_limit", 30, 0)
            .since("34")
            .notActedOn("see [nova_bridge]qemu_img_cpu_time", "Seconds of processor time for qemu-img info.");
    Option<Integer> IMAGES_ADDRESS_SPACE_LIMIT = DISK_SECTION
            .integer("images_address_space_limit", 2, 0)
            .since("34")
            .notActedOn("see [nova_bridge]qemu_img_address_space", "GiB of address space for qemu-img info.");
    Option<Integer> DEVICE_DETACH_ATTEMPTS = DISK_SECTION
            .integer("device_detach_attempts", 8, 1)
            .active("How often a running guest is asked to let a device go.");
    Option<Integer> DEVICE_DETACH_TIMEOUT =
            DISK_SECTION.integer("device_detach_timeout", 20, 1).active("Seconds that each try waits until it has.");
}
