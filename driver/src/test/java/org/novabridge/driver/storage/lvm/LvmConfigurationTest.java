package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.BridgeException;

/** What LVM's own configuration means for guests' disks; the answers are those of lvmconfig of lvm2 2.03.16. */
class LvmConfigurationTest {
    private static LvmConfiguration answer(String scan, String devicesFile, String filter) {
        return LvmConfiguration.parse("""
            profile_dir="/etc/lvm/profile"
            monitoring=1
            scan_lvs=%s
            use_devicesfile=%s
            devicesfile="system.devices"
            global_filter=%s
            filter=["a|.*|"]
            """.formatted(scan, devicesFile, filter));
    }

    @Test
    void readsNumbersTextsAndLists() {
        LvmConfiguration read = answer("0", "1", "[\"r|^/dev/nova/|\",\"a|\\\"x|\"]");
        assertThat(read.profiles()).isEqualTo(Path.of("/etc/lvm/profile"));
        assertThat(read.monitoring()).isTrue();
        assertThat(read.scansVolumes()).isFalse();
        assertThat(read.devicesFileOnly()).isTrue();
        assertThat(read.devicesFile()).isEqualTo("system.devices");
        assertThat(read.filters())
                .containsExactly(
                        new DeviceFilter(List.of("r|^/dev/nova/|", "a|\"x|")), new DeviceFilter(List.of("a|.*|")));
    }

    @Test
    void anAnswerWithoutTheFolderOfProfilesIsRefused() {
        assertThatThrownBy(() -> LvmConfiguration.parse("")).isInstanceOf(BridgeException.class);
    }

    /** Each row was seen with vgs on a machine where a guest's disk carries a volume group. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; 0; no ; [\"a|.*|\"]                                       ; kept off",
                "1; 0; no ; [\"a|.*|\"]                                       ; looks",
                "1; 1; no ; [\"a|.*|\"]                                       ; looks",
                "1; 1; yes; [\"a|.*|\"]                                       ; kept off",
                "1; 0; yes; [\"a|.*|\"]                                       ; looks",
                "1; 0; no ; \"r|^/dev/nova/|\"                                ; kept off",
                "1; 0; no ; [\"a|^/dev/ubda$|\",\"a|^/dev/lab/|\",\"r|.*|\"]  ; kept off",
                "1; 0; no ; [\"a|^/dev/mapper/|\",\"r|.*|\"]                  ; looks",
                "1; 0; no ; [\"r|^/dev/other/|\"]                             ; looks",
            })
    void whatKeepsLvmOffTheDisksOfGuests(
            String scan, String devicesFile, String fileExists, String filter, String end) {
        var finding = ScannedVolumes.finding(answer(scan, devicesFile, filter), "nova", fileExists.equals("yes"));
        if (end.equals("looks")) {
            assertThat(finding).hasValueSatisfying(found -> {
                assertThat(found.severity()).isEqualTo(VolumeGroupFinding.Severity.WARNING);
                assertThat(found.remedy()).contains("scan_lvs = 0", "r|^/dev/nova/|");
            });
        } else {
            assertThat(finding).isEmpty();
        }
    }
}
