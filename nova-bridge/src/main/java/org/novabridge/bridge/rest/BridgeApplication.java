package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.ext.ContextResolver;
import java.util.List;
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

    private final Parts parts;

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

    public BridgeApplication(
            InstanceService instances,
            TransferService transfers,
            EventFeed events,
            BridgeControl control,
            SpecReader specs) {
        this(instances, transfers, new EventStreams(events), control, specs);
    }

    BridgeApplication(
            InstanceService instances,
            TransferService transfers,
            EventStreams streams,
            BridgeControl control,
            SpecReader specs) {
        Background background = new Background();
        Operations operations = instances.operations();
        parts = new Parts(
                instances,
                transfers,
                operations,
                control,
                specs,
                background,
                new OperationWaiters(operations, background),
                new OperationMetrics(operations),
                streams);
        RESOURCES.forEach(this::register);
        register(ProtocolFilter.class);
        register(ProblemMapper.class);
        register(JacksonFeature.withoutExceptionMappers());
        register(new MapperResolver());
        register(new BridgeBinder(parts));
        property(ServerProperties.WADL_FEATURE_DISABLE, true);
        property(CommonProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true);
        property(CommonProperties.METAINF_SERVICES_LOOKUP_DISABLE, true);
        property(ServerProperties.LOCATION_HEADER_RELATIVE_URI_RESOLUTION_DISABLED, true);
        property(ServerProperties.RESPONSE_SET_STATUS_OVER_SEND_ERROR, true);
    }

    /** Lets clients go that would stay for as long as there is a bridge. */
    void endStreams() {
        parts.streams().close();
    }

    @Override
    public void close() {
        endStreams();
        parts.metrics().close();
        parts.waiters().close();
        parts.background().close();
    }

    private static final class MapperResolver implements ContextResolver<ObjectMapper> {
        @Override
        public ObjectMapper getContext(Class<?> type) {
            return Json.mapper();
        }
    }
}
