package org.novabridge.driver.compute;

import java.time.Duration;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;

/**
 * How long guests are waited for.
 *
 * @param softReboot {@code [libvirt]wait_soft_reboot_seconds}
 * @param shutdown {@code [DEFAULT]shutdown_timeout}; zero pulls the plug at once
 * @param shutdownRetry {@code [compute]shutdown_retry_interval}
 * @param detachAttempts {@code [libvirt]device_detach_attempts}
 * @param detach of each attempt: {@code [libvirt]device_detach_timeout}
 * @param quiesce how long a guest stays frozen when nobody thaws it: {@code [nova_bridge]quiesce_timeout}
 */
record Patience(
        Duration softReboot,
        Duration shutdown,
        Duration shutdownRetry,
        int detachAttempts,
        Duration detach,
        Duration quiesce) {

    static Patience of(ConfigSnapshot today) {
        return new Patience(
                Duration.ofSeconds(today.get(LibvirtOptions.WAIT_SOFT_REBOOT_SECONDS)),
                Duration.ofSeconds(today.get(DefaultOptions.SHUTDOWN_TIMEOUT)),
                Duration.ofSeconds(today.get(ComputeOptions.SHUTDOWN_RETRY_INTERVAL)),
                today.get(LibvirtOptions.DEVICE_DETACH_ATTEMPTS),
                Duration.ofSeconds(today.get(LibvirtOptions.DEVICE_DETACH_TIMEOUT)),
                Duration.ofSeconds(today.get(BridgeOptions.QUIESCE_TIMEOUT)));
    }
}
