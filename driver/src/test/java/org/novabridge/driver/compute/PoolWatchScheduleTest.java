package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.storage.lvm.PoolAlarm;
import org.novabridge.driver.storage.lvm.ThinPoolWatch;

class PoolWatchScheduleTest {
    private static final ConfigSnapshot THIN = ConfigSnapshot.builder()
            .set(LibvirtOptions.IMAGES_TYPE, "lvm")
            .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
            .set(LibvirtOptions.IMAGES_LVM_TYPE, "thin")
            .build();
    private static final String FULL =
            "{\"report\": [{\"lv\": [{\"lv_size\":\"1073741824\", \"data_percent\":\"96.00\","
                    + " \"metadata_percent\":\"10.00\", \"lv_metadata_size\":\"4194304\", \"vg_free\":\"0\"}]}]}";

    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<PoolAlarm> alarms = new ArrayList<>();
    private final ThinPoolWatch watch = new ThinPoolWatch(() -> THIN, executor, alarms::add);

    private PoolWatchSchedule schedule() {
        return schedule(() -> false);
    }

    private PoolWatchSchedule schedule(BooleanSupplier guests) {
        return new PoolWatchSchedule(
                () -> THIN, watch, guests, Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));
    }

    /** A pool that filled while no bridge was running is told of now, not after an interval. */
    @Test
    void theFirstLookIsAtOnce() throws InterruptedException {
        CountDownLatch looked = new CountDownLatch(1);
        executor.on("lvs", command -> {
            looked.countDown();
            return RecordingExecutor.result(command, 0, FULL, "");
        });
        try (PoolWatchSchedule schedule = schedule()) {
            schedule.start();
            assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void guestsThatWaitAreLookedAfterAfterEachLook() throws InterruptedException {
        executor.on("lvs", command -> RecordingExecutor.result(command, 0, FULL, ""));
        CountDownLatch looked = new CountDownLatch(2);
        try (PoolWatchSchedule schedule = schedule(() -> {
            assertThat(watch.room())
                    .hasValueSatisfying(room -> assertThat(room.enough()).isTrue());
            looked.countDown();
            return true;
        })) {
            schedule.start();
            while (looked.getCount() == 2) {
                Thread.sleep(5);
            }
            schedule.lookSoon();
            assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aFailureEndsNothing() {
        List<String> answers = new ArrayList<>(List.of("no JSON", FULL));
        executor.on("lvs", command -> RecordingExecutor.result(command, 0, answers.remove(0), ""));
        try (PoolWatchSchedule schedule = schedule()) {
            assertThatCode(schedule::look).doesNotThrowAnyException();
            assertThat(watch.latest()).isEmpty();
            schedule.look();
        }
        assertThat(watch.latest()).isPresent();
        assertThat(alarms).singleElement().satisfies(alarm -> {
            assertThat(alarm.part()).isEqualTo(PoolAlarm.Part.DATA);
            assertThat(alarm.level()).isEqualTo(PoolAlarm.Level.CRITICAL);
        });
    }
}
