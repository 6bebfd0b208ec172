package org.novabridge.driver.compute;

/**
 * Who asks, as the socket's peer credentials say (design 4.4).
 *
 * @param uid user id of the peer
 * @param name its login name, for the journal and the log
 */
public record Caller(Role role, long uid, String name) {
    /** The bridge itself, for what nobody asked for. */
    static final Caller BRIDGE = new Caller(Role.OPERATOR, 0, "nova-bridge");

    /** The two roles of design 4.4. */
    public enum Role {
        /** uid 0: trusted. */
        OPERATOR,
        /** The control plane: may run instances, must not become root. */
        NOVA;

        /** The owner that an instance made by this role has: {@code operator} or {@code nova}. */
        public InstanceOwner owner() {
            return this == NOVA ? InstanceOwner.NOVA : InstanceOwner.OPERATOR;
        }
    }
}
