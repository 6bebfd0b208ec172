package org.novabridge.driver.compute;

import java.util.Map;
import java.util.regex.Pattern;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.InstanceSpec;

/** The password of the administrator of a guest, set by its agent (nova/virt/libvirt/driver.py 26.2.2, set_admin_password). */
final class AdminPassword {
    /** What no log or terminal takes for something else. */
    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,255}");

    private final Parts parts;

    AdminPassword(Parts parts) {
        this.parts = parts;
    }

    /**
     * Sets it; the result has {@code user}.
     *
     * @throws BridgeException GUEST_AGENT_NOT_ENABLED, INSTANCE_NOT_RUNNING, NOT_SUPPORTED when no agent answers,
     *     HYPERVISOR_FAILED when it refuses
     */
    Map<String, Object> set(Steps steps, InstanceSpec spec, GuestPassword password) {
        String uuid = steps.instance();
        steps.step("look at the guest");
        GuestAgent.of(spec).demand(uuid);
        GuestAgent.demandRunning(parts.hypervisor(), uuid, "set a password");
        String user = user(spec);
        steps.step("set the password of " + user);
        parts.hypervisor().setPassword(uuid, user, password);
        return Map.of("user", user);
    }

    static String user(InstanceSpec spec) {
        String named = spec.imageProperty("os_admin_user");
        if (!named.isEmpty()) {
            if (!NAME.matcher(named).matches()) {
                throw new BridgeException(
                        ErrorCode.INVALID_REQUEST,
                        "os_admin_user of the image is no name of a user",
                        "set it to the name of the guest's administrator");
            }
            return named;
        }
        return "windows".equals(spec.instance().osType()) ? "Administrator" : "root";
    }
}
