package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The program as an operator runs it: {@code serve} as a process of its own, real libvirt and QEMU, the commands. */
@Tag("embed")
class ServeEmbedTest extends ServedProgram {

    @BeforeEach
    void configured() throws IOException {
        configureDisks("none", "qcow2");
    }

    @Test
    void aGuestGetsItsNewCacheModeByReloadAndHardRebootAndOutlivesTheBridge() throws Exception {
        start();
        assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                .as(err.toString())
                .isZero();
        assertThat(answer("instance", "list")).contains(UUID, "operator", "running");
        assertThat(answer("instance", "disks", UUID)).containsPattern("disk +root +vda +virtio +none ");
        assertThat(answer("instance", "explain", "--disk", "vda", "--attribute", "cache", UUID))
                .contains("CacheModeRule", "[libvirt]disk_cachemodes", "c.conf:");

        configureDisks("writeback", "qcow2");
        signal("HUP");
        eventually(() -> answer("instance", "show", UUID).contains("CONFIGURED"));
        assertThat(out.toString()).containsPattern("vda +cache +none +writeback");
        assertThat(answer("instance", "disks", UUID)).containsPattern("virtio +none ");
        assertThat(answer("instance", "explain", "--disk", "vda", "--attribute", "cache", UUID))
                .containsPattern("vda +cache +writeback +none +CacheModeRule");
        assertThat(run("instance", "reboot", "--hard", UUID)).as(err.toString()).isZero();
        assertThat(answer("instance", "disks", UUID)).containsPattern("virtio +writeback ");
        assertThat(answer("instance", "show", UUID)).contains("as the configuration wants them");

        configureDisks("nonsense", "no-such-type");
        signal("HUP");
        eventually(() -> log().contains("the configuration was not taken"));
        assertThat(answer("instance", "list")).contains("running");

        configureDisks("writeback", "qcow2");
        assertThat(serveAndExpectExit())
                .as("a second bridge on the same state path")
                .isEqualTo(3);
        assertThat(log()).contains("is in use by another bridge");

        signal("TERM");
        assertThat(process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process().exitValue()).isZero();
        assertThat(folder.resolve("b.sock")).doesNotExist();

        start();
        assertThat(answer("instance", "list")).as("the guest went on").contains(UUID, "running");
        assertThat(run("instance", "delete", UUID)).as(err.toString()).isZero();
        assertThat(answer("instance", "list")).isEqualTo("no instances\n");
        assertThat(run("instance", "show", UUID)).isEqualTo(1);
        assertThat(err.toString()).contains("there is no instance " + UUID, "remedy: ", "instance list");
        assertThat(folder.resolve("instances/" + UUID)).doesNotExist();
    }

    @Test
    void whatCannotBeServedIsRefused() throws Exception {
        configureDisks("none", "rbd");
        assertThat(serveAndExpectExit()).isEqualTo(3);
        assertThat(log()).contains("rbd");
        configureDisks("none", "no-such-type");
        assertThat(serveAndExpectExit()).isEqualTo(3);
        assertThat(log()).contains("c.conf:", "images_type");
        assertThat(folder.resolve("b.sock")).doesNotExist();
    }

    private void configureDisks(String cache, String imagesType) throws IOException {
        configureEmbedded("disk_cachemodes = file=" + cache + "\nimages_type = " + imagesType);
    }
}
