package org.novabridge.driver.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What QEMU's user needs before the first guest, looked up in libvirt's {@code qemu.conf} and in the
 * folders above everything a guest opens. libvirt tells these things one by one, as a guest that does
 * not start; this tells them at once, with the fix.
 *
 * <p>About owners, as seen on libvirt 9.0: with {@code dynamic_ownership = 1} (the default) libvirt
 * gives a disk and every file of its backing chain to the QEMU user when the guest starts, and gives the
 * disk, but not the shared backing files, back when it stops (the owner before is kept in an
 * extended attribute where the file system has trusted ones). So the bridge sets owners only on
 * disks of guests that do not run, and never on one that a running guest has open: QEMU would go on
 * with its open file, but the next open (block copy, snapshot, restart of the guest) would fail, and
 * libvirt's remembered owner would be wrong. A cached base image that has once been used belongs to
 * the QEMU user; who reads it as somebody else needs its mode, not its owner.
 *
 * <p>Private mount namespaces ({@code namespaces = ["mount"]}, libvirt's default) work under the
 * embedded driver as well when it runs as root; there is nothing to find about them.
 */
public final class QemuUserPreflight {

    /**
     * Something that will keep guests from starting, or make them start slowly.
     *
     * @param what the finding, with file and line where there is one
     * @param fix the exact command or line
     * @param stops guests would not start at all
     */
    public record Finding(String what, String fix, boolean stops) {}

    /**
     * What to look at.
     *
     * @param qemuConf {@code /etc/libvirt/qemu.conf}, or {@code etc/qemu.conf} of the embed root
     * @param embedded the driver runs inside this process: no virtlogd stands beside it
     * @param userOverride [nova_bridge]qemu_user, when the configuration names one
     * @param folders folders whose contents QEMU opens: instances_path, the embed root
     * @param nodes devices that QEMU opens read-write: {@code /dev/kvm}; one that does not exist is skipped
     * @param spareNodes devices that these guests do without, but that libvirt opens when it looks at QEMU:
     *     {@code /dev/kvm} with virt_type = qemu
     * @param root {@code /}, or a tree of a test: where {@code etc}, {@code sys} and {@code run} are looked up
     */
    public record Request(
            Path qemuConf,
            boolean embedded,
            Optional<String> userOverride,
            List<Path> folders,
            List<Path> nodes,
            List<Path> spareNodes,
            Path root) {
        public Request {
            spareNodes = List.copyOf(spareNodes);
            folders = List.copyOf(folders);
            nodes = List.copyOf(nodes);
        }
    }

    /** Debian's and Fedora's names for it, in the order tried when qemu.conf is silent. */
    private static final List<String> USUAL_USERS = List.of("libvirt-qemu", "qemu");

    private static final Set<String> NO = Set.of("0");

    private final Request request;
    private final List<Finding> findings = new ArrayList<>();

    private QemuUserPreflight(Request request) {
        this.request = request;
    }

    /** All findings; none means that nothing speaks against starting guests. */
    public static List<Finding> check(Request request) {
        QemuUserPreflight preflight = new QemuUserPreflight(request);
        try {
            preflight.run();
        } catch (IOException e) {
            preflight.add("the check itself failed: " + e.getMessage(), "run it as root");
        }
        return List.copyOf(preflight.findings);
    }

    private void run() throws IOException {
        QemuConf conf = read();
        checkOutput(conf);
        checkOwnership(conf);
        checkSecurityDriver(conf);
        UserDatabase users = UserDatabase.in(request.root().resolve("etc"));
        Optional<UserDatabase.User> qemu = user(conf, users);
        if (qemu.isPresent()) {
            checkFolders(qemu.get());
            checkNodes(qemu.get());
            checkSpareNodes(qemu.get());
        }
    }

    private QemuConf read() throws IOException {
        if (!Files.exists(request.qemuConf())) {
            return QemuConf.empty();
        }
        try {
            return QemuConf.parse(Files.readString(request.qemuConf(), StandardCharsets.UTF_8));
        } catch (QemuConf.SyntaxException e) {
            add(
                    request.qemuConf() + ", " + e.getMessage() + ": libvirt cannot read its configuration",
                    "correct that line");
            return QemuConf.empty();
        }
    }

    private void checkOutput(QemuConf conf) {
        String handler = conf.text("stdio_handler").orElse("logd");
        if (request.embedded() && !handler.equals("file")) {
            add(
                    where(conf, "stdio_handler") + "stdio_handler is \"" + handler
                            + "\", but no virtlogd runs beside the embedded driver, so guests with a console would"
                            + " not start",
                    "put this line into " + request.qemuConf() + ": stdio_handler = \"file\"");
        }
        Path socket = request.root().resolve("run/libvirt/virtlogd-sock");
        if (!request.embedded() && handler.equals("logd") && !Files.exists(socket)) {
            add(
                    "virtlogd, which writes the guests' consoles, does not listen on " + socket,
                    "systemctl enable --now virtlogd.socket");
        }
    }

    private void checkOwnership(QemuConf conf) {
        Optional<String> ownership = conf.text("dynamic_ownership");
        if (ownership.isPresent() && NO.contains(ownership.get())) {
            add(
                    where(conf, "dynamic_ownership")
                            + "dynamic_ownership is 0: disks stay root's and QEMU's user cannot open them",
                    "put this line into " + request.qemuConf() + ": dynamic_ownership = 1");
        }
    }

    private void checkSecurityDriver(QemuConf conf) throws IOException {
        Optional<QemuConf.Entry> entry = conf.find("security_driver");
        if (entry.isEmpty()) {
            return;
        }
        for (String driver : entry.get().values()) {
            boolean there = switch (driver.toLowerCase(Locale.ROOT)) {
                case "selinux" -> Files.exists(request.root().resolve("sys/fs/selinux/enforce"));
                case "apparmor" -> {
                    Path enabled = request.root().resolve("sys/module/apparmor/parameters/enabled");
                    yield Files.exists(enabled) && Files.readString(enabled).startsWith("Y");
                }
                default -> true;
            };
            if (!there) {
                add(
                        where(conf, "security_driver") + "security_driver asks for " + driver
                                + ", which this kernel does not run, so libvirt's QEMU driver will not start",
                        "remove it from security_driver in " + request.qemuConf());
            }
        }
    }

    private Optional<UserDatabase.User> user(QemuConf conf, UserDatabase users) {
        String user = request.userOverride().or(() -> conf.text("user")).orElseGet(() -> usual(users));
        String group = conf.text("group").orElse(users.hasGroup(user) ? user : "kvm");
        if (!users.hasUser(user)) {
            add(
                    where(conf, "user") + "QEMU's user " + user + " does not exist",
                    "apt-get install libvirt-daemon-system, or useradd --system --no-create-home --shell"
                            + " /usr/sbin/nologin " + user);
            return Optional.empty();
        }
        if (!users.hasGroup(group)) {
            add(where(conf, "group") + "QEMU's group " + group + " does not exist", "groupadd --system " + group);
            return Optional.empty();
        }
        return users.process(user, group);
    }

    /** The user that libvirt takes when qemu.conf does not say. */
    static String usual(UserDatabase users) {
        return USUAL_USERS.stream().filter(users::hasUser).findFirst().orElse(USUAL_USERS.get(0));
    }

    private void checkFolders(UserDatabase.User qemu) throws IOException {
        List<Path> told = new ArrayList<>();
        for (Path folder : request.folders()) {
            Optional<Path> closed = AccessCheck.firstClosedFolder(folder, qemu);
            if (closed.isPresent() && !told.contains(closed.get())) {
                told.add(closed.get());
                add(
                        "QEMU's user " + qemu.name() + " may not search " + closed.get() + ", so it cannot reach "
                                + folder,
                        "setfacl -m u:" + qemu.name() + ":x " + closed.get() + ", or chmod o+x " + closed.get()
                                + ", or move " + folder + " elsewhere");
            }
        }
    }

    private void checkNodes(UserDatabase.User qemu) throws IOException {
        for (Path node : request.nodes()) {
            if (Files.exists(node) && !AccessCheck.allowed(node, qemu, AccessCheck.READ | AccessCheck.WRITE)) {
                add("QEMU's user " + qemu.name() + " may not read and write " + node, nodeFix(node, qemu));
            }
        }
    }

    /**
     * Seen on libvirt 9.0: while a node works for root and QEMU's user cannot open it, libvirt believes nothing that it
     * remembers of a QEMU, and starts one anew to ask it, at each definition.
     */
    private void checkSpareNodes(UserDatabase.User qemu) throws IOException {
        for (Path node : request.spareNodes()) {
            if (Files.exists(node) && !AccessCheck.allowed(node, qemu, AccessCheck.READ | AccessCheck.WRITE)) {
                findings.add(new Finding(
                        "QEMU's user " + qemu.name() + " may not read and write " + node + ": guests do without it, but"
                                + " libvirt then asks QEMU anew at each definition, which takes seconds",
                        nodeFix(node, qemu) + ", or hide the node from this service",
                        false));
            }
        }
    }

    private String nodeFix(Path node, UserDatabase.User qemu) {
        return "usermod -aG $(stat -c %G " + node + ") " + qemu.name() + ", or set group in " + request.qemuConf()
                + " to the node's group";
    }

    private String where(QemuConf conf, String key) {
        return conf.find(key)
                .map(entry -> request.qemuConf() + ":" + entry.line() + ": ")
                .orElse("");
    }

    private void add(String what, String fix) {
        findings.add(new Finding(what, fix, true));
    }
}
