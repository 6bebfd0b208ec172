package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.GuestDevice.ControllerDriver;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.IoThreads;
import org.novabridge.driver.model.Provenance;

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
            new AuthRule(),
            new EncryptionRule(),
            // Who writes the disk, whether it discards and its format are known here.
            new DetectZeroesRule(),
            new DiscardNoUnrefRule(),
            new MetadataCacheRule(),
            new ErrorPolicyRule(),
            new RotationRateRule(),
            new QueuesRule(),
            new QueueSizeRule());

    /** Rules that see all disks at once, before the others. */
    static final List<DiskListRule> LIST_RULES = List.of(new ScsiUnitRule());

    /** Rules that see all disks at once, with all that the others decided. */
    static final List<DiskListRule> LAST_RULES = List.of(new IoThreadRule());

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
        rules.addAll(LAST_RULES);
        return rules;
    }

    /** The backend that makes new local disks with this configuration on this host: raw, qcow2, lvm … */
    public static String backendOfNewDisks(ConfigSnapshot config, HostFacts facts) {
        return BackendRule.configured(config, facts).get();
    }

    /**
     * Which profile holds for the guest, and why.
     *
     * @throws BridgeException as the plan would, for a profile that does not exist or that an image may not choose
     */
    public static Provenance profile(ConfigSnapshot config, InstanceSpec spec, HostFacts facts) {
        DiskContext context = new DiskContext(config, RescuedGuest.seen(spec), facts, Map.of());
        return DiskDraft.provenance(new IoProfileRule().id(), DiskAttribute.PROFILE, IoProfileRule.ofGuest(context));
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
        BridgeExtraSpecs.demandKnown(context);
        DiskSetRule.DiskSet set = DISK_SET.place(context);
        List<DiskDefinition> disks = new ArrayList<>();
        LIST_RULES.forEach(rule -> rule.apply(context, set.drafts()));
        for (DiskDraft draft : set.drafts()) {
            for (DiskRule rule : RULES) {
                rule.apply(context, draft);
            }
        }
        LAST_RULES.forEach(rule -> rule.apply(context, set.drafts()));
        set.drafts().forEach(draft -> disks.add(draft.finish()));
        return new DiskPlan(
                disks,
                set.rootDeviceName(),
                set.diskBus(),
                set.cdromBus(),
                ScsiUnitRule.model(context),
                scsiDriver(set.drafts()),
                ioThreads(set.drafts()),
                BootOrderRule.devices(set.booted()),
                set.updates());
    }

    /** All disks of the controller say the same, because the guest's profile decides it. */
    private static @Nullable ControllerDriver scsiDriver(List<DiskDraft> drafts) {
        Integer queues = drafts.stream()
                .map(DiskDraft::queuesOfController)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        List<Integer> ioThreads = drafts.stream()
                .map(DiskDraft::threadsOfController)
                .filter(threads -> !threads.isEmpty())
                .findFirst()
                .orElse(List.of());
        return queues == null && ioThreads.isEmpty() ? null : new ControllerDriver(queues, ioThreads);
    }

    private static IoThreads ioThreads(List<DiskDraft> drafts) {
        int count = drafts.stream()
                .flatMap(draft -> draft.ioThreads().stream())
                .max(Integer::compare)
                .orElse(0);
        String cpuset = drafts.stream()
                .map(draft -> draft.text(DiskAttribute.IOTHREAD_CPUS))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return count == 0 ? IoThreads.NONE : new IoThreads(count, cpuset);
    }
}
