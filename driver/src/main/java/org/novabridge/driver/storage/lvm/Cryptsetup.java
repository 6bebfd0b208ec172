package org.novabridge.driver.storage.lvm;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandFailedException.Reason;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskKey;

/**
 * The mappings of dm-crypt, {@code /dev/mapper/<logical volume>-dmcrypt} as in Nova
 * (nova/virt/libvirt/storage/dmcrypt.py 26.2.2), so that stock Nova finds an open one and closes it.
 *
 * <p>A key goes to cryptsetup's standard input and nowhere else. Its length is said beforehand: a cryptsetup that
 * outlives the bridge and reads an empty input must fail, and not open a plain volume with the hash of nothing. No
 * command is ever killed, since each makes and changes devices of device-mapper.
 */
final class Cryptsetup {
    private static final Path MAPPER = Path.of("/dev/mapper");

    /**
     * What cryptsetup 2.6 and older make of the text on their input, so what stock Nova's volumes have; said, since
     * newer ones have another default.
     */
    private static final String PLAIN_HASH = "ripemd160";

    /**
     * 64 MiB for each volume that is opened, and always as many rounds: cryptsetup's own choice is up to 1 GiB, measured
     * against the clock, and after a restart of the host a hundred guests are opened at once. The keys are random.
     */
    private static final List<String> KEY_DERIVATION =
            List.of("--pbkdf=argon2id", "--pbkdf-memory=65536", "--pbkdf-parallel=1", "--pbkdf-force-iterations=4");

    /** cryptsetup(8), RETURN CODES. */
    private static final int NO_PERMISSION = 2;

    private static final int WRONG_DEVICE = 4;
    private static final int BUSY = 5;

    /** udev and blkid open a device for moments after somebody else has closed it. */
    private static final int ATTEMPTS = 20;

    private static final long WAIT_MILLIS = 250;

    private final CommandExecutor executor;
    private final Duration alarmAfter;
    private final Predicate<Path> exists;
    private final DeviceHolders holders;

    Cryptsetup(CommandExecutor executor, Duration alarmAfter) {
        this(executor, alarmAfter, path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    }

    /** @param exists whether there is such a device; replaced in tests */
    Cryptsetup(CommandExecutor executor, Duration alarmAfter, Predicate<Path> exists) {
        this(executor, alarmAfter, exists, DeviceHolders.ofThisHost());
    }

    /** @param holders who has a mapping open; replaced in tests */
    Cryptsetup(CommandExecutor executor, Duration alarmAfter, Predicate<Path> exists, DeviceHolders holders) {
        this.executor = executor;
        this.alarmAfter = alarmAfter;
        this.exists = exists;
        this.holders = holders;
    }

    /** The device of the volume's mapping, open or not. */
    static Path device(String volume) {
        return MAPPER.resolve(LvmNames.mapping(volume));
    }

    /** Whether the volume has a mapping now. */
    boolean open(String volume) {
        return exists.test(device(volume));
    }

    /** Writes the header, for a format that has one. */
    void format(Path below, CryptFormat format, DiskKey key) {
        if (format.kind() == CryptFormat.Kind.LUKS2) {
            List<String> arguments = new ArrayList<>(List.of("--batch-mode", "luksFormat", "--type=luks2"));
            arguments.addAll(cipher(format));
            // A guest's disk has sectors of 512 bytes, whatever the devices of the group would like.
            arguments.add("--sector-size=512");
            arguments.addAll(KEY_DERIVATION);
            withKey(arguments, List.of(below.toString()), key, "cannot write the LUKS2 header of " + below);
        }
    }

    /**
     * Makes the mapping.
     *
     * @throws BridgeException DISK_KEY_REFUSED when the header says that the key is another one's; STORAGE_FAILED
     */
    void open(Path below, String volume, CryptFormat format, DiskKey key) {
        open(below, volume, format, key, List.of());
    }

    /** The same, so that nothing is ever written through the mapping; one that is there already is success. */
    void openToRead(Path below, String volume, CryptFormat format, DiskKey key) {
        if (!open(volume)) {
            open(below, volume, format, key, List.of("--readonly"));
        }
    }

    private void open(Path below, String volume, CryptFormat format, DiskKey key, List<String> how) {
        List<String> arguments = new ArrayList<>(List.of("--batch-mode", "open"));
        arguments.addAll(how);
        if (format.kind() == CryptFormat.Kind.LUKS2) {
            // The key of the volume stays out of root's keyring, where a resize would look for it.
            arguments.addAll(List.of("--type=luks2", "--disable-keyring"));
        } else {
            arguments.add("--type=plain");
            arguments.addAll(cipher(format));
            arguments.add("--hash=" + PLAIN_HASH);
        }
        withKey(
                arguments,
                List.of(below.toString(), LvmNames.mapping(volume)),
                key,
                "cannot open the encrypted volume " + below);
    }

    /**
     * Makes an open mapping as large as what is below it has become; its users go on, waiting for a moment.
     *
     * @param key for a mapping that somebody has opened by hand: it may have left its key in a keyring, where it is only
     *     found by who has it anyway. Ours have it in the mapping, and need none
     */
    void resize(String volume, Optional<DiskKey> key) {
        List<String> arguments = List.of("--batch-mode", "resize");
        String otherwise = "cannot grow " + device(volume);
        if (key.isPresent()) {
            withKey(arguments, List.of(LvmNames.mapping(volume)), key.get(), otherwise);
            return;
        }
        try {
            executor.run(command(arguments).with(LvmNames.mapping(volume)));
        } catch (CommandFailedException e) {
            throw failed(otherwise, e);
        }
    }

    /**
     * Has the page cache of an open mapping written: what makes a picture of the volume below knows nothing of it.
     *
     * @throws BridgeException STORAGE_FAILED
     */
    void flush(String volume) {
        Path mapping = device(volume);
        try {
            executor.run(Command.of(Tool.SYNC, "--data", mapping.toString())
                    .withEffect(Effect.WRITES)
                    .withDeadline(alarmAfter));
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, "cannot write out " + mapping);
        }
    }

