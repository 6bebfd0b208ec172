package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.AtomicFile;

/**
 * The LVM metadata profile of our thin pools: a file in LVM's folder of profiles, one for each volume group, that tells
 * dmeventd when to grow them. Its first line says whose it is; a file without that line is never written over.
 */
final class PoolProfile {
    private static final String MARK = "# Made by nova-bridge vg init";
    private static final int LONGEST = 64 << 10;

    private final Path folder;
    private final String group;
    private final PoolGrowth growth;

    /** What lies where the profile belongs. */
    enum State {
        /** Nothing. */
        MISSING,
        /** What the options say. */
        AS_WANTED,
        /** Ours, with other numbers, or edited since. */
        CHANGED,
        /** Not ours. */
        FOREIGN
    }

    /** @param folder {@code config/profile_dir} of LVM */
    PoolProfile(Path folder, String group, PoolGrowth growth) {
        this.folder = folder;
        this.group = group;
        this.growth = growth;
    }

    /** As LVM knows it. */
    String name() {
        return "nova-bridge-" + group;
    }

    Path file() {
        return folder.resolve(name() + ".profile");
    }

    /** What it tells LVM, on one line. */
    String numbers() {
        return "thin_pool_autoextend_threshold=" + growth.threshold() + ", thin_pool_autoextend_percent="
                + growth.percent();
    }

    /** All that is in the file. */
    String text() {
        return MARK + ", for the thin pools of volume group " + group
                + """
            .
            # It says what images_lvm_autoextend_threshold and images_lvm_autoextend_percent in the [libvirt] section of
            # nova-compute.conf said then. Change them there, stop the bridge, and run: nova-bridge vg init
            activation {
            \tthin_pool_autoextend_threshold=%d
            \tthin_pool_autoextend_percent=%d
            }
            """.formatted(growth.threshold(), growth.percent());
    }

    /**
     * @throws BridgeException STORAGE_FAILED when it cannot be read
     */
    State state() {
        Optional<String> there = read();
        if (there.isEmpty()) {
            return State.MISSING;
        }
        if (there.get().equals(text())) {
            return State.AS_WANTED;
        }
        return there.get().startsWith(MARK) ? State.CHANGED : State.FOREIGN;
    }

    /** What is there, for {@link #putBack}; empty text for what is no plain file. */
    Optional<String> read() {
        try {
            PosixFileAttributes attributes =
                    Files.readAttributes(file(), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return Optional.of(
                    attributes.isRegularFile() && attributes.size() <= LONGEST
                            ? new String(Files.readAllBytes(file()), StandardCharsets.UTF_8)
                            : "");
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    /** Makes it say what is wanted; after a crash it is either wholly the old or wholly the new one. */
    void write() {
        write(text());
    }

    /** Undoes {@link #write}. */
    void putBack(Optional<String> before) {
        if (before.isPresent()) {
            write(before.get());
            return;
        }
        try {
            AtomicFile.remove(file());
        } catch (IOException e) {
            throw failed("remove", e);
        }
    }

    private void write(String text) {
        if (state() == State.FOREIGN) {
            throw new BridgeException(ErrorCode.VOLUME_GROUP_UNUSABLE, foreign(), foreignRemedy());
        }
        try {
            Files.createDirectories(folder);
            // LVM takes no file for a profile whose name does not end in .profile.
            AtomicFile.write(file(), text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
        } catch (IOException e) {
            throw failed("write", e);
        }
    }

    /** Why it is not written over. */
    String foreign() {
        return file() + " was not made by nova-bridge";
    }

    String foreignRemedy() {
        return "move it away, and take it off what uses it: lvs -o vg_name,lv_name,lv_profile";
    }

    private BridgeException failed(String verb, IOException cause) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "cannot " + verb + " " + file() + ": " + cause.getMessage(),
                "it is LVM's folder of profiles (lvmconfig --typeconfig full config/profile_dir)",
                cause);
    }
}
