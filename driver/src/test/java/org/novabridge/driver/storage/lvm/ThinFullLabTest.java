package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/**
 * Real LVM in a full group, and in a pool that is above its threshold and cannot grow: what it says is told as
 * STORAGE_FULL, and nothing is left. {@link FullStorageTest} has each command.
 */
@Tag("lab")
class ThinFullLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String LATER = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final Path DISK = Lab.disk(3);
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private boolean taken = true;

    @AfterEach
    void clean() throws IOException {
        Lab.clean();
        Files.deleteIfExists(Path.of("/etc/lvm/profile/nova-bridge-nova.profile"));
    }

    private ConfigSnapshot config() {
        return Lab.thinConfig(DISK)
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "64M")
                .set(LibvirtOptions.IMAGES_LVM_POOL_METADATA_SIZE, "4M")
                .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD, 50)
                .set(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO, 20.0)
                .build();
    }

    /** Somebody else takes all of the group's space, between our look at it and our command. */
    private CommandExecutor another() {
        return command -> {
            if (!taken && command.program().equals("lvextend")) {
                taken = true;
                Lab.sh("lvcreate", "--yes", "--extents", "100%FREE", "--name", "taken", Lab.GROUP);
            }
            return Lab.EXECUTOR.run(command);
        };
    }

    private static String full(ThrowingCallable call) {
        Throwable[] thrown = new Throwable[1];
        assertThatThrownBy(call).satisfies(e -> thrown[0] = e).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).as("%s", e.getMessage()).isEqualTo(ErrorCode.STORAGE_FULL);
            assertThat(e.remedy()).contains("delete guests");
        });
        return String.valueOf(thrown[0].getMessage());
    }

    private static List<String> names() {
        return Lab.report().volumes(Lab.GROUP).stream()
                .map(volume -> volume.name() + " " + volume.size() / MIB)
                .filter(name -> !name.startsWith("taken"))
                .sorted()
                .toList();
    }

    @Test
    void whatLvmRefusesIsToldAndLeavesNothing() throws IOException {
        Lab.clean();
        VolumeGroupBootstrap.of(config(), Lab.EXECUTOR).apply();
        LvmBackend thick = new LvmBackend(config(), another(), FileOwner.ofThisHost());
        thick.create(GUEST, "disk", new DiskContent.Blank(4 * MIB), Progress.NONE);
        // Of a thick volume nothing is set aside: how it is taken can be kept for later.
        DiskSnapshots.Taking picture = Objects.requireNonNull(thick.snapshots()
                .orElseThrow()
                .choose(GUEST, "disk", Function.identity())
                .taking());
        Lab.sh("lvcreate", "--yes", "--virtualsize", "64M", "--thinpool", "nova-pool", "--name", "fill", Lab.GROUP);
        List<String> before = names();

        taken = false;
        assertThat(full(() -> thick.grow(GUEST, "disk", 16 * MIB, Progress.NONE)))
                .containsIgnoringCase("insufficient");
        assertThat(taken).isTrue();
        full(() -> picture.take(ID));
        full(() -> thick.kept().orElseThrow().keep(GUEST, "disk", Progress.NONE));
        full(() -> thick.create(LATER, "disk", new DiskContent.Blank(4 * MIB), Progress.NONE));
        assertThat(names()).isEqualTo(before);

        Lab.sh("dd", "if=/dev/zero", "of=/dev/nova/fill", "bs=1M", "count=40", "oflag=direct");
        ThinBackend thin = new ThinBackend(config(), Lab.EXECUTOR, FileOwner.ofThisHost());
        assertThat(full(() -> thin.create(LATER, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE)))
                .contains("reached threshold");
        Path file = folder.resolve("0123456789abcdef0123456789abcdef01234567");
        Files.write(file, new byte[(int) (32 * MIB)]);
        CachedImage image = new CachedImage("i", file, "raw", 32 * MIB);
        assertThat(full(() -> thin.create(LATER, "disk", new DiskContent.FromImage(image, null), Progress.NONE)))
                .contains("takes at least " + 32 * MIB);
        assertThat(names()).isEqualTo(before);
    }
}
