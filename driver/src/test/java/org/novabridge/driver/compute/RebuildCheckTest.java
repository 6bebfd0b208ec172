package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.FileOwner;

class RebuildCheckTest extends OneHost {
    private static final long GIB = 1L << 30;

    private void check(InstanceSpec spec) {
        new RebuildCheck(life.parts()).demand(spec);
    }

    @Test
    void theStorageIsAskedForTheImageOfTheRootDisk() {
        InstanceSpec spec = FakeHost.spec(UUID_A);
        host.cachedImages.add(String.valueOf(spec.imageMeta().id()));
        check(spec);
        assertThat(host.calls)
                .containsExactly("replaceable by " + spec.imageMeta().id());
    }

    @Test
    void ofAnImageThatIsNotHereNothingIsKnown() {
        check(FakeHost.spec(UUID_A));
        assertThat(host.calls).isEmpty();
    }

    @Test
    void aKernelAndARamdiskAreInTheCacheOrThereIsNoRebuild() {
        host.kernel = "aki";
        host.ramdisk = "ari";
        for (String missing : List.of("kernel aki", "ramdisk ari")) {
            assertThatThrownBy(() -> check(FakeHost.spec(UUID_A)))
                    .hasMessageContaining(missing)
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND));
            host.cachedImages.add(missing.split(" ")[1]);
        }
        check(FakeHost.spec(UUID_A));
        assertThat(host.calls).isEmpty();
    }

    /** The files of a real cache, which a build takes a kernel from. */
    @Test
    void whatABuildWouldNotTakeForAKernelIsNone() throws IOException {
        host.kernel = "aki";
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, root.resolve("files").toString())
                .set(BridgeOptions.STATE_PATH, root.resolve("state").toString())
                .build();
        TakenFiles files = new TakenFiles(
                () -> config,
                unasked -> {
                    throw new AssertionError(unasked);
                },
                FileOwner.ofThisHost(),
                Clock.systemUTC());
        RebuildCheck check = new RebuildCheck(with(files));
        Path base = files.cache().baseOf("aki");
        Files.createDirectories(base.getParent());
        Path kernel = Files.writeString(root.resolve("kernel"), "a kernel");

        Files.createFile(base);
        assertThat(refusal(check)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        Files.delete(base);
        Files.createSymbolicLink(base, kernel);
        assertThat(refusal(check)).isEqualTo(ErrorCode.STORAGE_FAILED);
        Files.delete(base);
        assertThat(refusal(check)).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        Files.copy(kernel, base);
        check.demand(FakeHost.spec(UUID_A));
        // Known by now, and emptied since.
        Files.writeString(base, "");
        assertThat(refusal(check)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
    }

    private static ErrorCode refusal(RebuildCheck check) {
        return catchThrowableOfType(BridgeException.class, () -> check.demand(FakeHost.spec(UUID_A)))
                .code();
    }

    private Parts with(SpecFiles files) {
        Parts parts = life.parts();
        return new Parts(
                parts.hypervisor(),
                parts.planner(),
                files,
                parts.backends(),
                parts.volumes(),
                parts.images(),
                parts.folders(),
                parts.records(),
                parts.keys(),
                parts.locks(),
                parts.operations(),
                parts.clock(),
                parts.patience(),
                parts.poll(),
                parts.aio());
    }

    @Test
    void anImageLargerThanTheRootDiskIsRefused() {
        InstanceSpec spec = FakeHost.spec(UUID_A);
        host.cachedImages.add(String.valueOf(spec.imageMeta().id()));
        host.virtualSize = spec.instance().flavor().rootGb() * GIB + 1;
        life = host.open(CrashPoint.NONE);
        assertThatThrownBy(() -> check(spec))
                .isInstanceOfSatisfying(
                        BridgeException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE));
        assertThat(host.calls).isEmpty();
    }
}
