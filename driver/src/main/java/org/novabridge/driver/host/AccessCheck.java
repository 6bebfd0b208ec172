package org.novabridge.driver.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a user may do with a path, by owner, mode and POSIX access list, as the kernel decides
 * (path_resolution(7), acl(5)). Labels of security modules are not looked at.
 */
final class AccessCheck {
    static final int READ = 4;
    static final int WRITE = 2;
    static final int SEARCH = 1;

    private static final int ACL_HEADER = 4;
    private static final int ACL_ENTRY = 8;
    private static final int TAG_USER_OBJ = 0x01;
    private static final int TAG_USER = 0x02;
    private static final int TAG_GROUP_OBJ = 0x04;
    private static final int TAG_GROUP = 0x08;
    private static final int TAG_MASK = 0x10;
    private static final int TAG_OTHER = 0x20;

    private AccessCheck() {}

    /** The first folder on the way to a path, links resolved, that the user may not search; empty when all is well. */
    static Optional<Path> firstClosedFolder(Path path, UserDatabase.User user) throws IOException {
        Path real = existing(path).toRealPath();
        List<Path> way = new ArrayList<>();
        for (Path each = Files.isDirectory(real) ? real : real.getParent(); each != null; each = each.getParent()) {
            way.add(0, each);
        }
        for (Path folder : way) {
            if (!allowed(folder, user, SEARCH)) {
                return Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    /** The path, or the nearest folder above that exists. */
    private static Path existing(Path path) {
        Path each = path.toAbsolutePath().normalize();
        while (!Files.exists(each) && each.getParent() != null) {
            each = each.getParent();
        }
        return each;
    }

    static boolean allowed(Path path, UserDatabase.User user, int wanted) throws IOException {
        if (user.uid() == 0) {
            return true;
        }
        Map<String, Object> attributes = Files.readAttributes(path, "unix:uid,gid,mode");
        int uid = number(attributes, "uid");
        int gid = number(attributes, "gid");
        int mode = number(attributes, "mode");
        if (user.uid() == uid) {
            return covers(mode >> 6, wanted);
        }
        Optional<ByteBuffer> list = accessList(path);
        if (list.isPresent()) {
            return byList(list.get(), user, gid, wanted);
        }
        if (user.gids().contains(gid)) {
            return covers(mode >> 3, wanted);
        }
        return covers(mode, wanted);
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) Objects.requireNonNull(attributes.get(name), name);
    }

    private static boolean covers(int bits, int wanted) {
        return (bits & wanted) == wanted;
    }

    private static Optional<ByteBuffer> accessList(Path path) {
        byte[] value = new byte[4096];
        try {
            int size = LinuxCalls.LIBC
                    .getxattr(path.toString(), "system.posix_acl_access", value, new NativeLong(value.length))
                    .intValue();
            return Optional.of(ByteBuffer.wrap(value, 0, size).order(ByteOrder.LITTLE_ENDIAN));
        } catch (LastErrorException e) {
            // ENODATA: none there; EOPNOTSUPP: the file system knows none. Then the mode alone decides.
            return Optional.empty();
        }
    }

    /** acl(5), "access check algorithm", without the owner's entry, which the caller has dealt with. */
    static boolean byList(ByteBuffer list, UserDatabase.User user, int owningGroup, int wanted) {
        int mask = 7;
        int other = 0;
        Optional<Integer> named = Optional.empty();
        List<Integer> groupBits = new ArrayList<>();
        for (int at = ACL_HEADER; at + ACL_ENTRY <= list.limit(); at += ACL_ENTRY) {
            int tag = Short.toUnsignedInt(list.getShort(at));
            int bits = Short.toUnsignedInt(list.getShort(at + 2));
            int id = list.getInt(at + 4);
            switch (tag) {
                case TAG_USER -> named = id == user.uid() ? Optional.of(bits) : named;
                case TAG_GROUP_OBJ -> {
                    if (user.gids().contains(owningGroup)) {
                        groupBits.add(bits);
                    }
                }
                case TAG_GROUP -> {
                    if (user.gids().contains(id)) {
                        groupBits.add(bits);
                    }
                }
                case TAG_MASK -> mask = bits;
                case TAG_OTHER -> other = bits;
                case TAG_USER_OBJ -> {}
                default -> {}
            }
        }
        if (named.isPresent()) {
            return covers(named.get() & mask, wanted);
        }
        if (!groupBits.isEmpty()) {
            int allowedBits = mask;
            return groupBits.stream().anyMatch(bits -> covers(bits & allowedBits, wanted));
        }
        return covers(other, wanted);
    }
}
