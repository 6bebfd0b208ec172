package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LibvirtSettingsTest {
    @Test
    void aPasswordInTheAddressIsNotShown() {
        assertThat(LibvirtSettings.of("qemu+ssh://user:s3c@r/et@host/system").shownUri())
                .isEqualTo("qemu+ssh://user:***@host/system");
        for (String harmless : new String[] {
            "qemu:///system", "qemu:///embed?root=/a:b@c", "qemu+ssh://user@host/system", "qemu+tcp://host:16509/system"
        }) {
            assertThat(LibvirtSettings.of(harmless).shownUri()).isEqualTo(harmless);
        }
    }
}
