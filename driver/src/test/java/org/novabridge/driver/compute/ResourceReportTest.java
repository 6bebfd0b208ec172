package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.conf.WorkaroundsOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskInventory;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.StorageSpace;
import org.novabridge.driver.model.StorageSpace.Kind;

/** Which place the inventory is made of, and that nothing is reported of a group that cannot be seen. */
class ResourceReportTest {
    private static final long GIB = 1L << 30;
    private static final String GROUP =
            "\"vg_name\":\"nova\",\"vg_size\":\"107374182400\",\"vg_free\":\"53687091200\",\"vg_extent_size\":\"4194304\","
                    + "\"vg_tags\":\"\",\"vg_missing_pv_count\":\"0\",\"vg_mda_size\":\"0\",\"vg_mda_free\":\"0\","
                    + "\"vg_exported\":\"\"";

    @TempDir
    Path instances;

    private final RecordingExecutor executor = new RecordingExecutor();

    private HostResources look(ConfigSnapshot.Builder config, boolean pool) {
        ConfigSnapshot today =
                config.set(DefaultOptions.INSTANCES_PATH, instances.toString()).build();
        HostFacts facts = HostFacts.builder().put(HostFact.THIN_POOL, pool).build();
        return new ResourceReport(() -> today, () -> facts, executor).look();
    }

    private static ConfigSnapshot.Builder lvm(String type) {
        return ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .set(LibvirtOptions.IMAGES_LVM_TYPE, type);
    }

    private void group(String volumes) {
        executor.printing("vgs", "{\"report\":[{\"vg\":[{" + GROUP + "}]}]}")
                .printing("lvs", "{\"report\":[{\"lv\":[" + volumes + "]}]}");
    }

    private static final String POOL = "{" + GROUP
            + ",\"lv_name\":\"nova-pool\",\"lv_size\":\"42949672960\",\"lv_tags\":\"\",\"lv_attr\":\"twi-aotz--\","
            + "\"pool_lv\":\"\",\"data_percent\":\"25.00\"}";

    @Test
    void filesAreCountedAsDfCountsThem() throws IOException, InterruptedException {
        HostResources resources = look(ConfigSnapshot.builder().set(LibvirtOptions.IMAGES_TYPE, "qcow2"), false);
        assertThat(resources.backend()).isEqualTo("qcow2");
        assertThat(executor.lines()).isEmpty();
        Process df =
                new ProcessBuilder("df", "--block-size=1", "--output=size,used,avail", instances.toString()).start();
        String[] numbers = new String(df.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .strip()
                .split(" +");
        assertThat(df.waitFor()).isZero();
        StorageSpace files = resources.storage().get(0);
        assertThat(resources.storage()).hasSize(1);
        assertThat(files.name()).isEqualTo(instances.toString());
        assertThat(files.total()).isEqualTo(Long.parseLong(numbers[0]));
        // Others write to it meanwhile.
        assertThat(files.used()).isCloseTo(Long.parseLong(numbers[1]), within(GIB));
        assertThat(files.free()).isCloseTo(Long.parseLong(numbers[2]), within(GIB));
        assertThat(files.guests()).isNull();
        assertThat(files.overSubscription()).isNull();
        DiskInventory inventory = resources.diskGb();
        assertThat(inventory == null ? 0 : inventory.total()).isEqualTo(files.total() / GIB);
    }

    /** As Nova counts it: by blocks, so that a hole takes nothing. */
    @Test
    void theImageCacheIsReservedWhereTheOperatorSaysSo() throws IOException {
        Path cache = Files.createDirectory(instances.resolve("_base"));
        try (FileChannel image =
                FileChannel.open(cache.resolve("f2d1"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            image.write(ByteBuffer.allocate(3 << 20));
            image.write(ByteBuffer.allocate(1), 8 * GIB);
        }
        ConfigSnapshot today = ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "qcow2")
                .set(DefaultOptions.INSTANCES_PATH, instances.toString())
                .set(WorkaroundsOptions.RESERVE_DISK_RESOURCE_FOR_IMAGE_CACHE, true)
                .build();
        HostResources resources =
                new ResourceReport(() -> today, HostFacts.builder()::build, new ProcessExecutor()).look();
        assertThat(resources.storage().get(0).reserved()).isBetween(3L << 20, 4L << 20);
        assertThat(Objects.requireNonNull(resources.diskGb()).reserved()).isEqualTo(1);
        Files.delete(cache.resolve("f2d1"));
        Files.delete(cache);
        assertThat(Objects.requireNonNull(
                                new ResourceReport(() -> today, HostFacts.builder()::build, new ProcessExecutor())
                                        .look()
                                        .diskGb())
                        .reserved())
                .isZero();
    }

    @Test
    void onThickVolumesItIsTheGroup() {
        group(POOL);
        HostResources resources = look(lvm("default"), true);
        assertThat(resources.backend()).isEqualTo("lvm");
        assertThat(resources.storage())
                .extracting(StorageSpace::kind)
                .containsExactly(Kind.VOLUME_GROUP, Kind.THIN_POOL, Kind.FILE_SYSTEM);
        DiskInventory inventory = Objects.requireNonNull(resources.diskGb());
        assertThat(inventory.total()).isEqualTo(100);
        // The pool that lies in it.
        assertThat(inventory.reserved()).isEqualTo(50);
        assertThat(inventory.usedBytes()).isEqualTo(50 * GIB);
    }

    @Test
    void withAutoItIsThePoolWhereThereIsOne() {
        group(POOL);
        HostResources resources = look(lvm("auto"), true);
        assertThat(resources.backend()).isEqualTo("lvm-thin");
        DiskInventory inventory = Objects.requireNonNull(resources.diskGb());
        assertThat(inventory.total()).isEqualTo(40);
        assertThat(inventory.reserved()).isZero();
        assertThat(inventory.usedBytes()).isEqualTo(10 * GIB);
        assertThat(inventory.freeBytes()).isEqualTo(30 * GIB);
    }

    @Test
    void noNumbersAreBetterThanWrongOnes() {
        group("");
        assertThatThrownBy(() -> look(lvm("thin"), false)).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE);
            assertThat(e).hasMessageContaining("nova/nova-pool");
        });
    }
}
