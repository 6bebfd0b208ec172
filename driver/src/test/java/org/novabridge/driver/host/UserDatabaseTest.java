package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who a process is that libvirt starts, as getgrouplist(3) says it. */
final class UserDatabaseTest {

    @TempDir
    private Path root = Path.of("/");

    @Test
    void aProcessHasItsOwnGroupTheUsersPrimaryOneAndThoseThatNameTheUser() throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(
                root.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:107::/:/bin/false\n");
        Files.writeString(
                root.resolve("etc/group"),
                "root:x:0:\nkvm:x:107:\nlibvirt-qemu:x:64055:libvirt-qemu\ndisk:x:6:\nvideo:x:44:other,libvirt-qemu\n");
        UserDatabase users = UserDatabase.in(root.resolve("etc"));
        // Debian's libvirt: the group is the user's namesake, and /dev/kvm belongs to the primary one.
        assertThat(users.process("libvirt-qemu", "libvirt-qemu"))
                .get()
                .extracting(UserDatabase.User::gids)
                .isEqualTo(Set.of(64055, 107, 44));
        assertThat(users.process("+64055", "disk"))
                .get()
                .extracting(UserDatabase.User::gids)
                .isEqualTo(Set.of(6, 107, 64055, 44));
        assertThat(users.process("nobody", "kvm")).isEmpty();
    }
}
