package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/** The blocks of the disks below, on recorded hosts. */
class BlockSizeFactTest {
    @TempDir
    Path root;

    private RecordedHost host;

    /** Files on an NVMe disk, a volume group on two disks, one of which writes 4096 bytes at a time. */
    @BeforeEach
    void aHostOfThreeDisks() {
        host = new RecordedHost(root)
                .disk("nvme0n1", false, "[none] mq-deadline", "eui.1")
                .disk("sda", true, "[mq-deadline] none", "naa.1")
                .disk("sdb", true, "[mq-deadline] none", "naa.2")
                .partition("sdb", "sdb1")
                .mapped("dm-0", "vg-a", "LVM-a", "sda", "sdb1")
                .mount("nvme0n1", "/", "ext4", "rw")
                .file("/sys/block/nvme0n1/queue/physical_block_size", "512")
                .file("/sys/block/sda/queue/physical_block_size", "512")
                .file("/sys/block/sdb/queue/physical_block_size", "4096");
    }

    private static ConfigSnapshot config(String size) {
        ConfigSnapshot.Builder config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, RecordedHost.INSTANCES)
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "vg");
        return size.isEmpty()
                ? config.build()
                : config.set(LibvirtOptions.DISK_BLOCK_SIZE, size).build();
    }

    private Map<HostFact, Object> facts(ConfigSnapshot config, HostFacts given) {
        HostFacts facts = BlockSizeFact.add(config, given, host.tree());
        Map<HostFact, Object> found = new EnumMap<>(HostFact.class);
        for (HostFact fact : HostFact.values()) {
            facts.find(fact).ifPresent(value -> found.put(fact, value));
        }
        return found;
    }

    @Test
    void theLargestOfTheDisksBelowCounts() {
        assertThat(facts(config("auto"), HostFacts.builder().build()))
                .containsOnly(
                        Map.entry(HostFact.FILES_BLOCK_SIZE, 512), Map.entry(HostFact.VOLUME_GROUP_BLOCK_SIZE, 4096));
    }

    @Test
    void nothingIsLookedForUnlessItIsAskedForAndGivenFactsStay() {
        assertThat(facts(config(""), HostFacts.builder().build())).isEmpty();
        assertThat(facts(config("4096"), HostFacts.builder().build())).isEmpty();
        HostFacts given =
                HostFacts.builder().put(HostFact.VOLUME_GROUP_BLOCK_SIZE, 8192).build();
        assertThat(facts(config("auto"), given)).containsEntry(HostFact.VOLUME_GROUP_BLOCK_SIZE, 8192);
    }

    @Test
    void whereOneDiskIsNotSeenNothingIsSaid() {
        RecordedHost other = new RecordedHost(root.resolve("other"))
                .disk("sda", true, "[mq-deadline] none", "naa.1")
                .disk("sdb", true, "[mq-deadline] none", "naa.2")
                .mapped("dm-0", "vg-a", "LVM-a", "sda", "sdb")
                .mount("server:/export", "/", "nfs4", "rw")
                .file("/sys/block/sda/queue/physical_block_size", "4096");
        assertThat(BlockSizeFact.add(config("auto"), HostFacts.builder().build(), other.tree())
                        .unknown())
                .contains(HostFact.FILES_BLOCK_SIZE, HostFact.VOLUME_GROUP_BLOCK_SIZE);
    }
}
