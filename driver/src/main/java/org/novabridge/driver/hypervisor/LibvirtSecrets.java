package org.novabridge.driver.hypervisor;

import static org.novabridge.driver.hypervisor.LibvirtAnswers.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.xml.SecretXml;

/** libvirt's secrets of volumes: the parts of {@link Hypervisor} that hand over a key. */
final class LibvirtSecrets {
    /** VIR_ERR_NO_SECRET. */
    private static final int NO_SECRET = 66;

    private static final int UUID_BYTES = 37;

    private final NativeLibvirt libvirt;
    private final LibvirtSession session;

    LibvirtSecrets(NativeLibvirt libvirt, LibvirtSession session) {
        this.libvirt = libvirt;
        this.session = session;
    }

    boolean has(VolumeSecret secret) {
        String what = "looking for the secret of volume " + secret.volume();
        try {
            return session.query(what, connection -> with(byUuid(connection, secret, what), found -> true, false));
        } catch (HypervisorException e) {
            if (e.code() == ErrorCode.NOT_SUPPORTED) {
                return false;
            }
            throw e;
        }
    }

    void keep(VolumeSecret secret, byte[] value) {
        String what = "giving libvirt the key of volume " + secret.volume();
        try (Memory bytes = new Memory(value.length)) {
            bytes.write(0, value, 0, value.length);
            try {
                session.change(what, connection -> {
                    removeOthers(connection, secret, what);
                    with(define(connection, secret, what), defined -> set(defined, bytes, what), 0);
                });
            } catch (HypervisorException e) {
                throw e.code() == ErrorCode.NOT_SUPPORTED ? keepsNone(e) : e;
            } finally {
                bytes.clear();
            }
        }
    }

    private int set(Pointer secret, Memory value, String what) {
        return check(libvirt.quietly(() -> libvirt.secrets.virSecretSetValue(secret, value, value.size(), 0)), what);
    }

    private Pointer define(Pointer connection, VolumeSecret secret, String what) {
        Pointer defined = libvirt.secrets.virSecretDefineXML(connection, SecretXml.write(secret), 0);
        if (defined == null) {
            throw LibvirtErrors.last(what);
        }
        return defined;
    }

    /** Nova's own driver has one with another UUID for the volume of a guest that it made, and libvirt takes one alone. */
    private void removeOthers(Pointer connection, VolumeSecret secret, String what) {
        Pointer known =
                libvirt.secrets.virSecretLookupByUsage(connection, LibvirtSecretCalls.OF_VOLUME, secret.volume());
        with(
                present(known, what),
                found -> {
                    byte[] uuid = new byte[UUID_BYTES];
                    check(libvirt.secrets.virSecretGetUUIDString(found, uuid), what);
                    return new String(uuid, 0, UUID_BYTES - 1, StandardCharsets.US_ASCII).equals(secret.uuid())
                            ? 0
                            : check(libvirt.secrets.virSecretUndefine(found), what);
                },
                0);
    }

    void remove(VolumeSecret secret) {
        String what = "removing the secret of volume " + secret.volume();
        session.change(
                what,
                connection -> with(
                        byUuid(connection, secret, what),
                        found -> check(libvirt.secrets.virSecretUndefine(found), what),
                        0));
    }

    private @Nullable Pointer byUuid(Pointer connection, VolumeSecret secret, String what) {
        return present(libvirt.secrets.virSecretLookupByUUIDString(connection, secret.uuid()), what);
    }

    private static @Nullable Pointer present(@Nullable Pointer found, String what) {
        if (found == null) {
            HypervisorException failure = LibvirtErrors.last(what);
            if (failure.libvirtCode() != NO_SECRET) {
                throw failure;
            }
        }
        return found;
    }

    /** Looks at a secret and gives it back. */
    private <T> T with(@Nullable Pointer secret, Function<Pointer, T> look, T missing) {
        if (secret == null) {
            return missing;
        }
        try {
            return look.apply(secret);
        } finally {
            libvirt.secrets.virSecretFree(secret);
        }
    }

    private static BridgeException keepsNone(HypervisorException cause) {
        return new BridgeException(
                ErrorCode.NOT_SUPPORTED,
                "this libvirt keeps no secrets, so QEMU cannot decrypt volumes",
                "use a libvirt that runs in a daemon ([libvirt]connection_uri = qemu:///system)",
                cause);
    }
}
