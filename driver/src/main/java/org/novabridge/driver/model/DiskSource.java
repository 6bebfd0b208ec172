package org.novabridge.driver.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the blocks of a disk are, in libvirt's three kinds ({@code <disk type=…>}). */
public sealed interface DiskSource {

    /** libvirt's source type, which is also the key of {@code disk_cachemodes}. */
    String type();

    /** Its path, or the name by which its server knows it; empty as long as nobody knows where it is. */
    default Optional<String> place() {
        return Optional.empty();
    }

    /** A file on a file system of this host. */
    record FileSource(Path path) implements DiskSource {
        @Override
        public String type() {
            return "file";
        }

        @Override
        public Optional<String> place() {
            return Optional.of(path.toString());
        }
    }

    /** A block device node of this host: a logical volume or a connected volume. */
    record BlockSource(Path device) implements DiskSource {
        @Override
        public String type() {
            return "block";
        }

        @Override
        public Optional<String> place() {
            return Optional.of(device.toString());
        }
    }

    /**
     * A network disk that QEMU opens itself.
     *
     * @param name {@code pool/image} for rbd
     */
    record NetworkSource(
            String protocol,
            String name,
            List<HostPort> hosts,
            @Nullable Map<String, String> auth) implements DiskSource {
        public NetworkSource {
            hosts = List.copyOf(hosts);
        }

        @Override
        public String type() {
            return "network";
        }

        @Override
        public Optional<String> place() {
            return Optional.of(name);
        }
    }

    /**
     * A volume that nobody has connected to this host yet: it has a name and a bus, and no blocks.
     *
     * @param type of the source that it will be
     */
    record NotConnected(String type) implements DiskSource {}

    /** One server of a network disk; the port may be absent. */
    record HostPort(String host, @Nullable String port) {}
}
