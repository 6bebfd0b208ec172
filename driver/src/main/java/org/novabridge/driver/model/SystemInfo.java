package org.novabridge.driver.model;

/**
 * The SMBIOS system table of the guest.
 *
 * @param version release of Nova that the document follows
 * @param serial see {@code [libvirt]sysinfo_serial}
 */
public record SystemInfo(
        String manufacturer, String product, String version, String serial, String uuid, String family) {}
