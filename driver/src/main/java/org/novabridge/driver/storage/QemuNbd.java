package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner.Loan;

/**
 * Opens a qcow2 file as plain bytes: qemu-nbd understands it, confined as {@link QemuImg} is, and one connection of ours has
 * them. It ends when that is closed, and when the bridge dies: by the loss of the connection and by the kernel's signal. Its
 * socket lies in a folder of its user's within root's {@link WorkFolder}, and is gone as soon as we are connected.
 */
final class QemuNbd {
    private static final String PLACE = ".nbd";
    private static final String SOCKET = "nova-bridge-nbd";

    private final CommandExecutor executor;
    private final QemuImgSettings settings;
    private final Path instances;

    QemuNbd(CommandExecutor executor, QemuImgSettings settings, Path instances) {
        this.executor = executor;
        this.settings = settings;
        this.instances = instances;
    }

    /** @throws BridgeException NOT_SUPPORTED when the program is missing */
    static void demandProgram() {
        if (Tool.QEMU_NBD.find().isEmpty()) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "qcow2 disks travel by " + Tool.QEMU_NBD.program() + ", which is not installed",
                    "install qemu-utils");
        }
    }

    DiskBytes open(String instanceUuid, String diskName, QcowChain chain, boolean toWrite) throws IOException {
        try (WorkFolder work = WorkFolder.in(instances)) {
            clear(work, instanceUuid, diskName);
            Path place = work.at(instanceUuid + "." + diskName + PLACE);
            Files.createDirectory(
                    place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Integer uid = settings.privateUid();
            if (uid != null) {
                FileOwner.chown(place, uid, uid);
            }
            try {
                return served(place, chain, toWrite);
            } finally {
                clear(work, instanceUuid, diskName);
            }
        }
    }

    /** Takes away the socket that a crash may have left. */
    static void clear(WorkFolder work, String instanceUuid, String diskName) throws IOException {
        Path place = work.at(instanceUuid + "." + diskName + PLACE);
        Files.deleteIfExists(place.resolve(SOCKET));
        Files.deleteIfExists(place);
    }

    private DiskBytes served(Path place, QcowChain chain, boolean toWrite) throws IOException {
        // The name of the folder where it starts may be longer than that of a socket can be.
        Command command = Command.of(Tool.QEMU_NBD, "-k", "/proc/self/cwd/" + SOCKET)
                .with(toWrite ? new String[0] : new String[] {"--read-only"})
                .with("--image-opts", chain.options())
                .in(place)
                .withEffect(toWrite ? Effect.WRITES : Effect.READS)
                .confined(settings.forWork())
                .withDeadline(null);
        Loan loan = FileOwner.lend(chain.file(), settings.privateUid(), toWrite);
        Served served = null;
        try {
            NbdServer server = new NbdServer(executor, command, settings);
            served = new Served(server, server.connected(place.resolve(SOCKET)), loan);
        } finally {
            if (served == null) {
                loan.close();
            }
        }
        long size = served.connection().size();
        if (size != chain.size()) {
            IOException wrong = new IOException("qemu-nbd serves " + size + " bytes, and the disk has " + chain.size());
            try {
                served.close();
            } catch (IOException e) {
                wrong.addSuppressed(e);
            }
            throw wrong;
        }
        return served;
    }

    /** The connection and what ends with it. */
    private record Served(NbdServer server, NbdConnection connection, Loan loan) implements DiskBytes {
        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            return server.answer(() -> connection.read(into, at));
        }

        @Override
        public int write(ByteBuffer from, long at) throws IOException {
            return server.answer(() -> connection.write(from, at));
        }

        @Override
        public void flush() throws IOException {
            server.answer(() -> {
                connection.flush();
                return 0;
            });
        }

        @Override
        public void abandon() {
            server.abandon();
        }

        /** The file is closed and ours again: a guest may be started on it. */
        @Override
        public void close() throws IOException {
            try (loan) {
                try {
                    connection.close();
                } catch (IOException e) {
                    throw server.explained(e);
                }
                server.awaitEnd();
            }
        }
    }
}
