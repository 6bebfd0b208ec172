package org.novabridge.driver.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.SystemInfo;

/** What the guest reads in its SMBIOS tables (driver.py 26.2.2, _get_guest_config_sysinfo). */
final class SysinfoRule {
    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{32}");

    private SysinfoRule() {}

    /**
     * @throws BridgeException INVALID_CONFIGURATION when sysinfo_serial asks for a number this host does not have
     */
    static SystemInfo decide(GuestContext guest) {
        String uuid = guest.instance().uuid();
        return new SystemInfo(
                "OpenStack Foundation",
                "OpenStack Nova",
                MetadataRule.NOVA_RELEASE,
                serial(guest),
                uuid,
                "Virtual Machine");
    }

    private static @Nullable String serial(GuestContext guest) {
        String mode = guest.config().get(LibvirtOptions.SYSINFO_SERIAL);
        Optional<String> machineId = fact(guest, HostFact.MACHINE_ID).map(SysinfoRule::dashed);
        Optional<String> hostUuid = fact(guest, HostFact.HOST_UUID);
        return switch (mode) {
            case "none" -> null;
            case "os" -> machineId.orElseThrow(() -> missing(mode, "/etc/machine-id"));
            case "hardware" -> hostUuid.orElseThrow(() -> missing(mode, "the uuid in libvirt's capabilities"));
            case "auto" ->
                machineId.or(() -> hostUuid).orElseThrow(() -> missing(mode, "/etc/machine-id nor a host uuid"));
            default -> guest.instance().uuid();
        };
    }

    /** systemd writes its machine id without dashes, Nova shows it with them. */
    private static String dashed(String id) {
        String digits = id.strip().replace("-", "").toLowerCase(Locale.ROOT);
        if (!DIGITS.matcher(digits).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]sysinfo_serial needs /etc/machine-id, which does not hold 32 hexadecimal digits",
                    "Run systemd-machine-id-setup, or use sysinfo_serial = unique.");
        }
        return String.join(
                "-",
                digits.substring(0, 8),
                digits.substring(8, 12),
                digits.substring(12, 16),
                digits.substring(16, 20),
                digits.substring(20));
    }

    private static Optional<String> fact(GuestContext guest, HostFact fact) {
        return guest.facts().has(fact) ? Optional.of(guest.facts().text(fact)) : Optional.empty();
    }

    private static BridgeException missing(String mode, String what) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "[libvirt]sysinfo_serial = " + mode + ", but this host does not have " + what,
                "Use sysinfo_serial = unique, or give machine_id or host_uuid among the host facts.");
    }
}
