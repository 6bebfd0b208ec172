package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * The SMBIOS system table of the guest.
 *
 * @param version release of Nova that the document follows
 * @param serial see {@code [libvirt]sysinfo_serial}; null for none
 */
public record SystemInfo(
        String manufacturer,
        String product,
        String version,
        @Nullable String serial,
        String uuid,
        String family) {}
