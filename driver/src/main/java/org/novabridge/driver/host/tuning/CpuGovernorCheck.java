package org.novabridge.driver.host.tuning;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.novabridge.conf.BridgeOptions;

/**
 * The frequency governor of the processors. A processor that sleeps makes short I/O slower; what that is worth in power is
 * the operator's choice, so nothing is changed unless {@code host_cpu_governor} says so.
 */
final class CpuGovernorCheck implements TuningCheck {
    private static final String NAME = "governor";
    private static final String SOURCE = "Linux Documentation/admin-guide/pm/cpufreq.rst; TuneD profile virtual-host";
    private static final String FOLDER = "/sys/devices/system/cpu/";

    @Override
    public List<Finding> look(ObservedHost host) {
        HostTree tree = host.tree();
        Finding.Draft draft = Finding.about(NAME, "processors", SOURCE);
        Map<String, String> governors = new TreeMap<>();
        for (String name : tree.names(FOLDER)) {
            if (name.matches("cpu[0-9]+")) {
                String path = FOLDER + name + "/cpufreq/scaling_governor";
                tree.value(path).ifPresent(governor -> governors.put(path, governor));
            }
        }
        if (governors.isEmpty()) {
            return List.of(draft.wanted("performance")
                    .unknown("the kernel has no cpufreq here: firmware or a hypervisor decides"));
        }
        String found = String.join(", ", new java.util.TreeSet<>(governors.values())) + " on " + governors.size()
                + " processors";
        Optional<String> option =
                host.config().find(BridgeOptions.HOST_CPU_GOVERNOR).filter(text -> !text.isEmpty());
        if (option.isEmpty()) {
            boolean performance = governors.values().stream().allMatch("performance"::equals);
            draft.found(found)
                    .wanted("performance, where latency is worth the power")
                    .why("A processor that has to wake up and speed up first makes short I/O slower.");
            return List.of(
                    performance
                            ? draft.as(Severity.OK)
                            : draft.remedy("write host_cpu_governor = performance in [nova_bridge]")
                                    .as(Severity.NOTE));
        }
        draft.found(found).wanted(option.get()).why(BridgeOptions.HOST_CPU_GOVERNOR.display() + " says so.");
        for (Map.Entry<String, String> each : governors.entrySet()) {
            Optional<String> offered =
                    tree.value(each.getKey().replace("scaling_governor", "scaling_available_governors"));
            if (offered.isPresent() && !List.of(offered.get().split("\\s+", -1)).contains(option.get())) {
                return List.of(draft.remedy("write one of those in " + BridgeOptions.HOST_CPU_GOVERNOR.display() + ": "
                                + offered.get())
                        .as(Severity.WARNING));
            }
            draft.setting(Setting.tmpfiles(each.getKey(), each.getValue(), option.get()));
        }
        return List.of(draft.orWhenSettingsDiffer(Severity.WARNING));
    }
}
