package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.novabridge.conf.DiskCacheModes;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;

/**
 * Where a cache mode of the configuration goes through the host's page cache: how much of it may be dirty, and whether the host rather
 * swaps guests out. With none and directsync there is nothing to bound.
 */
final class PageCacheCheck implements TuningCheck {
    private static final String NAME = "page-cache";
    private static final String SOURCE = "Linux Documentation/admin-guide/sysctl/vm.rst; TuneD profile virtual-host";
    private static final String VM = "/proc/sys/vm/";

    @Override
    public List<Finding> look(ObservedHost host) {
        Finding.Draft draft = Finding.about(NAME, "cache modes", SOURCE).wanted("limits for dirty pages and swapping");
        List<String> cached = cached(host);
        if (cached.isEmpty()) {
            if (!host.facts().has(HostFact.DIRECT_IO) && undecided(host)) {
                return List.of(draft.unknown(
                        "disk_cachemodes has no mode for all disks, and whether O_DIRECT works on instances_path could"
                                + " not be seen"));
            }
            return List.of(draft.found("none that uses the page cache")
                    .wanted("no limits needed")
                    .why("Guests' disks are opened with O_DIRECT.")
                    .as(Severity.OK));
        }
        String why = "Used by " + String.join(", ", cached) + ".";
        List<Finding> findings = new ArrayList<>();
        bounded(
                host.tree(),
                "dirty_background",
                5,
                why + " A guest's flush waits for all that was gathered.",
                findings);
        bounded(host.tree(), "dirty", 10, why + " At this limit every writer of the host waits.", findings);
        OptionalLong swappiness = host.tree().number(VM + "swappiness");
        Finding.Draft swap = Finding.about(NAME, "vm.swappiness", SOURCE).wanted("at most 10");
        if (swappiness.isEmpty()) {
            findings.add(swap.unknown(host.tree().whyNot(VM + "swappiness")));
        } else {
            long found = swappiness.getAsLong();
            findings.add(swap.found(Long.toString(found))
                    .why(why + " The host rather swaps guests out than gives up cache.")
                    .setting(
                            Setting.sysctl(VM + "swappiness", Long.toString(found), Long.toString(Math.min(found, 10))))
                    .orWhenSettingsDiffer(Severity.WARNING));
        }
        return findings;
    }

    /** A limit in bytes is the operator's own: the ratio counts only while it is 0. */
    private static void bounded(HostTree tree, String name, long most, String why, List<Finding> findings) {
        Finding.Draft draft =
                Finding.about(NAME, "vm." + name + "_ratio", SOURCE).wanted("at most " + most + " %");
        OptionalLong bytes = tree.number(VM + name + "_bytes");
        OptionalLong ratio = tree.number(VM + name + "_ratio");
        if (ratio.isEmpty()) {
            findings.add(draft.unknown(tree.whyNot(VM + name + "_ratio")));
        } else if (bytes.orElse(0) > 0) {
            findings.add(draft.found(bytes.getAsLong() + " bytes")
                    .why("A limit in bytes is set, which counts instead.")
                    .as(Severity.OK));
        } else {
            long found = ratio.getAsLong();
            findings.add(draft.found(found + " %")
                    .why(why)
                    .setting(Setting.sysctl(
                            VM + name + "_ratio", Long.toString(found), Long.toString(Math.min(found, most))))
                    .orWhenSettingsDiffer(Severity.WARNING));
        }
    }

    private static Map<String, String> written(ObservedHost host) {
        return DiskCacheModes.parse(host.config().resolve(LibvirtOptions.DISK_CACHEMODES))
                .byType();
    }

    private static boolean undecided(ObservedHost host) {
        return !written(host).containsKey("file");
    }

    /** What of the configuration uses the page cache, in words; a written default is QEMU's, which is writeback. */
    static List<String> cached(ObservedHost host) {
        List<String> cached = new ArrayList<>();
        written(host).forEach((type, mode) -> {
            if (!DiskCacheModes.isDirect(mode)) {
                cached.add("disk_cachemodes " + type + "=" + mode);
            }
        });
        host.config().ioProfiles().forEach((name, profile) -> {
            Optional<String> mode = profile.find(IoProfileOptions.CACHE);
            mode.filter(text -> !DiskCacheModes.isDirect(text))
                    .ifPresent(text -> cached.add("profile " + name + " (" + text + ")"));
        });
        if (undecided(host)
                && host.facts().has(HostFact.DIRECT_IO)
                && !host.facts().is(HostFact.DIRECT_IO)) {
            cached.add("files, since O_DIRECT does not work on instances_path");
        }
        return cached;
    }
}
