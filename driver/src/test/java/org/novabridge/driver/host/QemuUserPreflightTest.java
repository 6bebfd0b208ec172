package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.host.QemuUserPreflight.Finding;
import org.novabridge.driver.host.QemuUserPreflight.Request;

class QemuUserPreflightTest {
    @TempDir
    Path root;

    private Path instances = Path.of("/");
    private Path conf = Path.of("/");

    @BeforeEach
    void aHostWhereAllIsWell() throws IOException {
        mode(root, "rwxr-xr-x");
        Files.createDirectories(root.resolve("etc/libvirt"));
        Files.writeString(
                root.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nlibvirt-qemu:x:64055:107::/var/lib/libvirt:/usr/sbin/nologin\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nkvm:x:107:\nlibvirt-qemu:x:64055:libvirt-qemu\n");
        Files.createDirectories(root.resolve("run/libvirt"));
        Files.createFile(root.resolve("run/libvirt/virtlogd-sock"));
        instances = Files.createDirectories(root.resolve("var/lib/nova/instances"));
        for (String each : List.of("var", "var/lib", "var/lib/nova", "var/lib/nova/instances")) {
            mode(root.resolve(each), "rwxr-xr-x");
        }
        conf = root.resolve("etc/libvirt/qemu.conf");
        Files.writeString(conf, "user = \"libvirt-qemu\"\ngroup = \"kvm\"\n");
    }

    @Test
    void aGoodHostHasNoFindings() {
        assertThat(check(false)).isEmpty();
    }

    @Test
    void aMissingConfigurationMeansLibvirtsDefaults() throws IOException {
        Files.delete(conf);
        assertThat(check(false)).isEmpty();
        assertThat(check(true))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("stdio_handler is \"logd\""));
    }

    @Test
    void aClosedFolderOnTheWayIsNamedWithTheCommand() throws IOException {
        mode(root.resolve("var/lib/nova"), "rwxr-x---");
        assertThat(check(false)).singleElement().satisfies(finding -> {
            assertThat(finding.what()).contains("may not search " + real(root.resolve("var/lib/nova")));
            assertThat(finding.fix()).contains("setfacl -m u:libvirt-qemu:x " + real(root.resolve("var/lib/nova")));
        });
    }

    @Test
    void anInstancesPathThatIsNotThereYetIsCheckedAsFarAsItExists() throws IOException {
        Files.delete(instances);
        assertThat(check(false)).isEmpty();
        mode(root.resolve("var/lib/nova"), "rwx------");
        assertThat(check(false)).hasSize(1);
    }

    @Test
    void theEmbeddedDriverNeedsFileOutput() throws IOException {
        Files.writeString(conf, "stdio_handler = \"logd\"\n");
        assertThat(check(true)).singleElement().satisfies(finding -> {
            assertThat(finding.what()).startsWith(conf + ":1: ");
            assertThat(finding.fix()).endsWith("stdio_handler = \"file\"");
        });
        Files.writeString(conf, "stdio_handler = \"file\"\n");
        assertThat(check(true)).isEmpty();
    }

    @Test
    void withoutVirtlogdTheUsualOutputDoesNotWork() throws IOException {
        Files.delete(root.resolve("run/libvirt/virtlogd-sock"));
        assertThat(check(false))
                .containsExactly(new Finding(
                        "virtlogd, which writes the guests' consoles, does not listen on "
                                + root.resolve("run/libvirt/virtlogd-sock"),
                        "systemctl enable --now virtlogd.socket",
                        true));
        Files.writeString(conf, "stdio_handler = \"file\"\n");
        assertThat(check(false)).isEmpty();
    }

    @Test
    void allFindingsComeAtOnce() throws IOException {
        mode(root.resolve("var/lib/nova"), "rwx------");
        Files.writeString(
                conf,
                "dynamic_ownership = 0\nsecurity_driver = [ \"selinux\", \"apparmor\" ]\nuser = \"libvirt-qemu\"\n");
        assertThat(check(false))
                .extracting(Finding::what)
                .satisfiesExactly(
                        what -> assertThat(what).startsWith(conf + ":1: dynamic_ownership is 0"),
                        what -> assertThat(what).startsWith(conf + ":2: ").contains("selinux"),
                        what -> assertThat(what).startsWith(conf + ":2: ").contains("apparmor"),
                        what -> assertThat(what).contains("may not search"));
    }

    @Test
    void aSecurityDriverThatTheKernelRunsIsFine() throws IOException {
        Path enabled = root.resolve("sys/module/apparmor/parameters/enabled");
        Files.createDirectories(enabled.getParent());
        Files.writeString(enabled, "Y\n");
        Files.writeString(conf, "security_driver = \"apparmor\"\n");
        assertThat(check(false)).isEmpty();
    }

    @Test
    void unknownUsersAndGroupsAreNamed() throws IOException {
        Files.writeString(conf, "user = \"nobody-here\"\n");
        assertThat(check(false)).singleElement().satisfies(finding -> {
            assertThat(finding.what()).isEqualTo(conf + ":1: QEMU's user nobody-here does not exist");
            assertThat(finding.fix()).contains("useradd");
        });
        Files.writeString(conf, "group = \"no-group\"\n");
        assertThat(check(false))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("group no-group does not exist"));
        Files.writeString(conf, "user = \"+0\"\ngroup = \"+0\"\n");
        mode(instances, "rwx------");
        assertThat(check(false)).as("root may everything").isEmpty();
    }

    @Test
    void aBrokenConfigurationIsNamedWithItsLine() throws IOException {
        Files.writeString(conf, "user = \"libvirt-qemu\"\ngroup = kvm\n");
        assertThat(check(false))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("line 2: a quoted text"));
    }

    @Test
    void aNodeThatQemuMayNotOpenIsNamed() throws IOException {
        Path node = Files.createFile(root.resolve("node"));
        mode(node, "rw-------");
        assertThat(QemuUserPreflight.check(new Request(
                        conf,
                        false,
                        Optional.empty(),
                        List.of(instances),
                        List.of(node, root.resolve("none")),
                        List.of(),
                        root)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("may not read and write " + node));
    }

    @Test
    void aNodeThatGuestsDoWithoutSlowsThemDownAndStopsNothing() throws IOException {
        Path node = Files.createFile(root.resolve("node"));
        mode(node, "rw-------");
        Request request = new Request(
                conf,
                false,
                Optional.empty(),
                List.of(instances),
                List.of(),
                List.of(node, root.resolve("none")),
                root);
        assertThat(QemuUserPreflight.check(request)).singleElement().satisfies(finding -> {
            assertThat(finding.stops()).isFalse();
            assertThat(finding.what()).contains("may not read and write " + node, "at each definition");
            assertThat(finding.fix()).startsWith("usermod -aG $(stat -c %G " + node + ") libvirt-qemu");
        });
        mode(node, "rw-rw-rw-");
        assertThat(QemuUserPreflight.check(request)).isEmpty();
    }

    private List<Finding> check(boolean embedded) {
        return QemuUserPreflight.check(
                new Request(conf, embedded, Optional.empty(), List.of(instances), List.of(), List.of(), root));
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
