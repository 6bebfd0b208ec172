package org.novabridge.driver.hypervisor;

import com.sun.jna.Pointer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Calls on the connection of the moment, each with its deadline; one that finds it lost says so. */
final class LibvirtSession implements AutoCloseable {
    private final ConnectionSupervisor supervisor;
    private final NativeCalls calls;

    LibvirtSession(ConnectionSupervisor supervisor, NativeCalls calls) {
        this.supervisor = supervisor;
        this.calls = calls;
    }

    /** {@link NativeCalls#query}. */
    <T> T query(String what, Function<Pointer, T> action) {
        supervisor.current();
        return calls.query(what, () -> inside(what, action));
    }

    /** {@link NativeCalls#probe}. */
    <T> T probe(String what, Function<Pointer, T> action) {
        supervisor.current();
        return calls.probe(what, () -> inside(what, action));
    }

    /** {@link NativeCalls#change}. */
    void change(String what, Consumer<Pointer> action) {
        supervisor.current();
        calls.change(
                what,
                () -> inside(what, connection -> {
                    action.accept(connection);
                    return true;
                }));
    }

    private <T> T inside(String what, Function<Pointer, T> action) {
        BridgeConnection connection = supervisor.current();
        if (!connection.acquire()) {
            throw new BridgeException(
                    ErrorCode.HYPERVISOR_UNAVAILABLE, what + " was not tried: the connection is being closed");
        }
        try {
            return action.apply(connection.pointer());
        } catch (HypervisorException e) {
            if (e.code() == ErrorCode.HYPERVISOR_UNAVAILABLE) {
                supervisor.lost(connection, String.valueOf(e.getMessage()));
            }
            throw e;
        } finally {
            connection.release();
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
