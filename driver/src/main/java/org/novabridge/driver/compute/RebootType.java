package org.novabridge.driver.compute;

/** Nova's two reboot types ({@code nova.objects.fields.RebootType} 26.2.2). */
public enum RebootType {
    /** Ask the guest; fall back to HARD when it does not shut down in time. */
    SOFT,
    /** Stop the guest, build its definition from today's configuration, start it. */
    HARD
}
