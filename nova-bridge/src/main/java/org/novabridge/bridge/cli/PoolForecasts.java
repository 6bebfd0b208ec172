package org.novabridge.bridge.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.lvm.PoolForecast;

/** What the running bridge has seen of its thin pools; {@code vg status} works without one, and then says nothing of it. */
final class PoolForecasts {
    private static final String UNKNOWN = "-";

    private PoolForecasts() {}

    /** Empty when no bridge answers on the configured socket. */
    static List<PoolForecast> ofRunningBridge(ConfigSnapshot config) {
        Path socket = Path.of(config.get(BridgeOptions.SOCKET));
        if (!Files.exists(socket)) {
            return List.of();
        }
        try (BridgeClient bridge = new BridgeClient(socket)) {
            List<PoolForecast> forecasts = new ArrayList<>();
            for (JsonNode pool : bridge.get("/v1/host/pools").path("pools")) {
                forecasts.add(Json.mapper().treeToValue(pool, PoolForecast.class));
            }
            return forecasts;
        } catch (BridgeException | CommandFailure | JsonProcessingException e) {
            // A bridge that hangs, or an older one, must not hide what LVM itself says.
            return List.of();
        }
    }

    /** How fast data and metadata grow, as {@code 1.5 GiB, 12 KiB}. */
    static String growth(@Nullable PoolForecast forecast) {
        return forecast == null ? UNKNOWN : rate(forecast.data()) + ", " + rate(forecast.metadata());
    }

    private static String rate(PoolForecast.Part part) {
        Long rate = part.bytesPerHour();
        if (rate == null) {
            return UNKNOWN;
        }
        return (rate < 0 ? "-" : "") + VgCommand.Status.size(Math.abs(rate));
    }

    /** When data and metadata are full, whichever comes first. */
    static String fullIn(@Nullable PoolForecast forecast) {
        if (forecast == null || forecast.data().bytesPerHour() == null) {
            return UNKNOWN;
        }
        Long data = forecast.data().secondsToFull();
        Long metadata = forecast.metadata().secondsToFull();
        if (data == null && metadata == null) {
            return "does not grow";
        }
        boolean dataFirst = metadata == null || data != null && data <= metadata;
        Long first = dataFirst ? data : metadata;
        return time(first == null ? 0 : first) + (dataFirst ? " (data)" : " (metadata)");
    }

    /** Rounded down: days are what one plans with, minutes what one runs with. */
    static String time(long seconds) {
        Duration left = Duration.ofSeconds(seconds);
        if (left.toDays() > 999) {
            return "years";
        }
        if (left.toDays() > 2) {
            return left.toDays() + " days";
        }
        return left.toHours() > 2 ? left.toHours() + " hours" : left.toMinutes() + " minutes";
    }
}
