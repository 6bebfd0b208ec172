package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class HypervisorSiteTest {
    /** Not a @TempDir: the path of an embed root has to be short. */
    private Path root = Path.of("/");

    @BeforeEach
    void aHost() throws IOException {
        root = Files.createTempDirectory(Path.of("/tmp"), "nbs-");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "libvirt-qemu:x:64055:107::/:/bin/false\n");
        Files.writeString(root.resolve("etc/group"), "kvm:x:107:\n");
        Files.createDirectory(root.resolve("i"));
    }

    @AfterEach
    void remove() throws IOException {
        try (var all = Files.walk(root)) {
            for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Test
    void theSystemsLibvirtIsTheDefault() {
        HypervisorSite site = site(ConfigSnapshot.builder());
        assertThat(site.uri()).isEqualTo("qemu:///system");
        assertThat(site.embedRoot()).isEmpty();
        assertThat(site.qemuWritesConsoles()).isFalse();
    }

    @Test
    void anEmbeddedDriverIsPreparedSoThatTheCheckFindsNothing() {
        HypervisorSite site = site(embed());
        site.prepare();
        assertThat(site.embedRoot()).contains(root.resolve("e"));
        assertThat(root.resolve("e/etc/qemu.conf")).content().contains("user = \"libvirt-qemu\"", "group = \"kvm\"");
        assertThat(site.check()).isEmpty();
        assertThat(site.qemuWritesConsoles()).isTrue();
        assertThatCode(site::demand).doesNotThrowAnyException();
    }

    @Test
    void findingsStopTheStartUnlessTheOperatorKnowsBetter() throws IOException {
        Files.setPosixFilePermissions(root.resolve("i"), PosixFilePermissions.fromString("rwx------"));
        HypervisorSite site = site(embed());
        site.prepare();
        assertThatThrownBy(site::demand).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
            assertThat(e).hasMessageContaining("may not search " + root.resolve("i"));
            assertThat(e.remedy()).contains("setfacl").contains("[nova_bridge]qemu_user_check = false");
        });
        assertThatCode(site(embed().set(BridgeOptions.QEMU_USER_CHECK, false))::demand)
                .doesNotThrowAnyException();
    }

    @Test
    void otherDriversHaveNothingToCheck() {
        assertThat(site(ConfigSnapshot.builder().set(LibvirtOptions.CONNECTION_URI, "test:///default"))
                        .check())
                .isEmpty();
    }

    @Test
    void anEmbedUriWithoutARootIsNamed() {
        assertThatThrownBy(() -> site(ConfigSnapshot.builder().set(LibvirtOptions.CONNECTION_URI, "qemu:///embed?x=y"))
                        .embedRoot())
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("[libvirt]connection_uri");
    }

    private ConfigSnapshot.Builder embed() {
        return ConfigSnapshot.builder()
                .set(LibvirtOptions.CONNECTION_URI, "qemu:///embed?root=" + root.resolve("e"))
                .set(DefaultOptions.INSTANCES_PATH, root.resolve("i").toString());
    }

    private HypervisorSite site(ConfigSnapshot.Builder config) {
        return HypervisorSite.of(config.build(), root);
    }
}
