package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskAttribute;

/**
 * The block sizes the guest is told, in bytes: only those that the connection of a volume names.
 *
 * <p>Source: nova/virt/libvirt/volume/volume.py 26.2.2, get_config.
 */
public final class BlockSizeRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.BLOCK_SIZE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "logical_block_size and physical_block_size of the connection for volumes; none otherwise.",
                List.of("connection logical_block_size", "connection physical_block_size"),
                "nova/virt/libvirt/volume/volume.py 26.2.2 get_config");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        Map<String, Object> data = draft.volume() ? draft.connectedVolume().connectionData() : Map.of();
        Object logical = data.get("logical_block_size");
        Object physical = data.get("physical_block_size");
        draft.decide(
                this,
                DiskAttribute.BLOCK_SIZE,
                logical == null && physical == null
                        ? Decision.of(
                                null, "Nobody names block sizes, so QEMU's default stands.", Origins.rule("default"))
                        : Decision.of(
                                new DiskDraft.BlockSizes(text(logical), text(physical)),
                                "The connection names the block sizes.",
                                Origins.connection("logical_block_size"),
                                Origins.connection("physical_block_size")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : String.valueOf(value);
    }
}
