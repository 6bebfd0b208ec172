package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.novabridge.driver.compute.HostResources;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.StorageSpace;
import org.novabridge.driver.storage.lvm.PoolForecast;

/** {@code /metrics}: numbers of this host for Prometheus. What cannot be asked is left out, and said to be missing. */
@Path("metrics")
@Produces(MetricsText.MEDIA_TYPE)
public final class MetricsResource {
    private final InstanceService instances;
    private final BridgeControl control;
    private final OperationMetrics operations;
    private final Background background;

    @Inject
    MetricsResource(
            InstanceService instances, BridgeControl control, OperationMetrics operations, Background background) {
        this.instances = instances;
        this.control = control;
        this.operations = operations;
        this.background = background;
    }

    @Described(
            value = "Operations, guests by state, space for disks, the thin pool, for Prometheus",
            answer = String.class)
    @GET
    public void metrics(@Suspended AsyncResponse response) {
        background.answer(response, this::text);
    }

    private String text() {
        MetricsText text = new MetricsText();
        String version = MetricsResource.class.getPackage().getImplementationVersion();
        text.family("nova_bridge_build_info", "gauge", "The bridge that answers")
                .sample(
                        1,
                        "version",
                        version == null ? "development" : version,
                        "protocol",
                        Integer.toString(ProtocolFilter.NEWEST),
                        "java",
                        Runtime.version().toString());
        text.family("process_start_time_seconds", "gauge", "When the bridge was started, since 1970")
                .sample(ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
        text.family("nova_bridge_heap_bytes", "gauge", "Heap of the bridge that is in use")
                .sample(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        operations.write(text);
        Map<String, Boolean> answered = new TreeMap<>();
        answered.put("guests", asked(text, this::guests));
        answered.put("storage", asked(text, this::storage));
        answered.put("thin-pool", asked(text, this::pools));
        text.family(
                "nova_bridge_answered",
                "gauge",
                "1 where the numbers above could be asked for, 0 where they are missing");
        answered.forEach((part, could) -> text.sample(could ? 1 : 0, "part", part));
        return text.toString();
    }

    private static boolean asked(MetricsText text, Consumer<MetricsText> part) {
        try {
            part.accept(text);
            return true;
        } catch (BridgeException away) {
            return false;
        }
    }

    private void guests(MetricsText text) {
        Map<String, Long> states = new TreeMap<>(Map.of("running", 0L, "shutdown", 0L));
        List<InstanceView> all = instances.list();
        all.forEach(one -> states.merge(one.state(), 1L, Long::sum));
        text.family("nova_bridge_guests", "gauge", "Guests of this host by their state");
        states.forEach((state, count) -> text.sample(count, "state", state));
        text.family("nova_bridge_guests_stalled", "gauge", "Guests that a full or failing disk has stopped")
                .sample(all.stream().filter(one -> one.stalled() != null).count());
    }

    private void storage(MetricsText text) {
        HostResources resources = control.resources();
        text.family("nova_bridge_storage_bytes", "gauge", "Places that guests' disks are made of");
        for (StorageSpace place : resources.storage()) {
            String kind = place.kind().word();
            text.sample(place.total(), "kind", kind, "name", place.name(), "what", "total")
                    .sample(place.used(), "kind", kind, "name", place.name(), "what", "used")
                    .sample(place.free(), "kind", kind, "name", place.name(), "what", "free");
            if (place.guests() != null) {
                text.sample(place.guests(), "kind", kind, "name", place.name(), "what", "guests");
            }
        }
    }

    /** As last seen; nobody is asked. */
    private void pools(MetricsText text) {
        List<PoolForecast> pools = control.pools();
        text.family("nova_bridge_thin_pool_bytes", "gauge", "Data and metadata of the thin pool, as last seen");
        for (PoolForecast pool : pools) {
            text.sample(pool.data().size(), "pool", pool.pool(), "part", "data", "what", "size")
                    .sample(pool.data().used(), "pool", pool.pool(), "part", "data", "what", "used")
                    .sample(pool.metadata().size(), "pool", pool.pool(), "part", "metadata", "what", "size")
                    .sample(pool.metadata().used(), "pool", pool.pool(), "part", "metadata", "what", "used");
        }
        text.family("nova_bridge_thin_pool_full_seconds", "gauge", "Until it is full, where it grows");
        for (PoolForecast pool : pools) {
            full(text, pool.pool(), "data", pool.data());
            full(text, pool.pool(), "metadata", pool.metadata());
        }
    }

    private static void full(MetricsText text, String pool, String name, PoolForecast.Part part) {
        if (part.secondsToFull() != null) {
            text.sample(part.secondsToFull(), "pool", pool, "part", name);
        }
    }
}
