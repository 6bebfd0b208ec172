package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.BridgeOptions;

/**
 * Merging of equal memory pages. Off unless the operator wants it: a tenant can measure that another one has the same page.
 * Where it is wanted, the kernel's own advisor paces it (Linux 6.8 on).
 */
final class KsmCheck implements TuningCheck {
    private static final String NAME = "ksm";
    private static final String FOLDER = "/sys/kernel/mm/ksm/";
    private static final String SOURCE = "Linux Documentation/admin-guide/mm/ksm.rst";
    private static final String OPTION = BridgeOptions.HOST_KSM.display();
    private static final long PAGE = 4096;

    @Override
    public List<Finding> look(ObservedHost host) {
        HostTree tree = host.tree();
        String mode = host.config().get(BridgeOptions.HOST_KSM);
        Finding.Draft draft = Finding.about(NAME, "KSM", SOURCE);
        Optional<String> run = tree.value(FOLDER + "run");
        if (run.isEmpty()) {
            return List.of(
                    tree.exists("/sys/kernel/mm")
                            ? draft.found("not in this kernel")
                                    .wanted(mode)
                                    .why("There is nothing to switch.")
                                    .as(mode.equals("on") ? Severity.WARNING : Severity.OK)
                            : draft.wanted(mode).unknown(tree.whyNot(FOLDER + "run")));
        }
        long shared = tree.number(FOLDER + "pages_shared").orElse(0);
        long sharing = tree.number(FOLDER + "pages_sharing").orElse(0);
        draft.found("run = " + run.get() + ", " + sharing + " pages saved by " + shared + " shared ones");
        return switch (mode) {
            case "keep" ->
                List.of(draft.wanted("as it is").why(OPTION + " = keep.").as(Severity.OK));
            case "on" -> on(tree, draft, run.get(), shared);
            default -> List.of(off(tree, draft, run.get(), shared, sharing));
        };
    }

    /** 2 takes merged pages apart again, for which their memory must be free; 0 only stops the merging. */
    private static Finding off(HostTree tree, Finding.Draft draft, String run, long shared, long sharing) {
        draft.wanted("off")
                .why("Whoever can time a write can tell that another tenant has the same page; the pages of"
                        + " one's own guests are rarely worth it (" + OPTION + " = on allows it).");
        Optional<KeptLine> kept = Optional.of(KeptLine.tmpfiles(FOLDER + "run", "0"));
        boolean apart = shared == 0 || run.equals("2");
        if (!run.equals("1")) {
            draft.setting(new Setting(FOLDER + "run", run, run, kept));
            return apart
                    ? draft.as(Severity.OK)
                    : draft.remedy("echo 2 > " + FOLDER + "run takes the merged pages apart, where " + sharing * PAGE
                                    + " bytes of memory are free for it")
                            .as(Severity.NOTE);
        }
        boolean room = available(tree) / 2 > sharing * PAGE;
        if (!room) {
            draft.remedy("what is merged stays so, since too little memory is free; later: echo 2 > " + FOLDER + "run");
        }
        // Nothing is merged after a boot, so 0 is right there.
        String wanted = shared > 0 && room ? "2" : "0";
        return draft.setting(new Setting(FOLDER + "run", run, wanted, kept)).orWhenSettingsDiffer(Severity.WARNING);
    }

    private static List<Finding> on(HostTree tree, Finding.Draft draft, String run, long shared) {
        List<Finding> findings = new ArrayList<>();
        draft.wanted("on")
                .why(OPTION + " = on: it trades processor time, and what tenants can tell of each other, for"
                        + " memory. Huge pages and memory of passed-through devices are not merged.");
        Optional<Choice> advisor = tree.choice(FOLDER + "advisor_mode");
        advisor.filter(choice -> choice.offers("scan-time"))
                .ifPresent(choice ->
                        draft.setting(Setting.tmpfiles(FOLDER + "advisor_mode", choice.selected(), "scan-time")));
        tree.value(FOLDER + "smart_scan")
                .ifPresent(found -> draft.setting(Setting.tmpfiles(FOLDER + "smart_scan", found, "1")));
        boolean severalNodes = tree.exists("/sys/devices/system/node/node1");
        Optional<String> across = tree.value(FOLDER + "merge_across_nodes").filter(found -> severalNodes);
        if (across.isPresent() && shared > 0 && !across.get().equals("0")) {
            findings.add(Finding.about(NAME, FOLDER + "merge_across_nodes", SOURCE)
                    .found(across.get())
                    .wanted("0")
                    .why("Guests would reach into the memory of another node. The kernel takes the value only while no"
                            + " page is merged.")
                    .remedy("echo 2 > " + FOLDER + "run, then: nova-bridge host apply")
                    .as(Severity.WARNING));
        } else {
            across.ifPresent(found -> draft.setting(Setting.tmpfiles(FOLDER + "merge_across_nodes", found, "0")));
        }
        draft.setting(Setting.tmpfiles(FOLDER + "run", run, "1"));
        findings.add(0, draft.orWhenSettingsDiffer(Severity.WARNING));
        return findings;
    }

    private static long available(HostTree tree) {
        return MemoryInfo.bytes(tree, "/proc/meminfo", "MemAvailable").orElse(0);
    }
}
