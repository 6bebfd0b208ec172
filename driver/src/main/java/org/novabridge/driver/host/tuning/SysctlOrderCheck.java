package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a file with a later name takes back at boot what a rule wants: files of sysctl.d are read in the order of their
 * names, wherever they lie, one in /etc hides one of the same name in /run and /usr/lib (sysctl.d(5)).
 */
final class SysctlOrderCheck {
    private static final String NAME = "persistence";
    private static final String SOURCE = "sysctl.d(5)";
    private static final List<String> FOLDERS =
            List.of("/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d");
    private static final Pattern LINE = Pattern.compile("\\s*-?([a-z0-9_./-]+)\\s*=\\s*(\\S.*?)\\s*");

    private SysctlOrderCheck() {}

    static List<Finding> look(HostTree tree, List<Finding> findings) {
        Map<String, String> files = new TreeMap<>();
        for (String folder : FOLDERS) {
            tree.names(folder).stream()
                    .filter(name -> name.endsWith(".conf"))
                    .forEach(name -> files.put(name, folder + "/" + name));
        }
        String ours = OwnFile.SYSCTL.path().substring(OwnFile.SYSCTL.path().lastIndexOf('/') + 1);
        Set<String> wanted = new LinkedHashSet<>();
        for (Finding finding : findings) {
            for (Setting setting : finding.settings()) {
                setting.kept().filter(kept -> kept.file() == OwnFile.SYSCTL).ifPresent(kept -> wanted.add(kept.line()));
            }
        }
        List<Finding> found = new ArrayList<>();
        files.forEach((name, path) -> {
            if (name.compareTo(ours) > 0) {
                lines(tree, path, wanted, found);
            }
        });
        return found;
    }

    private static void lines(HostTree tree, String path, Set<String> wanted, List<Finding> found) {
        int number = 0;
        for (String line : tree.text(path).stream().flatMap(String::lines).toList()) {
            number++;
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                continue;
            }
            String key = matcher.group(1).replace('/', '.');
            Optional<String> contrary = wanted.stream()
                    .filter(each -> each.startsWith(key + " = ") && !each.equals(key + " = " + matcher.group(2)))
                    .findFirst();
            if (contrary.isPresent()) {
                found.add(Finding.about(NAME, path + ":" + number, SOURCE)
                        .found(key + " = " + matcher.group(2))
                        .wanted(contrary.get())
                        .why("The file is read after " + OwnFile.SYSCTL.path() + ", so at the next boot it wins.")
                        .remedy("take the line out, or correct it")
                        .as(Severity.WARNING));
            }
        }
    }
}
