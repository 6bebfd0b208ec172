package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

/** What is wrong with a thin pool, or soon will be. */
final class ThinPoolCheck {
    private ThinPoolCheck() {}

    static List<VolumeGroupFinding> findings(ThinPool pool) {
        List<VolumeGroupFinding> findings = new ArrayList<>();
        String name = pool.group().name() + "/" + pool.name();
        if (!pool.health().isEmpty()) {
            findings.add(new VolumeGroupFinding(
                    Severity.UNUSABLE,
                    "thin pool " + name + ": " + pool.health(),
                    pool.health().equals("out_of_data")
                            ? "lvextend --size +SIZE " + name + "; guests that were paused go on while the bridge runs"
                            : "stop its guests, then lvconvert --repair " + name));
        }
        if (!pool.zeroing()) {
            findings.add(warning(
                    "thin pool " + name + " does not zero its blocks, so new disks would show old data; none is made in"
                            + " it unless images_lvm_single_tenant is set",
                    "lvchange --zero y " + name));
        }
        if (!pool.errorWhenFull()) {
            findings.add(warning(
                    "writes to thin pool " + name + " hang for a minute when it is full, before guests are paused",
                    "lvchange --errorwhenfull y " + name));
        }
        if (pool.discards().equals("ignore")) {
            findings.add(warning(
                    "thin pool " + name
                            + " ignores discards: what guests trim stays taken until their disks are deleted",
                    "lvchange --discards passdown " + name + ", while no volume of it is active"));
        } else if (pool.discards().equals("nopassdown")) {
            findings.add(new VolumeGroupFinding(
                    Severity.NOTE,
                    "thin pool " + name + " takes blocks back that guests trim, and does not tell the devices below it"
                            + " (discards nopassdown)",
                    "where these are SSDs: lvchange --discards passdown " + name));
        }
        if (!pool.monitored()) {
            findings.add(warning(
                    "dmeventd does not watch thin pool " + name + ": nothing grows it, or warns in the system's"
                            + " log, before it is full",
                    "lvchange --monitor y " + name + "; is dmeventd installed?"));
        }
        if (pool.dataPercent() >= PoolAlarm.Part.DATA.warning) {
            findings.add(warning(
                    "the data of thin pool " + name + " is " + percent(pool.dataPercent()) + " full",
                    "lvextend --size +SIZE " + name));
        }
        if (pool.metadataPercent() >= PoolAlarm.Part.METADATA.warning) {
            findings.add(warning(
                    "the metadata of thin pool " + name + " is " + percent(pool.metadataPercent())
                            + " full; when it is full, all guests in it stop",
                    "lvextend --poolmetadatasize +SIZE " + name));
        }
        if (pool.promised() > pool.size()) {
            findings.add(new VolumeGroupFinding(
                    Severity.NOTE,
                    "thin pool " + name + " of " + pool.size() + " bytes has promised " + pool.promised()
                            + " bytes to guests",
                    "watch how full it is, and keep room in the group to grow it"));
        }
        return findings;
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f %%", value);
    }

    private static VolumeGroupFinding warning(String sentence, String remedy) {
        return new VolumeGroupFinding(Severity.WARNING, sentence, remedy);
    }
}
