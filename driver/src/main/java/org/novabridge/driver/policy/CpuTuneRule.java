package org.novabridge.driver.policy;

import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.CpuTune;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;

/** CPU shares and quota of the flavor (driver.py 26.2.2, _update_guest_cputune); nothing asked, nothing set. */
final class CpuTuneRule {
    private CpuTuneRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE when the host has no CPU cgroup, or the value is no number
     */
    static @Nullable CpuTune decide(GuestContext guest) {
        Long shares = number(guest, "quota:cpu_shares");
        Long period = number(guest, "quota:cpu_period");
        Long quota = number(guest, "quota:cpu_quota");
        if (shares == null && period == null && quota == null) {
            return null;
        }
        if (!guest.facts().is(HostFact.CPU_CONTROL)) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "The flavor sets quota:cpu_… but this host has no CPU controller in its control groups",
                    "Enable the cpu controller, or take quota:cpu_… out of the flavor.");
        }
        return new CpuTune(shares, quota, period);
    }

    private static @Nullable Long number(GuestContext guest, String key) {
        String text = guest.extraSpecs().get(key);
        if (text == null) {
            return null;
        }
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "Extra spec " + key + " has the value '" + Quoted.text(text) + "', which must be a whole number",
                    "Correct the flavor.");
        }
    }
}
