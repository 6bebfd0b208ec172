package org.novabridge.conf;

import java.util.List;

/** Nova's own options of {@code [libvirt]} on the guest as a whole (conf/libvirt.py, Zed unless marked). */
interface LibvirtGuestOptions {
    OptionSection GUEST_SECTION =
            new OptionSection("libvirt", "Guests through libvirt: hypervisor, processor, memory.");

    Option<String> VIRT_TYPE = GUEST_SECTION
            .choice("virt_type", "kvm", "kvm", "lxc", "qemu", "parallels")
            .restart()
            .active("Kind of the guests. The bridge runs kvm, and qemu (emulation, without KVM).");
    Option<String> CONNECTION_URI = GUEST_SECTION
            .text("connection_uri", "")
            .restart()
            .active("libvirt connection. Empty: qemu:///system for kvm and qemu.");
    Option<Integer> WAIT_SOFT_REBOOT_SECONDS = GUEST_SECTION
            .integer("wait_soft_reboot_seconds", 120)
            .active("Seconds a soft reboot may take before it becomes a hard one.");
    Option<String> CPU_MODE = GUEST_SECTION
            .choiceOrNone("cpu_mode", "host-model", "host-passthrough", "custom", "none")
            .active("Processor of guests. Not set: host-model for kvm and qemu on hosts that can, else none.");
    Option<List<String>> CPU_MODELS = GUEST_SECTION
            .list("cpu_models")
            .oldName("cpu_model")
            .active("Named processor models for cpu_mode = custom, the least capable first.");
    Option<List<String>> CPU_MODEL_EXTRA_FLAGS = GUEST_SECTION
            .list("cpu_model_extra_flags")
            .active("Processor flags to add (name or +name) or to take away (-name).");
    Option<List<String>> HW_MACHINE_TYPE = GUEST_SECTION
            .listOrNone("hw_machine_type")
            .active(
                    "<arch>=<machine type>. Not set: pc for x86, virt for aarch64 and armv7l, s390-ccw-virtio for s390.");
    Option<String> SYSINFO_SERIAL = GUEST_SECTION
            .choice("sysinfo_serial", "unique", "none", "os", "hardware", "auto", "unique")
            .active("Serial number in the guest's SMBIOS: the guest's own uuid (unique), the host's, or none.");
    Option<String> RNG_DEV_PATH =
            GUEST_SECTION.text("rng_dev_path", "/dev/urandom").active("Source of the guest's random number device.");
    Option<Integer> MEM_STATS_PERIOD_SECONDS = GUEST_SECTION
            .integer("mem_stats_period_seconds", 10)
            .active("Seconds between two readings of balloon statistics; 0 or less leaves the balloon out.");
    Option<Integer> NUM_PCIE_PORTS = GUEST_SECTION
            .integer("num_pcie_ports", 0, 0, 28)
            .active("PCIe ports for hot-plug on q35 and virt machines; 0 for libvirt's own number.");
    Option<Integer> FILE_BACKED_MEMORY = GUEST_SECTION
            .integer("file_backed_memory", 0, 0)
            .active("MiB of file-backed memory; more than 0 puts all guest memory into files.");
    Option<Integer> REALTIME_SCHEDULER_PRIORITY = GUEST_SECTION
            .integer("realtime_scheduler_priority", 1)
            .notActedOn("realtime guests are refused for now", "Priority of realtime processors.");
    Option<List<String>> ENABLED_PERF_EVENTS =
            GUEST_SECTION.list("enabled_perf_events").active("Performance events that libvirt is to count.");
    Option<Integer> RX_QUEUE_SIZE = GUEST_SECTION
            .integerOneOf("rx_queue_size", 256, 512, 1024)
            .active("Size of a virtio port's receive queue.");
    Option<Integer> TX_QUEUE_SIZE = GUEST_SECTION
            .integerOneOf("tx_queue_size", 256, 512, 1024)
            .notActedOn(
                    "only vhost-user ports have it, and they are not built yet", "Size of a virtio port's send queue.");
    Option<Integer> MAX_QUEUES = GUEST_SECTION
            .integerOrNone("max_queues", 1)
            .active("Most queues of a virtio port with hw_vif_multiqueue_enabled. Not set: by the host's kernel.");
    Option<Boolean> USE_VIRTIO_FOR_BRIDGES = GUEST_SECTION
            .bool("use_virtio_for_bridges", true)
            .active("Ports are virtio when neither image nor configuration says otherwise.");
    Option<List<String>> UID_MAPS =
            GUEST_SECTION.list("uid_maps").notActedOn("containers (lxc) are not built", "User id maps of lxc guests.");
    Option<List<String>> GID_MAPS =
            GUEST_SECTION.list("gid_maps").notActedOn("containers (lxc) are not built", "Group id maps of lxc guests.");
    Option<List<String>> PMEM_NAMESPACES = GUEST_SECTION
            .list("pmem_namespaces")
            .notActedOn("persistent memory is not built", "Persistent memory namespaces for guests.");
    Option<Boolean> SWTPM_ENABLED = GUEST_SECTION
            .bool("swtpm_enabled", false)
            .notActedOn("emulated TPM is not built yet", "Guests may ask for an emulated TPM.");
    Option<String> SWTPM_USER =
            GUEST_SECTION.text("swtpm_user", "tss").notActedOn("emulated TPM is not built yet", "User of swtpm.");
    Option<String> SWTPM_GROUP =
            GUEST_SECTION.text("swtpm_group", "tss").notActedOn("emulated TPM is not built yet", "Group of swtpm.");
    Option<Integer> NUM_MEMORY_ENCRYPTED_GUESTS = GUEST_SECTION
            .integerOrNone("num_memory_encrypted_guests", 0)
            .notActedOn("memory encryption is not built yet", "Most guests with encrypted memory (removed in 2026.2).");
    Option<Integer> TB_CACHE_SIZE = GUEST_SECTION
            .integerOrNone("tb_cache_size", 0)
            .since("28")
            .notActedOn("a later Nova's option", "MiB of translated code a qemu (not kvm) guest may keep.");
    Option<Boolean> CPU_POWER_MANAGEMENT = GUEST_SECTION
            .bool("cpu_power_management", false)
            .since("27")
            .notActedOn("processor power management is not built", "Switch unused dedicated processors off.");
}
