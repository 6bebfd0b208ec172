package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;

/**
 * All rules about disks, in their order. {@link DiskSetRule} first: it says which disks there are and
 * where the guest sees them. Then each disk goes through {@link #RULES} from top to bottom; a rule may
 * read what those above it wrote.
 */
public final class DiskPolicy {

    /** Which disks, on which bus, under which name. */
    static final DiskSetRule DISK_SET = new DiskSetRule();

    /** The order: what the disk is, where it lies, how QEMU opens it, what the guest is told. */
    static final List<DiskRule> RULES = List.of(
            new BackendRule(),
            new SizeRule(),
            new SourceRule(),
            new DriverRule(),
            new FormatRule(),
            new ShareableRule(),
            // What the profile says goes before the options of [libvirt] in the four rules that follow.
            new IoProfileRule(),
            // The io mode depends on the cache mode, and the cache mode on source and sharing.
            new CacheModeRule(),
            new IoModeRule(),
            new DiscardRule(),
            new IoTuneRule(),
            new SerialRule(),
            new BlockSizeRule(),
            new ReadOnlyRule(),
            new AuthRule());

    /** Rules that see all disks at once. */
    static final List<DiskListRule> LIST_RULES = List.of(new ScsiUnitRule());

    private DiskPolicy() {}

    /** Every rule once, in the order in which they speak; for the reference page and the tests. */
    public static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        rules.add(DISK_SET);
        rules.add(DiskSetRule.BUS);
        rules.add(DiskSetRule.TARGET);
        rules.add(DiskSetRule.BOOT);
        rules.addAll(LIST_RULES);
        rules.addAll(RULES);
        return rules;
    }

    /** The backend that makes new local disks with this configuration on this host: raw, qcow2, lvm … */
    public static String backendOfNewDisks(ConfigSnapshot config, HostFacts facts) {
        return BackendRule.configured(config, facts).get();
    }

    /** Plans the disks of a new instance. */
    public static DiskPlan plan(ConfigSnapshot config, InstanceSpec spec, HostFacts facts) {
        return plan(config, spec, facts, Map.of());
    }

    /**
     * Plans the disks of an instance.
     *
     * @param recorded what the bridge wrote down of disks that exist, by Nova's disk name
     * @throws BridgeException what Nova refuses is refused with the code of the same exception
     */
    public static DiskPlan plan(
            ConfigSnapshot config, InstanceSpec spec, HostFacts facts, Map<String, RecordedDisk> recorded) {
        DiskContext context = new DiskContext(config, RescuedGuest.seen(spec), facts, recorded);
        DiskSetRule.DiskSet set = DISK_SET.place(context);
        List<DiskDefinition> disks = new ArrayList<>();
        LIST_RULES.forEach(rule -> rule.apply(context, set.drafts()));
        for (DiskDraft draft : set.drafts()) {
            for (DiskRule rule : RULES) {
                rule.apply(context, draft);
            }
            disks.add(draft.finish());
        }
        return new DiskPlan(
                disks,
                set.rootDeviceName(),
                set.diskBus(),
                set.cdromBus(),
                ScsiUnitRule.model(context),
                BootOrderRule.devices(set.booted()),
                set.updates());
    }
}
