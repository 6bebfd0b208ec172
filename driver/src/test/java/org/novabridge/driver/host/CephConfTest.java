package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.DiskSource.HostPort;

class CephConfTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mon_host = 10.0.0.1|10.0.0.1 6789",
                "mon host = 10.0.0.1:6790, mon2.example # note|10.0.0.1 6790;mon2.example 6789",
                "mon_host=[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0] [v2:10.0.0.2:3300/0,v1:10.0.0.2:6789/0]|10.0.0.1 6789;10.0.0.2 6789",
                "mon-host = v2:10.0.0.1|10.0.0.1 3300",
                "mon_host = [fd00::1]:6789 [fd00::2]|fd00::1 6789;fd00::2 6789",
                "mon_host = [v2:[fd00::1]:3300,v1:[fd00::1]:6789]|fd00::1 6789"
            })
    void everyFormOfMonHostIsRead(String line, String expected) {
        assertThat(CephConf.monitors("[global]\nfsid = x\n" + line + "\n[client]\nmon_host = 1.2.3.4\n"))
                .extracting(monitor -> monitor.host() + " " + monitor.port())
                .containsExactly(expected.split(";"));
    }

    @Test
    void monitorsInSectionsOfTheirOwnAreTakenWhenThereIsNoList() {
        assertThat(CephConf.monitors("[global]\nfsid=x\n[mon.a]\nhost = a\nmon addr = 10.0.0.1:6789\n"))
                .containsExactly(new HostPort("10.0.0.1", "6789"));
    }

    @Test
    void aFileWithoutMonitorsHasNone() {
        assertThat(CephConf.monitors("")).isEmpty();
        assertThat(CephConf.monitors("[global]\n# mon_host = 1.2.3.4\nnonsense\n"))
                .isEmpty();
    }
}
