package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibvirtCodesTest {

    /** Numbers as in libvirt-domain.h and power_state.py. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 1", "3, 3", "4, 4", "5, 4", "6, 6", "7, 7", "8, 0", "-1, 0"})
    void statesAreNovas(int libvirt, int nova) {
        assertThat(LibvirtCodes.state(libvirt).novaCode()).isEqualTo(nova);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, DEFINED, added",
        "1, 0, UNDEFINED, removed",
        "2, 2, STARTED, restored",
        "3, 2, PAUSED, ioerror",
        "4, 0, RESUMED, unpaused",
        "5, 4, STOPPED, saved",
        "7, 1, SUSPENDED, disk",
        "8, 0, CRASHED, panicked",
        "5, 99, STOPPED, 99"
    })
    void eventsHaveOurKindAndLibvirtsDetail(int event, int detail, GuestEvent.Kind kind, String word) {
        assertThat(LibvirtCodes.lifecycle(event)).contains(kind);
        assertThat(LibvirtCodes.detail(kind, detail)).isEqualTo(word);
    }

    /** State and reason as in libvirt-domain.h: paused by a user is 3 and 1, by an I/O error 3 and 5. */
    @ParameterizedTest
    @CsvSource({"3, 5, true", "3, 1, false", "1, 5, false", "5, 5, false"})
    void aGuestThatADiskHasStoppedWasNotPaused(int state, int reason, boolean stopped) {
        assertThat(LibvirtCodes.stoppedByDisk(state, reason)).isEqualTo(stopped);
    }

    @Test
    void shuttingDownAndUnknownEventsAreSilent() {
        assertThat(LibvirtCodes.lifecycle(6)).isEmpty();
        assertThat(LibvirtCodes.lifecycle(9)).isEmpty();
        assertThat(LibvirtCodes.lifecycle(-1)).isEmpty();
    }
}
