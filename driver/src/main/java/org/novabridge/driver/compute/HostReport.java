package org.novabridge.driver.compute;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a comparison of the host with what is known of it has shown.
 *
 * @param time when it was made
 * @param compared how many there are of what was compared
 * @param found what does not fit
 */
public record HostReport(Instant time, Map<String, Integer> compared, List<Leftover> found) {
    public HostReport {
        compared = Collections.unmodifiableMap(new LinkedHashMap<>(compared));
        found = List.copyOf(found);
    }

    static HostReport of(HostPicture host, Instant time) {
        Map<String, Integer> compared = new LinkedHashMap<>();
        compared.put("records", host.records().size());
        compared.put("domains", host.domains().size());
        compared.put("folders", host.folders().size());
        compared.put("volumes", host.volumes().size());
        compared.put("operations", host.operations().size());
        return new HostReport(time, compared, HostComparison.of(host));
    }

    /** As the result of an operation. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", time.toString());
        json.put("compared", compared);
        json.put("found", found.stream().map(HostReport::json).toList());
        return json;
    }

    private static Map<String, Object> json(Leftover leftover) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", leftover.kind().word());
        json.put("name", leftover.name());
        json.put("instance", leftover.instance());
        json.put("message", leftover.message());
        json.put("remedy", leftover.remedy());
        json.put("removable", leftover.removable());
        return json;
    }
}
