package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Request;
import org.glassfish.jersey.inject.hk2.AbstractBinder;
import org.glassfish.jersey.process.internal.RequestScoped;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.Operations;
import org.novabridge.driver.compute.TransferService;

/** What the resources are given; the only class that knows HK2. */
final class BridgeBinder extends AbstractBinder {
    private final BridgeApplication.Parts parts;

    BridgeBinder(BridgeApplication.Parts parts) {
        this.parts = parts;
    }

    @Override
    protected void configure() {
        bind(parts.instances()).to(InstanceService.class);
        bind(parts.transfers()).to(TransferService.class);
        bind(parts.operations()).to(Operations.class);
        bind(parts.control()).to(BridgeControl.class);
        bind(parts.specs()).to(SpecReader.class);
        bind(parts.background()).to(Background.class);
        bind(parts.metrics()).to(OperationMetrics.class);
        bind(parts.waiters()).to(OperationWaiters.class);
        bind(parts.streams()).to(EventStreams.class);
        bind(InstanceActions.class).to(InstanceActions.class);
        bindFactory(CallerOfRequest.class).to(Caller.class).in(RequestScoped.class);
    }

    /** Takes the caller from the connection, where the server put it before anything was parsed. */
    static final class CallerOfRequest implements Supplier<Caller> {
        private final Provider<Request> request;

        @Inject
        CallerOfRequest(Provider<Request> request) {
            this.request = request;
        }

        @Override
        public Caller get() {
            Object caller = request.get().getConnectionMetaData().getAttribute(PeerConnectionFactory.CALLER);
            if (caller instanceof Caller known) {
                return known;
            }
            throw new IllegalStateException("a request reached a resource without a caller");
        }
    }
}
