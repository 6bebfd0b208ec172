package org.novabridge.driver.host.tuning;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.host.HypervisorSite;
import org.novabridge.driver.model.HostFacts;

/** The host as the guests' disks need it: what is so, what should be, and the changes between the two. Changes nothing. */
public final class HostTuning {
    private static final List<TuningCheck> CHECKS = List.of(
            new SchedulerCheck(),
            new LegacySchedulerCheck(),
            new AioLimitCheck(),
            new PageCacheCheck(),
            new KsmCheck(),
            new TransparentHugepagesCheck(),
            new CpuGovernorCheck(),
            new HugepagesCheck(),
            new QueueCheck(),
            new TrimCheck(),
            new LimitsCheck(),
            new LockedMemoryCheck(),
            new GuestDevicesCheck(),
            new WindowsDriversCheck(),
            new FeatureCheck(),
            new VfioCheck(),
            new OtherTunersCheck());

    private final ObservedHost host;
    private final List<Finding> others;

    /** @param others what checks of other rooms have found */
    HostTuning(ObservedHost host, List<Finding> others) {
        this.host = host;
        this.others = List.copyOf(others);
    }

    /**
     * This host.
     *
     * @param facts what could be probed; what is missing leaves checks undecided
     * @param lvm asks LVM, which tells root alone; empty for others
     * @param drivers asks the agents of Windows guests
     */
    public static HostTuning ofThisHost(
            ConfigSnapshot config, HostFacts facts, Optional<CommandExecutor> lvm, DriverSource drivers) {
        GroupLook group = GroupLook.of(config, lvm);
        List<Finding> others = new ArrayList<>(group.findings());
        others.addAll(PreflightFindings.of(HypervisorSite.of(config).check()));
        return new HostTuning(
                new ObservedHost(HostTree.ofThisHost(), config, facts, group.devices(), drivers, Instant.now()),
                others);
    }

    /** What every check says, what is right included, in the order of the checks. */
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        CHECKS.forEach(check -> findings.addAll(check.look(host)));
        findings.addAll(SysctlOrderCheck.look(host.tree(), findings));
        findings.addAll(others);
        return findings;
    }

    /** How many guests of these flavors find their huge pages here now. */
    public List<Finding> fits(List<FlavorMemory> flavors) {
        return FlavorPagesCheck.look(host.tree(), flavors);
    }

    /** What applying it would do. */
    public TuningPlan plan() {
        return TuningPlan.of(host.tree(), check());
    }
}
