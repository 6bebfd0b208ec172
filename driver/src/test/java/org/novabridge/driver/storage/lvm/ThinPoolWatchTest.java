package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;

/** Looks at a pool of 1 GiB with 4 MiB of metadata. */
class ThinPoolWatchTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final long GIB = 1L << 30;

    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> alarms = new ArrayList<>();
    private ConfigSnapshot config = config("thin", 100);
    private final ThinPoolWatch watch = new ThinPoolWatch(
            () -> config,
            executor,
            alarm -> alarms.add(alarm.part().word() + " " + alarm.level().word()));
    private String answer = "";
    private String state = "";
    private int minute;

    private static ConfigSnapshot config(String type, int threshold) {
        return ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                .set(LibvirtOptions.IMAGES_LVM_TYPE, type)
                .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD, threshold)
                .build();
    }

    ThinPoolWatchTest() {
        executor.on("lvs", command -> RecordingExecutor.result(command, 0, answer, ""));
    }

    private void look(double data, double metadata) {
        answer = String.format(Locale.ROOT, """
            {"report": [{"lv": [{"lv_size":"%d", "data_percent":"%.2f", "metadata_percent":"%.2f", \
            "lv_metadata_size":"4194304", "vg_free":"%d", "lv_health_status":"%s"}]}]}
            """, GIB, data, metadata, GIB, state);
        watch.look(START.plusSeconds(60L * minute++));
    }

    @Test
    void saysHowFastItGrowsAndWhenItIsFull() {
        for (int i = 0; i < 6; i++) {
            look(10 + i, 5);
        }
        PoolForecast forecast = watch.latest().orElseThrow();
        assertThat(forecast.pool()).isEqualTo("nova-pool");
        assertThat(forecast.at()).isEqualTo("2026-01-02T03:09:05Z");
        assertThat(forecast.data().percent()).isBetween(14.99, 15.01);
        assertThat(forecast.data().bytesPerHour()).isBetween(GIB * 59 / 100, GIB * 61 / 100);
        assertThat(forecast.data().secondsToFull()).isBetween(85 * 60L - 5, 85 * 60L + 5);
        assertThat(forecast.metadata().bytesPerHour()).isZero();
        assertThat(forecast.metadata().secondsToFull()).isNull();
        assertThat(alarms).isEmpty();
    }

    /** The free part of the group is as much again. */
    @Test
    void whatDmeventdWillAddCounts() {
        config = config("thin", 70);
        for (int i = 0; i < 6; i++) {
            look(10 + i, 5);
        }
        assertThat(watch.latest().orElseThrow().data().secondsToFull()).isBetween(185 * 60L - 5, 185 * 60L + 5);
    }

    /** Percent of data and metadata, LVM's word for its state. */
    @ParameterizedTest
    @CsvSource({
        "50,  5,   '',          true",
        "98.5, 5,  '',          true",
        "99.5, 5,  '',          false",
        "100, 5,   out_of_data, false",
        "60,  5,   out_of_data, false",
        "60,  100, '',          false",
        "60,  5,   failed,      false",
    })
    void aGuestThatFoundItFullCanGoOn(double data, double metadata, String health, boolean enough) {
        state = health;
        look(data, metadata);
        assertThat(watch.room()).contains(new PoolRoom("nova/nova-pool", GIB - Math.round(GIB * data / 100), enough));
    }

    @Test
    void eachLookIsOneQuestionAboutOneVolume() {
        look(10, 5);
        assertThat(executor.lines())
                .singleElement()
                .asString()
                .startsWith("lvs ")
                .contains("vg_name=\"nova\" && lv_name=\"nova-pool\"");
    }

    @Test
    void alarmsAreToldOnceForDataAndMetadataApart() {
        look(81, 5);
        look(82, 91);
        look(78, 91);
        look(50, 20);
        assertThat(alarms).containsExactly("data warning", "metadata critical", "data ok", "metadata ok");
    }

    @Test
    void thickDisksAskNothing() {
        look(81, 5);
        config = config("default", 100);
        int asked = executor.lines().size();
        look(10, 5);
        assertThat(executor.lines()).hasSize(asked);
        assertThat(watch.latest()).isEmpty();
        assertThat(watch.room()).isEmpty();
    }

    /** Inactive, as after a failed start of the host: no number is better than nought. */
    @Test
    void aPoolWithoutNumbersIsNotTakenForAnEmptyOne() {
        look(81, 5);
        answer = "{\"report\": [{\"lv\": [{\"lv_size\":\"1\", \"data_percent\":\"\", \"metadata_percent\":\"\","
                + " \"lv_metadata_size\":\"1\", \"vg_free\":\"1\"}]}]}";
        watch.look(START);
        assertThat(watch.latest()).isEmpty();
    }

    @Test
    void aFailureKeepsWhatWasSeen() {
        look(81, 5);
        answer = "no JSON";
        assertThatThrownBy(() -> watch.look(START)).isInstanceOf(BridgeException.class);
        assertThat(watch.latest()).isPresent();
    }
}
