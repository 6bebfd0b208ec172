package org.novabridge.driver.storage;

/**
 * What a backend can do and what its disks are. Callers ask this, never the backend's name.
 *
 * @param sourceType file, block or network: libvirt's disk type of its disks
 * @param driverFormat raw or qcow2: the format of its disks in the domain
 * @param blockDevice disks are block devices
 * @param keepsImageBacking disks read their base image for life, so the base must stay in the cache
 * @param growable disks can grow
 * @param wipes removal overwrites the blocks first
 * @param servable the bridge can make such disks; false when it can only describe them
 */
public record BackendCapabilities(
        String sourceType,
        String driverFormat,
        boolean blockDevice,
        boolean keepsImageBacking,
        boolean growable,
        boolean wipes,
        boolean servable) {}
