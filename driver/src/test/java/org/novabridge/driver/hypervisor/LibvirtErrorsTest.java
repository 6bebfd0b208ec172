package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.libvirt.Error.ErrorDomain;
import org.libvirt.Error.ErrorNumber;
import org.novabridge.driver.model.ErrorCode;

class LibvirtErrorsTest {

    @ParameterizedTest
    @CsvSource({
        "VIR_ERR_NO_DOMAIN, VIR_FROM_QEMU, 0, INSTANCE_NOT_FOUND",
        "VIR_ERR_DOM_EXIST, VIR_FROM_QEMU, 0, INSTANCE_EXISTS",
        "VIR_ERR_OPERATION_INVALID, VIR_FROM_QEMU, 0, INSTANCE_INVALID_STATE",
        "VIR_ERR_NO_SUPPORT, VIR_FROM_TEST, 0, NOT_SUPPORTED",
        "VIR_ERR_SYSTEM_ERROR, VIR_FROM_QEMU, 16, POWER_OFF_FAILED",
        "VIR_ERR_SYSTEM_ERROR, VIR_FROM_QEMU, 5, HYPERVISOR_FAILED",
        "VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, 104, HYPERVISOR_UNAVAILABLE",
        "VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC, 0, HYPERVISOR_UNAVAILABLE",
        "VIR_ERR_INTERNAL_ERROR, VIR_FROM_REMOTE, 0, HYPERVISOR_UNAVAILABLE",
        "VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU, 0, HYPERVISOR_FAILED",
        "VIR_ERR_INVALID_CONN, VIR_FROM_NONE, 0, HYPERVISOR_UNAVAILABLE",
        "VIR_ERR_XML_INVALID_SCHEMA, VIR_FROM_XML, 0, HYPERVISOR_FAILED"
    })
    void eachErrorHasOneMeaning(ErrorNumber number, ErrorDomain domain, int systemError, ErrorCode expected) {
        assertThat(LibvirtErrors.classify(number.ordinal(), domain.ordinal(), systemError))
                .isEqualTo(expected);
    }

    /** The binding lists the names in order and libvirt.h gives the numbers; the two must not drift. */
    @ParameterizedTest
    @CsvSource({
        "1, VIR_ERR_INTERNAL_ERROR",
        "6, VIR_ERR_INVALID_CONN",
        "38, VIR_ERR_SYSTEM_ERROR",
        "42, VIR_ERR_NO_DOMAIN",
        "55, VIR_ERR_OPERATION_INVALID",
        "9999, VIR_ERR_UNKNOWN",
        "-1, VIR_ERR_UNKNOWN"
    })
    void numbersAreLibvirts(int code, ErrorNumber expected) {
        assertThat(LibvirtErrors.number(code)).isEqualTo(expected);
    }

    @Test
    void theSentenceHasWhatWasAskedAndLibvirtsNumbers() {
        HypervisorException failure = LibvirtErrors.describe("starting the domain x", 1, 10, "no such thing\n", 0);
        assertThat(failure).hasMessage("starting the domain x failed: no such thing (libvirt error 1, domain 10)");
        assertThat(failure.libvirtCode()).isEqualTo(1);
        assertThat(failure.libvirtDomain()).isEqualTo(10);
    }

    @Test
    void aFailureWithoutARecordIsStillAFailure() {
        assertThat(LibvirtErrors.describe("listing domains", 0, 0, null, 0))
                .hasMessageContaining("libvirt gave no reason")
                .extracting(HypervisorException::code)
                .isEqualTo(ErrorCode.HYPERVISOR_FAILED);
    }
}
