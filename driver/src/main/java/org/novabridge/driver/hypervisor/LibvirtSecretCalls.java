package org.novabridge.driver.hypervisor;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt-secret.h. Secrets returned as pointers are the caller's to free. */
interface LibvirtSecretCalls extends Library {
    /** VIR_SECRET_USAGE_TYPE_VOLUME. */
    int OF_VOLUME = 1;

    @Nullable
    Pointer virSecretLookupByUUIDString(Pointer connection, String uuid);

    @Nullable
    Pointer virSecretLookupByUsage(Pointer connection, int usageType, String usage);

    @Nullable
    Pointer virSecretDefineXML(Pointer connection, String xml, int flags);

    /** Fills a text of 37 bytes. */
    int virSecretGetUUIDString(Pointer secret, byte[] uuid);

    int virSecretSetValue(Pointer secret, Pointer value, long size, int flags);

    int virSecretUndefine(Pointer secret);

    int virSecretFree(Pointer secret);
}
