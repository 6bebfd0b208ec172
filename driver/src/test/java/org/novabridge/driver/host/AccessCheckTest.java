package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessCheckTest {
    private static final UserDatabase.User QEMU = new UserDatabase.User("qemu", 64055, Set.of(107, 64055));

    @Test
    void theFirstFittingClassDecidesAndNoLaterOne(@TempDir Path folder) throws Exception {
        Map<String, Object> attributes = Files.readAttributes(folder, "unix:uid,gid");
        int uid = (Integer) Objects.requireNonNull(attributes.get("uid"));
        int gid = (Integer) Objects.requireNonNull(attributes.get("gid"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rw-r----x"));

        if (uid != 0) {
            assertThat(AccessCheck.allowed(folder, new UserDatabase.User("me", uid, Set.of(gid)), AccessCheck.SEARCH))
                    .as("owner without x, though others have it")
                    .isFalse();
        }
        assertThat(AccessCheck.allowed(folder, new UserDatabase.User("g", 54321, Set.of(gid)), AccessCheck.SEARCH))
                .as("group without x, though others have it")
                .isFalse();
        assertThat(AccessCheck.allowed(folder, new UserDatabase.User("o", 54321, Set.of(54321)), AccessCheck.SEARCH))
                .isTrue();
        assertThat(AccessCheck.allowed(folder, new UserDatabase.User("o", 54321, Set.of(54321)), AccessCheck.READ))
                .isFalse();
        assertThat(AccessCheck.allowed(folder, new UserDatabase.User("root", 0, Set.of(0)), AccessCheck.WRITE))
                .isTrue();
    }

    /** Entries as tag/bits/id: 2 a user, 4 the owning group, 8 a group, 16 the mask, 32 others. */
    @ParameterizedTest
    @CsvSource({
        "'2/1/64055 16/7/-1 32/0/-1', 5, true",
        "'2/1/64055 16/0/-1 32/7/-1', 5, false",
        "'2/1/1 16/7/-1 32/0/-1', 5, false",
        "'8/1/107 16/7/-1 32/0/-1', 5, true",
        "'8/0/107 8/1/64055 16/7/-1 32/0/-1', 5, true",
        "'8/0/107 16/7/-1 32/1/-1', 5, false",
        "'4/1/-1 16/7/-1 32/0/-1', 107, true",
        "'4/1/-1 16/7/-1 32/0/-1', 5, false",
        "'4/7/-1 16/7/-1 32/1/-1', 5, true"
    })
    void accessListsAreReadAsTheKernelReadsThem(String entries, int owningGroup, boolean expected) {
        String[] all = entries.split(" ");
        ByteBuffer list = ByteBuffer.allocate(4 + 8 * all.length).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(2);
        for (String entry : all) {
            String[] parts = entry.split("/");
            list.putShort(Short.parseShort(parts[0])).putShort(Short.parseShort(parts[1]));
            list.putInt(Integer.parseInt(parts[2]));
        }
        assertThat(AccessCheck.byList(list, QEMU, owningGroup, AccessCheck.SEARCH))
                .isEqualTo(expected);
    }
}
