package org.novabridge.driver.model;

/**
 * The DISK_GB inventory of this host as placement keeps it: it gives instances (total - reserved) * allocationRatio.
 *
 * @param total GiB, whole ones
 * @param reserved GiB that no instance can have, at most total
 * @param maxUnit the most that one instance may ask for
 * @param usedBytes what is really taken of the place where new disks are made
 * @param freeBytes what is left of it
 */
public record DiskInventory(
        long total,
        long reserved,
        double allocationRatio,
        long minUnit,
        long maxUnit,
        long stepSize,
        long usedBytes,
        long freeBytes) {}
