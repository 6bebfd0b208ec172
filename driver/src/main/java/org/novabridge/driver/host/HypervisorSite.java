package org.novabridge.driver.host;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.hypervisor.EmbedRoot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this host's libvirt is and what stands around it: its URI, the folder of an embedded driver,
 * its {@code qemu.conf}, and what its QEMU user needs. {@code serve} prepares and checks it before it
 * connects.
 */
public final class HypervisorSite {
    private static final Logger LOG = LoggerFactory.getLogger(HypervisorSite.class);
    private static final String EMBED = "qemu:///embed?";

    private final ConfigSnapshot config;
    private final String uri;
    private final Path root;

    private HypervisorSite(ConfigSnapshot config, Path root) {
        this.config = config;
        this.root = root;
        String written = config.find(LibvirtOptions.CONNECTION_URI).orElse("");
        // As nova/virt/libvirt/driver.py 26.2.2, _uri(): the default for virt_type kvm and qemu.
        this.uri = written.isEmpty() ? "qemu:///system" : written;
    }

    public static HypervisorSite of(ConfigSnapshot config) {
        return new HypervisorSite(config, Path.of("/"));
    }

    static HypervisorSite of(ConfigSnapshot config, Path root) {
        return new HypervisorSite(config, root);
    }

    /** {@code [libvirt]connection_uri}, or the default for the virt type. */
    public String uri() {
        return uri;
    }

    /** The folder of {@code qemu:///embed?root=…}; empty when the driver runs in a daemon. */
    public Optional<Path> embedRoot() {
        if (!uri.startsWith(EMBED)) {
            return Optional.empty();
        }
        for (String parameter : uri.substring(EMBED.length()).split("&", -1)) {
            if (parameter.startsWith("root=")) {
                return Optional.of(
                        Path.of(URLDecoder.decode(parameter.substring("root=".length()), StandardCharsets.UTF_8)));
            }
        }
        throw new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                LibvirtOptions.CONNECTION_URI.display() + " = " + uri + " names no root folder",
                "write qemu:///embed?root=/var/lib/nova-bridge/embed");
    }

    /**
     * Makes the folder of an embedded driver ready; does nothing for a daemon.
     *
     * @throws BridgeException INVALID_CONFIGURATION when the path will not do
     */
    public void prepare() {
        embedRoot().ifPresent(folder -> {
            UserDatabase users = users();
            String user = config.find(BridgeOptions.QEMU_USER).orElseGet(() -> QemuUserPreflight.usual(users));
            EmbedRoot.prepare(folder, user, users.hasGroup("kvm") ? "kvm" : user);
        });
    }

    /** What will keep guests from starting, or slow them down; always empty for URIs without QEMU and for hosts elsewhere. */
    public List<QemuUserPreflight.Finding> check() {
        if (!uri.equals("qemu:///system") && embedRoot().isEmpty()) {
            return List.of();
        }
        List<Path> folders = new ArrayList<>();
        folders.add(Path.of(config.get(DefaultOptions.INSTANCES_PATH)));
        embedRoot().ifPresent(folders::add);
        boolean kvm = config.get(LibvirtOptions.VIRT_TYPE).equals("kvm");
        Path node = root.resolve("dev/kvm");
        // A plain file over the node, as the tools of this house lay it, is no KVM for anybody.
        boolean spare = !kvm && !Files.isRegularFile(node);
        return QemuUserPreflight.check(new QemuUserPreflight.Request(
                qemuConf(),
                embedRoot().isPresent(),
                config.find(BridgeOptions.QEMU_USER),
                folders,
                kvm ? List.of(node) : List.of(),
                spare ? List.of(node) : List.of(),
                root));
    }

    /**
     * Refuses to go on when {@link #check} finds something that stops guests, unless the operator has switched the check off.
     *
     * @throws BridgeException INVALID_CONFIGURATION with every finding and every fix
     */
    public void demand() {
        if (!config.get(BridgeOptions.QEMU_USER_CHECK)) {
            return;
        }
        List<QemuUserPreflight.Finding> all = check();
        all.stream()
                .filter(finding -> !finding.stops())
                .forEach(finding -> LOG.warn("{}; fix: {}", finding.what(), finding.fix()));
        List<QemuUserPreflight.Finding> findings =
                all.stream().filter(QemuUserPreflight.Finding::stops).toList();
        if (!findings.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "guests would not start: "
                            + findings.stream()
                                    .map(QemuUserPreflight.Finding::what)
                                    .collect(Collectors.joining("; ")),
                    findings.stream().map(QemuUserPreflight.Finding::fix).collect(Collectors.joining("; "))
                            + " (or, if you know better, " + BridgeOptions.QEMU_USER_CHECK.display() + " = false)");
        }
    }

    /** True when QEMU writes console logs itself and {@link ConsoleLogCap} has to bound them. */
    public boolean qemuWritesConsoles() {
        try {
            return Files.exists(qemuConf())
                    && QemuConf.parse(Files.readString(qemuConf(), StandardCharsets.UTF_8))
                            .text("stdio_handler")
                            .filter("file"::equals)
                            .isPresent();
        } catch (IOException | QemuConf.SyntaxException e) {
            return false;
        }
    }

    private Path qemuConf() {
        return embedRoot()
                .map(folder -> folder.resolve("etc/qemu.conf"))
                .orElseGet(() -> root.resolve("etc/libvirt/qemu.conf"));
    }

    private UserDatabase users() {
        try {
            return UserDatabase.in(root.resolve("etc"));
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION, "users cannot be looked up: " + e.getMessage(), null, e);
        }
    }
}
