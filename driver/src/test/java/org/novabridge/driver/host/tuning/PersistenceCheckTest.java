package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.driver.host.QemuUserPreflight;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding;

/** Who takes values back after a boot; findings of other rooms. */
class PersistenceCheckTest extends CheckedHost {
    @Test
    void aLaterFileThatTakesTheValueBackIsNamedWithItsLine() {
        host.file("/proc/sys/fs/aio-max-nr", "65536")
                .file("/etc/sysctl.conf", "# host\nfs/aio-max-nr = 65536\nvm.swappiness = 1")
                .link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf")
                .file("/usr/lib/sysctl.d/10-default.conf", "fs.aio-max-nr = 1")
                .file("/usr/lib/sysctl.d/70-hidden.conf", "fs.aio-max-nr = 2")
                .file("/etc/sysctl.d/70-hidden.conf", "fs.aio-max-nr = 1048576");
        assertThat(only("persistence"))
                .extracting(Finding::subject, Finding::found, Finding::wanted)
                .containsExactly("/etc/sysctl.d/99-sysctl.conf:2", "fs.aio-max-nr = 65536", "fs.aio-max-nr = 1048576");
    }

    @Test
    void findingsOfOtherRoomsKeepTheirWeight() {
        assertThat(PreflightFindings.of(List.of(
                        new QemuUserPreflight.Finding("a", "fix", true),
                        new QemuUserPreflight.Finding("b", "x", false))))
                .extracting(Finding::severity, Finding::remedy)
                .containsExactly(tuple(Severity.UNUSABLE, "fix"), tuple(Severity.WARNING, "x"));
        Finding.Draft none = Finding.about("lvm", "g", "s");
        assertThat(GroupLook.translated(
                        List.of(new VolumeGroupFinding(VolumeGroupFinding.Severity.UNUSABLE, "gone", "vg init")),
                        none,
                        "g"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(Severity.UNUSABLE, "gone"));
        assertThat(GroupLook.translated(List.of(), none, "g"))
                .extracting(Finding::severity)
                .containsExactly(Severity.OK);
    }

    @Test
    void servicesThatWouldTakeTheValuesBackAreNamed() {
        String wanted = "/etc/systemd/system/multi-user.target.wants/";
        host.link(wanted + "ksmtuned.service", "nowhere").file("/etc/tuned/active_profile", "virtual-host");
        assertThat(only("persistence"))
                .extracting(Finding::subject, Finding::severity)
                .containsExactly("ksmtuned.service", Severity.WARNING);
        host.link(wanted + "tuned.service", "nowhere").configured(config -> config.set(BridgeOptions.HOST_KSM, "on"));
        assertThat(only("persistence"))
                .extracting(Finding::subject, Finding::severity)
                .containsExactly("TuneD profile virtual-host", Severity.NOTE);
    }
}
