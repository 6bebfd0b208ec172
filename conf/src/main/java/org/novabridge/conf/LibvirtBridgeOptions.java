package org.novabridge.conf;

import java.util.List;

/** What Nova's options of {@code [libvirt]} do not cover: ours, kept beside those they extend. Each default is Nova's behaviour. */
interface LibvirtBridgeOptions {
    OptionSection BRIDGE_SECTION = new OptionSection("libvirt", "Disks: what nova-bridge adds. Nova ignores these.");

    Option<List<String>> DISK_IO_MODES = BRIDGE_SECTION
            .list("disk_io_modes")
            .ours()
            .active("<source type>=<mode>: io mode by libvirt source type, written like disk_cachemodes. Modes: native,"
                    + " threads, io_uring, default (QEMU's own), auto. Empty: Nova's rule. native needs a cache mode that is O_DIRECT: beside a"
                    + " written one other than none or directsync the configuration is refused.");
    Option<String> DISK_IOTHREADS = BRIDGE_SECTION
            .matching("disk_iothreads", "0", DiskTuningForms.IOTHREADS, "a number from 0 to 64, or auto")
            .ours()
            .active(
                    "I/O threads of each guest; its virtio-blk disks and its virtio-scsi controller are shared out among"
                            + " them in their order, and a thread that nothing would use is not made. auto: half as many as"
                            + " virtual processors, at least 1 and at most 4. 0 as Nova.");
    Option<Boolean> DISK_IOTHREAD_MAPPING = BRIDGE_SECTION
            .boolOrNone("disk_iothread_mapping")
            .ours()
            .active("Share the queues of each virtio-blk disk out among several of the I/O threads, at most as many as"
                    + " it has queues by disk_queues; needs libvirt 10.0 and QEMU 9.0. So do those of the virtio-scsi"
                    + " controller from libvirt 11.2 and QEMU 10.0 on. For guests of more than four"
                    + " processors on very fast storage. Not set: each has one thread.");
    Option<String> DISK_IOTHREAD_CPUS = BRIDGE_SECTION
            .matchingOrNone("disk_iothread_cpus", DiskTuningForms.CPUS, "processors, as 2-5,^3")
            .ours()
            .active("Host processors on which all I/O threads run, as 2-5,^3; they should be none of cpu_shared_set and"
                    + " must be none of cpu_dedicated_set. Not set: where the guest's virtual processors run.");
    Option<String> DISK_QUEUES = BRIDGE_SECTION
            .matchingOrNone("disk_queues", DiskTuningForms.QUEUES, "a number from 1 to 1024, or auto")
            .ours()
            .active("Queues of a virtio disk, or of a virtio-scsi controller: a number, or auto for one per virtual"
                    + " processor, which is also the most. Not set: QEMU's own.");
    Option<Integer> DISK_QUEUE_SIZE = BRIDGE_SECTION
            .integerOneOf("disk_queue_size", 16, 32, 64, 128, 256, 512, 1024)
            .ours()
            .active("Entries of each queue of a virtio-blk disk; needs libvirt 7.8. Not set: QEMU's own, 256.");
    Option<String> DISK_DETECT_ZEROES = BRIDGE_SECTION
            .choiceOrNone("disk_detect_zeroes", "off", "on", "unmap")
            .ours()
            .active("What QEMU does with zeroes that a guest writes to a disk that Nova makes. unmap gives their space"
                    + " back and needs hw_disk_discard = unmap. It costs processor time. Not set: no attribute.");
    Option<Boolean> DISK_DISCARD_NO_UNREF = BRIDGE_SECTION
            .boolOrNone("disk_discard_no_unref")
            .ours()
            .active("Keep the clusters of a qcow2 disk in their place when the guest discards them, so that it does not"
                    + " fragment; needs libvirt 9.5 and QEMU 8.1. Not set: no attribute.");
    Option<String> DISK_METADATA_CACHE = BRIDGE_SECTION
            .matchingOrNone("disk_metadata_cache", DiskTuningForms.METADATA_CACHE, "a size, as 16M, or auto")
            .ours()
            .active("Memory of each qcow2 disk for its tables, as 16M; auto: as much as all tables of the disk take."
                    + " Not set: QEMU's own, which covers 256 GiB.");
    Option<String> DISK_ERROR_POLICY = BRIDGE_SECTION
            .choiceOrNone("disk_error_policy", "stop", "report", "enospace")
            .ours()
            .active("What happens to a guest when a disk that Nova makes fails: stop pauses it, report hands it the"
                    + " error, enospace pauses it when room is missing and reports the rest. Not set: QEMU's own, which"
                    + " is enospace for writes and report for reads.");
    Option<String> DISK_BLOCK_SIZE = BRIDGE_SECTION
            .choiceOrNone("disk_block_size", "auto", "4096")
            .ours()
            .active(
                    "Block sizes that disks that Nova makes tell the guest. auto: the physical one of the disks below, by"
                            + " which guests align what they write; the logical one stays 512, in which partition tables count."
                            + " 4096: both, for images that are made for it; others do not boot. Not set: 512, as QEMU says.");
    Option<Boolean> DISK_SERIAL = BRIDGE_SECTION
            .bool("disk_serial", false)
            .ours()
            .active("Disks that Nova makes have a serial number of instance and disk, and so a name in the guest's"
                    + " /dev/disk/by-id.");
    Option<Integer> DISK_ROTATION_RATE = BRIDGE_SECTION
            .integerOneOf("disk_rotation_rate", 1, 5400, 7200, 10000, 15000)
            .ours()
            .active("What disks on the buses scsi, sata and ide tell the guest: 1 for one that does not rotate, else"
                    + " revolutions per minute; needs libvirt 7.3. Not set: nothing.");
    Option<String> IMAGES_LVM_TYPE = BRIDGE_SECTION
            .choice("images_lvm_type", "default", "default", "thin", "auto")
            .ours()
            .active("default: thick volumes as in Nova; thin: volumes of a thin pool, root disks being snapshots of"
                    + " their image; auto: thin where the volume group has the pool when guests are made.");
    Option<String> IMAGES_LVM_POOL = BRIDGE_SECTION
            .text("images_lvm_pool")
            .ours()
            .active("Name of the thin pool in images_volume_group. Not set: <volume group>-pool.");
    Option<String> IMAGES_LVM_POOL_SIZE = BRIDGE_SECTION
            .matchingOrNone(
                    "images_lvm_pool_size",
                    "^([1-9][0-9]{0,6}[KMGTkmgt]|[1-9][0-9]?%|100%)$",
                    "a size or a part of the group, as 500G or 90%")
            .ours()
            .active("Size of the thin pool that vg init makes, as 500G or 90%. Not set: nearly the whole group; where"
                    + " images_lvm_autoextend_threshold is below 100, so much less that it can grow once.");
    Option<String> IMAGES_LVM_CHUNK_SIZE = BRIDGE_SECTION
            .matchingOrNone("images_lvm_chunk_size", "^[1-9][0-9]{0,6}[KMGTkmgt]$", "a size, as 64K or 1M")
            .ours()
            .active(
                    "Chunk size of the thin pool that vg init makes, as 64K: a multiple of 64K up to 1G. Not set: 64K, and"
                            + " more for pools of over 4 TiB.");
    Option<String> IMAGES_LVM_POOL_METADATA_SIZE = BRIDGE_SECTION
            .matchingOrNone("images_lvm_pool_metadata_size", "^[1-9][0-9]{0,6}[KMGTkmgt]$", "a size, as 500M or 1G")
            .ours()
            .active("Size of the metadata of the thin pool that vg init makes, as 1G. Not set: by the pool's size.");
    Option<Double> IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO = BRIDGE_SECTION
            .numberOrNone("images_lvm_max_over_subscription_ratio", 1)
            .ours()
            .active(
                    "Bytes promised to guests for each byte of the thin pool; a create above it is refused. Not set: 1.0.");
    Option<List<String>> IMAGES_LVM_DEVICES = BRIDGE_SECTION
            .list("images_lvm_devices")
            .ours()
            .active("Block devices from which vg init makes images_volume_group. Nothing is done with them otherwise.");
    Option<Integer> IMAGES_LVM_AUTOEXTEND_THRESHOLD = BRIDGE_SECTION
            .integer("images_lvm_autoextend_threshold", 100, 50, 100)
            .ours()
            .active(
                    "Percent of use, of data or metadata, at which dmeventd grows the thin pool; 100 never. Written into"
                            + " an LVM profile of the pool by vg init, which is to be run again after a change.");
    Option<Integer> IMAGES_LVM_AUTOEXTEND_PERCENT = BRIDGE_SECTION
            .integer("images_lvm_autoextend_percent", 20, 1, 100)
            .ours()
            .active("By how many percent of its size dmeventd grows the thin pool each time, while the volume group has"
                    + " room.");
    Option<Boolean> IMAGES_LVM_ALLOW_CACHED_THIN = BRIDGE_SECTION
            .bool("images_lvm_allow_cached_thin", false)
            .ours()
            .active("Allow a host-cached cache mode on thin volumes, where a full pool loses acknowledged writes.");
    Option<Boolean> IMAGES_LVM_SINGLE_TENANT = BRIDGE_SECTION
            .bool("images_lvm_single_tenant", false)
            .ours()
            .active("All guests of this host belong to one tenant: released blocks are not zeroed.");
    Option<String> IMAGES_LVM_ENCRYPTION_FORMAT = BRIDGE_SECTION
            .choice("images_lvm_encryption_format", "plain", "plain", "luks2")
            .ours()
            .active("What [ephemeral_storage_encryption]enabled writes on new volumes. plain: the encrypted blocks and"
                    + " nothing else, as Nova; luks2: a header of 16 MiB before them, which knows cipher and key.");
    Option<Integer> VOLUME_CLEAR_RATE = BRIDGE_SECTION
            .integer("volume_clear_rate", 0, 0)
            .ours()
            .active(
                    "MiB per second that all zeroing and shredding in the volume group may write together; 0 no limit.");
}
