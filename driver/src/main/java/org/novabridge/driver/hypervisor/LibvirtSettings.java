package org.novabridge.driver.hypervisor;

import java.time.Duration;

/**
 * How to reach libvirt and how long to wait for it.
 *
 * @param uri {@code qemu:///system}, {@code qemu:///embed?root=DIR}, {@code test:///FILE}
 * @param openTimeout how long the first {@link LibvirtHypervisor#open} waits
 * @param queryDeadline for calls that read; those for which libvirt starts QEMU programs get four times as long
 * @param changeAlarm after how long, again and again, a call that changes a guest is said to hang. It is waited for
 *     all the same: given up, libvirt could still do it. A managed save writes all of the guest's memory, so it is long
 * @param firstBackOff pause before the second attempt to connect; it doubles
 * @param longestBackOff where the doubling ends
 */
public record LibvirtSettings(
        String uri,
        Duration openTimeout,
        Duration queryDeadline,
        Duration changeAlarm,
        Duration firstBackOff,
        Duration longestBackOff) {

    /** The address as logs and errors may have it: a password in it is masked. */
    String shownUri() {
        return shown(uri);
    }

    static String shown(String uri) {
        return uri.replaceFirst("(?s)://([^:@/?#]*):.*@", "://$1:***@");
    }

    /** The usual patience for a URI. */
    public static LibvirtSettings of(String uri) {
        return new LibvirtSettings(
                uri,
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofMillis(500),
                Duration.ofSeconds(30));
    }
}