    /**
     * Forgets what this host has read of a volume below a mapping: while that is open its device stays in use, and what the
     * guest has written through the mapping since is not seen.
     */
    void forgetRead(Path below) {
        try {
            executor.run(Command.of(Tool.BLOCKDEV, "--flushbufs", below.toString())
                    .withEffect(Effect.WRITES)
                    .withDeadline(alarmAfter));
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, "cannot flush " + below);
        }
    }

    private static List<String> cipher(CryptFormat format) {
        return List.of("--cipher=" + format.cipher(), "--key-size=" + format.keyBits());
    }

    private void withKey(List<String> options, List<String> operands, DiskKey key, String otherwise) {
        byte[] passphrase = key.passphrase();
        try {
            Command command = command(options)
                    .with("--keyfile-size=" + passphrase.length, "--key-file=-")
                    .with(operands.toArray(String[]::new))
                    .withSecretStdin(passphrase);
            executor.run(command);
        } catch (CommandFailedException e) {
            if (e.reason() == Reason.EXIT && e.result().exitCode() == NO_PERMISSION) {
                throw new BridgeException(
                        ErrorCode.DISK_KEY_REFUSED,
                        otherwise + ": its header does not know this key",
                        "bring the key that the disk was made with",
                        e);
            }
            throw failed(otherwise, e);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    /**
     * Takes the mapping of a volume away; none is success.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED when somebody goes on holding it open
     */
    void close(String volume) {
        for (int attempt = 1; open(volume); attempt++) {
            try {
                executor.run(command(List.of("--batch-mode", "close", LvmNames.mapping(volume)))
                        .accepting(0, WRONG_DEVICE));
                return;
            } catch (CommandFailedException e) {
                boolean busy = e.reason() == Reason.EXIT && e.result().exitCode() == BUSY;
                if (!busy) {
                    throw failed("cannot close " + device(volume), e);
                }
                if (attempt >= ATTEMPTS) {
                    DeviceHolders.Found holder = holders.of(device(volume), LvmNames.mapping(volume));
                    throw new BridgeException(
                            ErrorCode.VOLUMES_NOT_REMOVED,
                            "the encrypted disk " + device(volume) + " is in use, so it was not closed" + holder.who(),
                            holder.remedy(),
                            e);
                }
                sleep();
            }
        }
    }

    private Command command(List<String> arguments) {
        return Command.of(Tool.CRYPTSETUP, arguments)
                .withEffect(Effect.MUST_FINISH)
                .withDeadline(alarmAfter);
    }

    private static BridgeException failed(String what, CommandFailedException e) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                what + ": " + e.getMessage(),
                e.reason() == Reason.NOT_STARTED
                        ? "install cryptsetup (package cryptsetup-bin)"
                        : "is the module dm-crypt there, and does the kernel know the cipher? cryptsetup benchmark",
                e);
    }

    private static void sleep() {
        try {
            Thread.sleep(WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "interrupted while closing an encrypted disk", null, e);
        }
    }
}
