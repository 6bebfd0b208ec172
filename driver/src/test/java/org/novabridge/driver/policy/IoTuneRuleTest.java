package org.novabridge.driver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskPlan;

/** What is said of limits that cannot be, and of names that nobody reads. */
class IoTuneRuleTest {
    @TempDir
    Path folder;

    private DiskPlan plan(String guest) throws IOException {
        return DiskPolicy.plan(
                TableGuest.config(folder, ""), TableGuest.read(TableGuest.of(guest)), TableGuest.facts(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "extra.quota:disk_total_iops_sec=500 extra.quota:disk_read_iops_sec=5|the flavor has quota:disk_total_iops_sec beside quota:disk_read_iops_sec, which QEMU refuses",
                "extra.quota:disk_total_iops_sec=500 extra.bridge:disk_total_iops_sec_max=4|the flavor has bridge:disk_total_iops_sec_max=4 beside quota:disk_total_iops_sec=500; a burst is at least its limit, and needs one",
                "extra.quota:disk_total_iops_sec=500 extra.quota:disk_read_iops_sec=5 extra.quota:disk_total_bytes_sec=500 extra.quota:disk_read_bytes_sec=5|the flavor has quota:disk_total_bytes_sec beside quota:disk_read_bytes_sec, which QEMU refuses; it has quota:disk_total_iops_sec beside quota:disk_read_iops_sec, which QEMU refuses",
                "volume=iscsi,qos.total_iops_sec:9,qos.read_iops_sec:4|the qos_specs of the volume has total_iops_sec beside read_iops_sec, which QEMU refuses",
                "extra.quota:disk_read_iops_sec=1e3|the extra spec quota:disk_read_iops_sec = '1e3' is not a whole number from 0 to 1000000000000000",
                "extra.quota:disk_read_iops_sec=99999999999999999999|the extra spec quota:disk_read_iops_sec = '99999999999999999999' is not a whole number from 0 to 1000000000000000",
                "extra.bridge:io_profil=x|the flavor has the extra spec bridge:io_profil, which nothing reads; did you mean bridge:io_profile?",
                "extra.bridge:disk_total_iops_sec_mx=5|the flavor has the extra spec bridge:disk_total_iops_sec_mx, which nothing reads; did you mean bridge:disk_total_iops_sec_max?",
                "extra.bridge:disk_read_iops_sec=5|the flavor has the extra spec bridge:disk_read_iops_sec, which nothing reads; write quota:disk_read_iops_sec"
            })
    void aRefusalNamesTheKeysAndTheRemedy(String guest, String message) {
        assertThatThrownBy(() -> plan(guest))
                .isInstanceOfSatisfying(
                        BridgeException.class,
                        refused -> assertThat(refused.getMessage() + "; " + refused.remedy())
                                .startsWith(message));
    }

    @Test
    void aMisspeltQuotaIsSaidToBeIgnored() throws IOException {
        assertThat(plan("extra.quota:disk_totl_iops_sec=5 extra.quota:disk_read_iops_sec=7")
                        .disks()
                        .get(0)
                        .why(DiskAttribute.IOTUNE)
                        .orElseThrow()
                        .sentence())
                .startsWith("The flavor limits each disk by itself. Nova ignores quota:disk_totl_iops_sec;"
                        + " quota:disk_total_iops_sec may be meant.");
    }
}
