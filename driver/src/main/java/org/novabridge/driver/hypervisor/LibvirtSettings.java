package org.novabridge.driver.hypervisor;

import java.time.Duration;

/**
 * How to reach libvirt and how long to wait for it.
 *
 * @param uri {@code qemu:///system}, {@code qemu:///embed?root=DIR}, {@code test:///FILE}
 * @param openTimeout how long the first {@link LibvirtHypervisor#open} waits
 * @param queryDeadline for calls that read
 * @param changeDeadline for calls that change a guest; a managed save writes all of the guest's memory, so it is long
 * @param firstBackOff pause before the second attempt to connect; it doubles
 * @param longestBackOff where the doubling ends
 */
public record LibvirtSettings(
        String uri,
        Duration openTimeout,
        Duration queryDeadline,
        Duration changeDeadline,
        Duration firstBackOff,
        Duration longestBackOff) {

    /** The usual patience for a URI. */
    /** The address as logs and errors may have it: a password in it is masked. */
    String shownUri() {
        return shown(uri);
    }

    static String shown(String uri) {
        return uri.replaceFirst("(?s)://([^:@/?#]*):.*@", "://$1:***@");
    }

    public static LibvirtSettings of(String uri) {
        return new LibvirtSettings(
                uri,
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofMinutes(30),
                Duration.ofMillis(500),
                Duration.ofSeconds(30));
    }
}
