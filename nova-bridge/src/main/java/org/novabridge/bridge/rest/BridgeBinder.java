package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.util.function.Function;
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
    private final Supplier<BridgeApplication.Parts> parts;

    /** @param parts asked for each request, and for none before the bridge listens */
    BridgeBinder(Supplier<BridgeApplication.Parts> parts) {
        this.parts = parts;
    }

    @Override
    protected void configure() {
        part(BridgeApplication.Parts::instances, InstanceService.class);
        part(BridgeApplication.Parts::transfers, TransferService.class);
        part(BridgeApplication.Parts::operations, Operations.class);
        part(BridgeApplication.Parts::control, BridgeControl.class);
        part(BridgeApplication.Parts::specs, SpecReader.class);
        part(BridgeApplication.Parts::background, Background.class);
        part(BridgeApplication.Parts::metrics, OperationMetrics.class);
        part(BridgeApplication.Parts::waiters, OperationWaiters.class);
        part(BridgeApplication.Parts::streams, EventStreams.class);
        bind(InstanceActions.class).to(InstanceActions.class);
        bindFactory(CallerOfRequest.class).to(Caller.class).in(RequestScoped.class);
    }

    private <T> void part(Function<BridgeApplication.Parts, T> which, Class<T> type) {
        bindFactory(() -> which.apply(parts.get())).to(type);
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
