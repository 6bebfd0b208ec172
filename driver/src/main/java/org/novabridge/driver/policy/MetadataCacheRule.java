package org.novabridge.driver.policy;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * Memory that QEMU keeps for the tables of a qcow2 disk. By itself it takes what a disk of 256 GiB needs; on a larger one
 * random reads then load tables again and again. auto is as much as all tables of the disk take.
 *
 * <p>Source: libvirt formatdomain, metadata_cache (7.0); QEMU docs/qcow2-cache.txt: 8 bytes of L2 table for each cluster
 * of 64 KiB.
 */
public final class MetadataCacheRule implements DiskRule {
    private static final Written<String> SIZE =
            new Written<>(IoProfileOptions.METADATA_CACHE, LibvirtOptions.DISK_METADATA_CACHE);
    private static final long MIB = 1L << 20;
    private static final long TABLE_BYTES_PER = 8192;
    /** What QEMU covers by itself, since 3.1. */
    private static final long COVERED = 256L << 30;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.METADATA_CACHE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The metadata_cache of the profile, else disk_metadata_cache, on qcow2 disks that Nova makes; auto covers the whole disk, and sets nothing up to 256 GiB, which QEMU covers by itself.",
                List.of(
                        "[io_profile:NAME]metadata_cache",
                        "[libvirt]disk_metadata_cache",
                        "attribute format",
                        "attribute size"),
                "libvirt formatdomain metadata_cache; QEMU docs/qcow2-cache.txt");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.METADATA_CACHE, bytes(context, draft));
    }

    private static Decision<Long> bytes(DiskContext context, DiskDraft draft) {
        String format = draft.text(DiskAttribute.FORMAT);
        if (draft.volume() || !"qcow2".equals(format)) {
            return Written.unfit(
                    "Only qcow2 disks that Nova makes have such tables.", Origins.rule("format " + format));
        }
        return SIZE.find(context, draft.profile())
                .map(written -> written.get().equals("auto")
                        ? whole(written, draft.bytes())
                        : Written.as(written, MetadataCacheRule::parse))
                .orElseGet(() -> SIZE.absent(context));
    }

    private static Decision<Long> whole(Decision<String> written, @Nullable Long size) {
        if (size == null || size <= COVERED) {
            return Written.resolved(
                    written, null, "auto: QEMU's own cache covers a disk of this size.", Origins.rule("size"));
        }
        // One MiB more for the reference counts, of which few are in use at a time.
        long tables = (size + TABLE_BYTES_PER * MIB - 1) / (TABLE_BYTES_PER * MIB) * MIB;
        return Written.resolved(
                written, tables + MIB, "auto: as much as all tables of the disk take.", Origins.rule("size"));
    }

    private static Long parse(String text) {
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.substring(text.length() - 1).toUpperCase(Locale.ROOT)) {
            case "K" -> number << 10;
            case "M" -> number << 20;
            default -> number << 30;
        };
    }
}
