package org.novabridge.driver.model;

import java.util.Locale;
import java.util.Map;

/**
 * Passwords and keys inside Cinder's connection_info, by the keys under which drivers send them. The
 * one place that knows which names are secrets, for what is read and for what is written down.
 */
public final class ConnectionSecrets {
    private ConnectionSecrets() {}

    /** Removes them at any depth; a reference to a libvirt secret ({@code secret_uuid}) is none. */
    static void drop(Map<String, Object> connection) {
        connection.keySet().removeIf(ConnectionSecrets::secret);
        for (Object value : connection.values()) {
            dropIn(value);
        }
    }

    @SuppressWarnings("unchecked")
    private static void dropIn(Object value) {
        if (value instanceof Map<?, ?> map) {
            drop((Map<String, Object>) map);
        } else if (value instanceof Iterable<?> items) {
            items.forEach(ConnectionSecrets::dropIn);
        }
    }

    /** The value under this key is a secret. */
    public static boolean secret(String key) {
        String small = key.toLowerCase(Locale.ROOT);
        return small.contains("password")
                || small.contains("passphrase")
                || small.contains("keyring")
                || small.contains("credential")
                || small.contains("token")
                || small.endsWith("secret")
                || small.endsWith("_key")
                || small.equals("key");
    }
}
