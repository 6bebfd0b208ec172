package org.novabridge.driver.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Users and groups of the local files {@code passwd} and {@code group}. Accounts of a directory
 * service are not seen; the QEMU user is a system account of the package.
 */
public final class UserDatabase {
    /** Somebody with the groups that initgroups would give. */
    public record User(String name, int uid, Set<Integer> gids) {
        public User {
            gids = Set.copyOf(gids);
        }
    }

    /** A user with the group of its own. */
    public record Login(int uid, int gid) {}

    private final List<String[]> passwd;
    private final List<String[]> group;

    private UserDatabase(List<String[]> passwd, List<String[]> group) {
        this.passwd = passwd;
        this.group = group;
    }

    /** The database in a folder, usually {@code /etc}. */
    public static UserDatabase in(Path etc) throws IOException {
        return new UserDatabase(lines(etc.resolve("passwd"), 4), lines(etc.resolve("group"), 3));
    }

    private static List<String[]> lines(Path file, int fields) throws IOException {
        List<String[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            String[] row = line.split(":", -1);
            if (row.length >= fields && row[2].matches("[0-9]{1,9}")) {
                rows.add(row);
            }
        }
        return rows;
    }

    /**
     * A process of this user whose own group is the named one, as libvirt starts QEMU: the user's primary group is
     * among its others (virGetGroupList of libvirt 9.0, src/util/virutil.c).
     *
     * @param userName a name, {@code +1000} or {@code 1000}
     * @param groupName a name, {@code +1000} or {@code 1000}
     * @return empty when either is unknown
     */
    public Optional<User> process(String userName, String groupName) {
        Optional<Integer> uid = id(passwd, userName);
        Optional<Integer> gid = id(group, groupName);
        if (uid.isEmpty() || gid.isEmpty()) {
            return Optional.empty();
        }
        Set<Integer> gids = new HashSet<>();
        gids.add(gid.get());
        String name = userName;
        for (String[] row : passwd) {
            if (Integer.parseInt(row[2]) == uid.get()) {
                name = row[0];
                id(group, row[3]).ifPresent(gids::add);
                break;
            }
        }
        for (String[] row : group) {
            if (row.length > 3 && List.of(row[3].split(",")).contains(name)) {
                gids.add(Integer.parseInt(row[2]));
            }
        }
        return Optional.of(new User(name, uid.get(), gids));
    }

    /** Who somebody is that logs in by this name; empty for a name that is unknown here. */
    public Optional<Login> login(String name) {
        return passwd.stream()
                .filter(row -> row[0].equals(name) && row[3].matches("[0-9]{1,9}"))
                .findFirst()
                .map(row -> new Login(Integer.parseInt(row[2]), Integer.parseInt(row[3])));
    }

    public boolean hasUser(String name) {
        return id(passwd, name).isPresent();
    }

    public boolean hasGroup(String name) {
        return id(group, name).isPresent();
    }

    private static Optional<Integer> id(List<String[]> rows, String name) {
        if (!name.startsWith("+")) {
            for (String[] row : rows) {
                if (row[0].equals(name)) {
                    return Optional.of(Integer.parseInt(row[2]));
                }
            }
        }
        String digits = name.startsWith("+") ? name.substring(1) : name;
        return digits.matches("[0-9]{1,9}") ? Optional.of(Integer.parseInt(digits)) : Optional.empty();
    }
}
