package org.novabridge.driver.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.driver.model.DiskSource.HostPort;

/**
 * The monitors in a {@code ceph.conf}. Nova asks the cluster ({@code ceph mon dump},
 * nova/storage/rbd_utils.py 26.2.2) and takes each monitor's old-style address; here only the file is read, so
 * nothing is contacted. A monitor that speaks both protocols is listed with its v1 address, as there.
 */
final class CephConf {
    private static final String V1_PORT = "6789";
    private static final String V2_PORT = "3300";
    private static final Pattern KEY_VALUE = Pattern.compile("\\s*([A-Za-z_ -]+?)\\s*=\\s*(.*?)\\s*(?:[#;].*)?");

    /** One address, with or without protocol, port and nonce. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?:(v[12]):)?(\\[[0-9A-Fa-f:.]+\\]|[^:/\\[\\]]+)(?::([0-9]+))?(?:/[0-9]+)?");

    private CephConf() {}

    /** Monitors in the order of the file; empty when it names none (they may come from DNS). */
    static List<HostPort> monitors(String text) {
        List<HostPort> global = new ArrayList<>();
        List<HostPort> single = new ArrayList<>();
        String section = "";
        for (String line : text.lines().toList()) {
            String trimmed = line.strip();
            if (trimmed.startsWith("[") && trimmed.contains("]") && !trimmed.contains("=")) {
                section = trimmed.substring(1, trimmed.indexOf(']')).strip();
                continue;
            }
            Matcher matcher = KEY_VALUE.matcher(line);
            if (trimmed.startsWith("#") || trimmed.startsWith(";") || !matcher.matches()) {
                continue;
            }
            String key = matcher.group(1).toLowerCase(Locale.ROOT).replaceAll("[ -]", "_");
            if (key.equals("mon_host") && section.equals("global")) {
                global.addAll(list(matcher.group(2)));
            } else if (key.equals("mon_addr") && section.startsWith("mon.")) {
                single.addAll(list(matcher.group(2)));
            }
        }
        return global.isEmpty() ? single : global;
    }

    private static List<HostPort> list(String value) {
        List<HostPort> found = new ArrayList<>();
        for (String entry : entries(value)) {
            String chosen = entry;
            if (entry.startsWith("[v")) {
                List<String> addresses =
                        List.of(entry.substring(1, entry.length() - 1).split(","));
                chosen = addresses.stream()
                        .filter(address -> address.startsWith("v1:"))
                        .findFirst()
                        .orElse(addresses.get(0));
            }
            Matcher matcher = ADDRESS.matcher(chosen.strip());
            if (matcher.matches()) {
                String host = matcher.group(2).replaceAll("[\\[\\]]", "");
                String port = matcher.group(3);
                found.add(new HostPort(host, port != null ? port : "v2".equals(matcher.group(1)) ? V2_PORT : V1_PORT));
            }
        }
        return found;
    }

    /** Splits at commas and blanks, but not inside brackets, which nest once (a vector of IPv6 addresses). */
    private static List<String> entries(String value) {
        List<String> found = new ArrayList<>();
        StringBuilder entry = new StringBuilder();
        int depth = 0;
        for (char c : value.toCharArray()) {
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth == 0 && (c == ',' || c == ';' || Character.isWhitespace(c))) {
                if (!entry.isEmpty()) {
                    found.add(entry.toString());
                }
                entry.setLength(0);
            } else {
                entry.append(c);
            }
        }
        if (!entry.isEmpty()) {
            found.add(entry.toString());
        }
        return found;
    }
}
