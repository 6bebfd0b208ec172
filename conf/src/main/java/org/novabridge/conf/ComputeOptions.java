package org.novabridge.conf;

import java.util.List;
import org.novabridge.conf.Option.Actor;

/** {@code [compute]} (Nova: conf/compute.py, Zed). */
public final class ComputeOptions {
    static final OptionSection SECTION = new OptionSection("compute", "The compute service.");

    public static final Option<Integer> MAX_CONCURRENT_DISK_OPS = SECTION.integer("max_concurrent_disk_ops", 0, 0)
            .active("Most copies and conversions of images at the same time; 0 no limit.");
    public static final Option<Integer> MAX_DISK_DEVICES_TO_ATTACH = SECTION.integer(
                    "max_disk_devices_to_attach", -1, -1)
            .active("Most disks of a guest; -1 no limit. 0 is refused, as in Nova. IDE always ends at 4.");
    public static final Option<List<String>> IMAGE_TYPE_EXCLUDE_LIST =
            SECTION.list("image_type_exclude_list").actedOnBy(Actor.SHIM, "Image formats this host does not take.");
    public static final Option<List<String>> VMDK_ALLOWED_TYPES = SECTION.list(
                    "vmdk_allowed_types", "streamOptimized", "monolithicSparse")
            .active("Kinds of VMDK images that are accepted; an empty list refuses all.");
    public static final Option<String> CPU_SHARED_SET =
            SECTION.text("cpu_shared_set").active("Host processors of guests that float, as 0-3,^2.");
    public static final Option<String> CPU_DEDICATED_SET = SECTION.text("cpu_dedicated_set")
            .active(
                    "Host processors for pinned guests, which are refused for now: without cpu_shared_set this host then offers"
                            + " placement no processors.");
    public static final Option<Integer> SHUTDOWN_RETRY_INTERVAL = SECTION.integer("shutdown_retry_interval", 10, 1)
            .active(
                    "Seconds between two shutdown requests to a guest that is asked to stop. A request may say its own.");
    public static final Option<String> PROVIDER_CONFIG_LOCATION = SECTION.text(
                    "provider_config_location", "/etc/nova/provider_config/")
            .actedOnBy(Actor.NOVA_COMPUTE, "Folder of resource provider files.");
    public static final Option<Integer> CONSECUTIVE_BUILD_SERVICE_DISABLE_THRESHOLD = SECTION.integer(
                    "consecutive_build_service_disable_threshold", 10)
            .actedOnBy(Actor.NOVA_COMPUTE, "Failed builds in a row after which the host weighs less; 0 never.");
    public static final Option<Integer> RESOURCE_PROVIDER_ASSOCIATION_REFRESH = SECTION.integer(
                    "resource_provider_association_refresh", 300, 0)
            .actedOnBy(Actor.NOVA_COMPUTE, "Seconds between two refreshes of the provider's associations; 0 never.");
    public static final Option<Boolean> PACKING_HOST_NUMA_CELLS_ALLOCATION_STRATEGY = SECTION.bool(
                    "packing_host_numa_cells_allocation_strategy", false)
            .notActedOn("NUMA guests are refused for now", "Fill one NUMA cell before the next.");
    public static final Option<Boolean> LIVE_MIGRATION_WAIT_FOR_VIF_PLUG = SECTION.bool(
                    "live_migration_wait_for_vif_plug", true)
            .notActedOn("live migration is not built yet", "Wait for the ports on the other host.");

    private ComputeOptions() {}
}
