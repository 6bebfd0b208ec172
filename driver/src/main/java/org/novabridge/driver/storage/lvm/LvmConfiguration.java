package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * What LVM's own configuration on this host says, its defaults included.
 *
 * @param profiles where metadata profiles lie ({@code config/profile_dir})
 * @param monitoring volumes are watched by dmeventd when they are activated ({@code activation/monitoring})
 * @param scansVolumes logical volumes are looked at as if they were disks ({@code devices/scan_lvs})
 * @param devicesFileOnly only what {@code devicesFile} names is looked at ({@code devices/use_devicesfile})
 * @param devicesFile its name, in the folder {@code devices} beside lvm.conf ({@code devices/devicesfile})
 * @param filters {@code devices/global_filter} and {@code devices/filter}; a device has to pass both
 */
record LvmConfiguration(
        Path profiles,
        boolean monitoring,
        boolean scansVolumes,
        boolean devicesFileOnly,
        String devicesFile,
        List<DeviceFilter> filters) {
    private static final Pattern LINE = Pattern.compile("\\s*([a-z_]+)=(.*)");
    private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    LvmConfiguration {
        filters = List.copyOf(filters);
    }

    /**
     * @throws BridgeException STORAGE_FAILED when LVM cannot be asked
     */
    static LvmConfiguration ask(CommandExecutor executor, LvmSettings settings) {
        Command command = Command.of(
                        Tool.LVMCONFIG,
                        "--typeconfig",
                        "full",
                        "config/profile_dir",
                        "activation/monitoring",
                        "devices/scan_lvs",
                        "devices/use_devicesfile",
                        "devices/devicesfile",
                        "devices/global_filter",
                        "devices/filter")
                .withDeadline(settings.alarmAfter());
        try {
            return parse(executor.run(command).stdout());
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, "cannot ask LVM for its configuration");
        }
    }

    static LvmConfiguration parse(String answer) {
        Map<String, String> values = new HashMap<>();
        answer.lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                values.put(matcher.group(1), matcher.group(2));
            }
        });
        List<String> profiles = texts(values.getOrDefault("profile_dir", ""));
        if (profiles.size() != 1) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "lvmconfig does not say where profiles of LVM lie",
                    "see what it says: lvmconfig --typeconfig full config/profile_dir");
        }
        return new LvmConfiguration(
                Path.of(profiles.get(0)),
                !"0".equals(values.get("monitoring")),
                "1".equals(values.get("scan_lvs")),
                "1".equals(values.get("use_devicesfile")),
                texts(values.getOrDefault("devicesfile", "")).stream()
                        .findFirst()
                        .orElse(""),
                List.of(
                        new DeviceFilter(texts(values.getOrDefault("global_filter", ""))),
                        new DeviceFilter(texts(values.getOrDefault("filter", "")))));
    }

    /** The quoted texts of a value, alone or in a list. */
    private static List<String> texts(String value) {
        List<String> texts = new ArrayList<>();
        Matcher matcher = TEXT.matcher(value);
        while (matcher.find()) {
            texts.add(matcher.group(1).replaceAll("\\\\(.)", "$1"));
        }
        return texts;
    }
}
