package org.novabridge.driver.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner.Loan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a qcow2 file as plain bytes: qemu-nbd understands it, confined as {@link QemuImg} is, and one connection of ours has
 * them. It ends when that is closed, and when the bridge dies: by the loss of the connection and by the kernel's signal. Its
 * socket lies in a folder of its user's within root's {@link WorkFolder}, and is gone as soon as we are connected.
 */
final class QemuNbd {
    private static final Logger LOG = LoggerFactory.getLogger(QemuNbd.class);
    private static final String PLACE = ".nbd";
    private static final String SOCKET = "nova-bridge-nbd";
    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

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
            Server server = new Server(executor, command, settings.timeout());
            served = new Served(server, server.connected(place.resolve(SOCKET)), loan);
            return served;
        } finally {
            if (served == null) {
                loan.close();
            }
        }
    }

    /** The program, on a thread of its own. */
    private static final class Server {
        private final AtomicBoolean unwanted = new AtomicBoolean();
        private final FutureTask<CommandResult> run;
        private final Duration patience;

        Server(CommandExecutor executor, Command command, Duration patience) {
            this.run = new FutureTask<>(() -> executor.run(command.withCancellation(unwanted::get)));
            this.patience = patience;
            Thread thread = new Thread(run, Tool.QEMU_NBD.program());
            thread.setDaemon(true);
            thread.start();
        }

        /** Waits until it listens; ends it when we do not get to it. */
        NbdConnection connected(Path socket) throws IOException {
            long until = System.nanoTime() + patience.toNanos();
            while (true) {
                boolean over = run.isDone();
                try {
                    return NbdConnection.to(socket);
                } catch (IOException e) {
                    if (over || e instanceof ClosedByInterruptException || System.nanoTime() > until) {
                        unwanted.set(true);
                        throw explained(e);
                    }
                    LockSupport.parkNanos(LOOK_NANOS);
                }
            }
        }

        /** Waits for its end, which comes by itself when nobody is connected. */
        void awaitEnd() throws IOException {
            try {
                ended();
            } catch (TimeoutException e) {
                unwanted.set(true);
                throw explained(new IOException("qemu-nbd does not end after its last connection", e));
            }
        }

        /** With what the program has said, when it has failed. */
        IOException explained(IOException seen) {
            try {
                ended();
            } catch (TimeoutException e) {
                LOG.warn("qemu-nbd still runs after: {}", seen.getMessage());
            } catch (IOException e) {
                e.addSuppressed(seen);
                return e;
            }
            return seen;
        }

        private void ended() throws IOException, TimeoutException {
            boolean interrupted = Thread.interrupted();
            try {
                while (true) {
                    try {
                        run.get(patience.toNanos(), TimeUnit.NANOSECONDS);
                        return;
                    } catch (InterruptedException e) {
                        interrupted = true;
                        unwanted.set(true);
                    }
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof CommandFailedException said) {
                    throw new IOException(said.getMessage(), said);
                }
                throw new IOException(e);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** The connection and what ends with it. */
    private record Served(Server server, NbdConnection connection, Loan loan) implements DiskBytes {
        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            try {
                return connection.read(into, at);
            } catch (EOFException e) {
                throw server.explained(e);
            }
        }

        @Override
        public int write(ByteBuffer from, long at) throws IOException {
            try {
                return connection.write(from, at);
            } catch (EOFException e) {
                throw server.explained(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                connection.flush();
            } catch (EOFException e) {
                throw server.explained(e);
            }
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
