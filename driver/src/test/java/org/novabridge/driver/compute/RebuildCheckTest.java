package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import org.junit.jupiter.api.Test;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;

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
