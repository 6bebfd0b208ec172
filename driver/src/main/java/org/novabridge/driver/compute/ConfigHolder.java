package org.novabridge.driver.compute;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.conf.Problem;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Today's configuration. A reload swaps it whole: work that has begun keeps the snapshot it took.
 * Safe for use by many threads.
 */
public final class ConfigHolder {
    private final ConfigSource source;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile LoadedConfig loaded;

    private ConfigHolder(ConfigSource source, LoadedConfig loaded) {
        this.source = source;
        this.loaded = loaded;
    }

    /**
     * Reads the configuration for the first time.
     *
     * @throws BridgeException INVALID_CONFIGURATION with all errors
     */
    public static ConfigHolder load(ConfigSource source) {
        return new ConfigHolder(source, read(source));
    }

    /** The values of now. Take it once for a piece of work. */
    public ConfigSnapshot snapshot() {
        return loaded.snapshot();
    }

    /**
     * The values that the operation of this thread began with; outside of any, those of now. An operation in which
     * instances_path or the volume group changed half-way would make a disk in one place and undo it in another.
     */
    ConfigSnapshot inForce() {
        RunningOperation operation = RunningOperation.current();
        return operation == null ? snapshot() : operation.config(this::snapshot);
    }

    /** The last good reading, with its warnings and files. */
    public LoadedConfig loaded() {
        return loaded;
    }

    /**
     * Reads the same source again.
     *
     * @return the new reading, which is today's now
     * @throws BridgeException INVALID_CONFIGURATION with all errors; the old configuration stays
     */
    public synchronized LoadedConfig reload() {
        LoadedConfig next = read(source);
        Servable.check(next.snapshot());
        samePlace(loaded.snapshot(), next.snapshot());
        loaded = next;
        listeners.forEach(Runnable::run);
        return next;
    }

    /** The lock, the journal and the records lie in the state path of the start; the rest must not move away. */
    private static void samePlace(ConfigSnapshot before, ConfigSnapshot next) {
        String old = before.get(BridgeOptions.STATE_PATH);
        String path = next.get(BridgeOptions.STATE_PATH);
        if (!old.equals(path)) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    BridgeOptions.STATE_PATH.display() + " ("
                            + next.resolve(BridgeOptions.STATE_PATH).origin().describe() + ") is now " + path
                            + ", and the running bridge keeps its state in " + old,
                    "stop the bridge, move the folder, and start it again; or set the option back");
        }
    }

    /** Called after each swap. */
    void onSwap(Runnable listener) {
        listeners.add(listener);
    }

    private static LoadedConfig read(ConfigSource source) {
        LoadedConfig read = new ConfigLoader().load(source);
        if (read.problems().hasErrors()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    read.problems().errors().stream().map(Problem::oneLine).collect(Collectors.joining("\n")),
                    "correct the files, then try again; config check shows the same list");
        }
        return read;
    }
}
