package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Transparent huge pages: QEMU asks for them for all of a guest's memory, so madvise is enough, and never is a loss. */
final class TransparentHugepagesCheck implements TuningCheck {
    private static final String NAME = "thp";
    private static final String FOLDER = "/sys/kernel/mm/transparent_hugepage/";
    private static final String SOURCE =
            "Linux Documentation/admin-guide/mm/transhuge.rst; QEMU system/physmem.c (QEMU_MADV_HUGEPAGE)";

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        Optional<Choice> enabled = host.tree().choice(FOLDER + "enabled");
        Finding.Draft draft = Finding.about(NAME, "transparent huge pages", SOURCE);
        if (enabled.isEmpty()) {
            findings.add(
                    host.tree().exists("/sys/kernel/mm")
                            ? draft.found("not in this kernel")
                                    .wanted("madvise or always, where there are such")
                                    .why("There is nothing to switch.")
                                    .as(Severity.OK)
                            : draft.wanted("madvise or always")
                                    .unknown(host.tree().whyNot(FOLDER + "enabled")));
            return findings;
        }
        draft.found(enabled.get().selected()).wanted("madvise or always");
        if (enabled.get().selected().equals("never") && enabled.get().offers("madvise")) {
            draft.why(
                            "Guests' memory is mapped in pages of 4 KiB: more misses of the TLB, twice over under nested paging.")
                    .setting(Setting.tmpfiles(FOLDER + "enabled", "never", "madvise"));
        } else {
            draft.why("QEMU asks for them for guests' memory.");
            // What an apply has written stays wanted.
            if (enabled.get().selected().equals("madvise")) {
                draft.setting(Setting.tmpfiles(FOLDER + "enabled", "madvise", "madvise"));
            }
        }
        findings.add(draft.orWhenSettingsDiffer(Severity.WARNING));
        host.tree()
                .choice(FOLDER + "defrag")
                .filter(defrag -> defrag.selected().equals("always"))
                .ifPresent(defrag -> findings.add(Finding.about(NAME, FOLDER + "defrag", SOURCE)
                        .found("always")
                        .wanted("madvise or defer+madvise")
                        .why("Every process waits for memory to be compacted when it touches a new page.")
                        .remedy("where pauses are seen: echo defer+madvise > " + FOLDER + "defrag")
                        .as(Severity.NOTE)));
        return findings;
    }
}
