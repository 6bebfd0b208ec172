package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.policy.DiskDraft.BlockSizes;

/**
 * The block sizes the guest is told, in bytes. Of a volume those that its connection names. Of the disks that Nova makes
 * none, unless the operator wants it: auto tells the physical size of the disks below, which is safe for every guest, as
 * it only says how to align; the logical one is what a guest's partition table counts in, so auto never changes it.
 *
 * <p>Source: nova/virt/libvirt/volume/volume.py 26.2.2, get_config; libvirt formatdomain, blockio. By itself QEMU tells
 * 512 for both whatever lies below, and does in two steps what a guest then writes in parts of a block
 * (block/io.c, bdrv_pad_request); an IDE or SATA disk has no other logical size (hw/ide/qdev.c). A file system whose sectors
 * are smaller than the logical blocks below is refused: Linux fs/fat/inode.c, fat_fill_super; fs/xfs/xfs_buf.c,
 * xfs_setsize_buftarg. What mkfs makes on the host, where no such disk is seen, has sectors of 512 bytes.
 */
public final class BlockSizeRule implements DiskRule {
    private static final Written<String> SIZE =
            new Written<>(IoProfileOptions.BLOCK_SIZE, LibvirtOptions.DISK_BLOCK_SIZE);
    private static final Set<String> SMALL_ONLY = Set.of("ide", "sata");
    /** What every QEMU since 2.0 takes. */
    private static final int LARGEST = 32_768;

    private static final int SMALLEST = 512;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.BLOCK_SIZE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "logical_block_size and physical_block_size of the connection for volumes. For disks (no CD-ROMs, no config drive) that Nova makes the block_size of the profile, else disk_block_size: auto tells the physical size of the disks below, where it is known and larger than 512; 4096 tells both; the physical one alone on ide and sata, for ephemeral disks, which the host formats for logical blocks of 512 bytes, and for the disk of a rescue with another image than the guest's. None otherwise.",
                List.of(
                        "connection logical_block_size",
                        "connection physical_block_size",
                        "[io_profile:NAME]block_size",
                        "[libvirt]disk_block_size",
                        "host fact files_block_size",
                        "host fact volume_group_block_size",
                        "attribute bus",
                        "rescue image id",
                        "instance image_ref"),
                "nova/virt/libvirt/volume/volume.py 26.2.2 get_config; libvirt formatdomain blockio");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.BLOCK_SIZE, draft.volume() ? ofVolume(draft) : ofLocal(context, draft));
    }

    private static Decision<BlockSizes> ofVolume(DiskDraft draft) {
        Map<String, Object> data = draft.connectedVolume().connectionData();
        Object logical = data.get("logical_block_size");
        Object physical = data.get("physical_block_size");
        return logical == null && physical == null
                ? Decision.of(
                        null, "The connection names no block sizes, so QEMU's default stands.", Origins.rule("default"))
                : Decision.of(
                        new BlockSizes(text(logical), text(physical)),
                        "The connection names the block sizes.",
                        Origins.connection("logical_block_size"),
                        Origins.connection("physical_block_size"));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : String.valueOf(value);
    }

    private static Decision<BlockSizes> ofLocal(DiskContext context, DiskDraft draft) {
        if (draft.role() == DiskRole.CONFIG_DRIVE
                || !draft.needText(DiskAttribute.DEVICE).equals("disk")) {
            return Written.unfit("Only for disks that are no CD-ROM and no config drive.", Origins.rule("role"));
        }
        return SIZE.find(context, draft.profile())
                .map(written -> written.get().equals("auto")
                        ? ofDisksBelow(context, draft, written)
                        : large(context, draft, written))
                .orElseGet(() -> SIZE.absent(context));
    }

    private static Decision<BlockSizes> ofDisksBelow(DiskContext context, DiskDraft draft, Decision<String> written) {
        HostFact fact =
                draft.source().type().equals("block") ? HostFact.VOLUME_GROUP_BLOCK_SIZE : HostFact.FILES_BLOCK_SIZE;
        if (draft.source().type().equals("network")) {
            return Written.resolved(
                    written, null, "auto: a network disk has no disks of this host below.", Origins.rule("network"));
        }
        if (!context.facts().has(fact)) {
            return Written.resolved(
                    written,
                    null,
                    "auto: the disks below are not seen, so QEMU's default stands.",
                    Origins.rule("host fact " + fact.key()));
        }
        int bytes = context.facts().number(fact);
        boolean told = bytes > SMALLEST && bytes <= LARGEST && Integer.bitCount(bytes) == 1;
        return Written.resolved(
                written,
                told ? new BlockSizes(null, Integer.toString(bytes)) : null,
                told
                        ? "auto: the disks below write blocks of " + bytes
                                + " bytes; the logical size stays 512, in which" + " partition tables count."
                        : "auto: the disks below write blocks of " + bytes
                                + (bytes == SMALLEST
                                        ? " bytes, as QEMU says by itself."
                                        : " bytes, which QEMU does not take."),
                Origins.fact(context.facts(), fact));
    }

    private static Decision<BlockSizes> large(DiskContext context, DiskDraft draft, Decision<String> written) {
        String bus = draft.needText(DiskAttribute.BUS);
        if (SMALL_ONLY.contains(bus)) {
            return physical(
                    written, "A disk on bus " + bus + " has logical blocks of 512 bytes and no others.", "bus " + bus);
        }
        if (draft.role() == DiskRole.EPHEMERAL) {
            return physical(
                    written,
                    "The host formats ephemeral disks for logical blocks of 512 bytes; on others no guest mounts"
                            + " vfat, ntfs or xfs.",
                    "role");
        }
        if (draft.role() == DiskRole.RESCUE && !rescuedWithItsOwnImage(context)) {
            return physical(
                    written,
                    "The guest is rescued with another image than its own, which would not boot unless it was made with"
                            + " such blocks.",
                    "rescue");
        }
        return Written.as(written, size -> new BlockSizes(size, size));
    }

    private static Decision<BlockSizes> physical(Decision<String> written, String sentence, String why) {
        return Written.resolved(written, new BlockSizes(null, written.get()), sentence, Origins.rule(why));
    }

    /** Without a stable rescue, the guest that the rules see has the rescue's image in place of its own. */
    private static boolean rescuedWithItsOwnImage(DiskContext context) {
        RescueSpec rescue = context.spec().rescue();
        String image = rescue == null ? null : rescue.imageMeta().id();
        return image == null || image.equals(context.spec().instance().imageRef());
    }
}
