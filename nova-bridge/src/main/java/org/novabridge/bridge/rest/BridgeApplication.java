package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.ext.ContextResolver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.glassfish.jersey.CommonProperties;
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.novabridge.driver.compute.EventFeed;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.Operations;
import org.novabridge.driver.compute.TransferService;

/** The list of resources and the settings of Jersey: nothing is scanned for, nothing found by itself. */
public final class BridgeApplication extends ResourceConfig implements AutoCloseable {
    static final List<Class<?>> RESOURCES = List.of(
            InstancesResource.class,
            OperationsResource.class,
            EventsResource.class,
            ConfigurationResource.class,
            TransfersResource.class,
            HostResource.class,
            ImagesResource.class,
            OutsideResource.class,
            HealthResource.class,
            MetricsResource.class,
            OpenApiResource.class);

    private final SpecReader specs;
    private final Background background = new Background();
    private final CompletableFuture<Parts> parts = new CompletableFuture<>();

    record Parts(
            InstanceService instances,
            TransferService transfers,
            Operations operations,
            BridgeControl control,
            SpecReader specs,
            Background background,
            OperationWaiters waiters,
            OperationMetrics metrics,
            EventStreams streams) {}

    /** Needs a call of {@code answerFrom} before the first request: what Jersey makes of the resources takes a while. */
    public BridgeApplication(SpecReader specs) {
        this.specs = specs;
        RESOURCES.forEach(this::register);
        register(ProtocolFilter.class);
        register(ProblemMapper.class);
        register(JacksonFeature.withoutExceptionMappers());
        register(new MapperResolver());
        register(new BridgeBinder(parts::join));
        property(ServerProperties.WADL_FEATURE_DISABLE, true);
        property(CommonProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true);
        property(CommonProperties.METAINF_SERVICES_LOOKUP_DISABLE, true);
        property(ServerProperties.LOCATION_HEADER_RELATIVE_URI_RESOLUTION_DISABLED, true);
        property(ServerProperties.RESPONSE_SET_STATUS_OVER_SEND_ERROR, true);
    }

    /** Says what the answers come from; once. */
    public void answerFrom(
            InstanceService instances, TransferService transfers, EventFeed events, BridgeControl control) {
        answerFrom(instances, transfers, new EventStreams(events), control);
    }

    void answerFrom(InstanceService instances, TransferService transfers, EventStreams streams, BridgeControl control) {
        Operations operations = instances.operations();
        parts.complete(new Parts(
                instances,
                transfers,
                operations,
                control,
                specs,
                background,
                new OperationWaiters(operations, background),
                new OperationMetrics(operations),
                streams));
    }

    /** Whether it can answer. */
    boolean complete() {
        return parts.isDone();
    }

    /** Lets clients go that would stay for as long as there is a bridge. */
    void endStreams() {
        if (complete()) {
            parts.join().streams().close();
        }
    }

    @Override
    public void close() {
        if (complete()) {
            Parts known = parts.join();
            known.streams().close();
            known.metrics().close();
            known.waiters().close();
        }
        background.close();
    }

    private static final class MapperResolver implements ContextResolver<ObjectMapper> {
        @Override
        public ObjectMapper getContext(Class<?> type) {
            return Json.mapper();
        }
    }
}
