package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * A host with guests of Nova's own libvirt driver switches over to a bridge on the same libvirtd, and back ({@code
 * shim/tests/switching_nova.py}).
 */
@Tag("nova")
class ShimSwitchOverTest extends ServedProgram {
    @TestFactory
    List<DynamicTest> aHostSwitchesOverWithItsGuests() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root for a mount namespace");
        assumeTrue(Files.isExecutable(PrivateLibvirtd.PROGRAM), "libvirtd is not installed (libvirt-daemon)");
        try (PrivateLibvirtd libvirtd = new PrivateLibvirtd(folder.resolve("d"))) {
            configure(libvirtd.uri(), "cpu_mode = none\nimages_type = qcow2\n[DEFAULT]\nshutdown_timeout = 1\n");
            libvirtd.start();
            int answer = 1;
            for (int i = 0; i < 60 && answer != 0; i++) {
                TimeUnit.MILLISECONDS.sleep(500);
                answer = exit("virsh", "-q", "-c", libvirtd.uri(), "list");
            }
            assertThat(answer).as("libvirtd answers").isZero();
            start();
            ShimRun run = ShimRun.of(folder, "switching", at("b.sock"), at("state"), libvirtd.uri(), at("instances"));
            return run.tests();
        }
    }
}
