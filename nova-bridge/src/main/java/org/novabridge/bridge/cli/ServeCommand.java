package org.novabridge.bridge.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.novabridge.bridge.rest.BridgeApplication;
import org.novabridge.bridge.rest.BridgeControl;
import org.novabridge.bridge.rest.BridgeServer;
import org.novabridge.bridge.rest.DriverControl;
import org.novabridge.bridge.rest.PeerRoles;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.compute.ComputeDriver;
import org.novabridge.driver.compute.ConfigHolder;
import org.novabridge.driver.host.SystemdNotifier;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.InstanceSpecReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code serve}: the bridge itself. Everything that can be refused is refused before the socket is
 * there: bad configuration, storage that cannot be served, what QEMU's user lacks, a state path in
 * use; and what a crash left is settled before the first request.
 */
@Command(
        name = "serve",
        header = "Run the bridge: listen on the UNIX socket and run the guests.",
        description = {
            "",
            "Reads the configuration and refuses to start (exit 3) when it has errors, when images_type is rbd"
                    + " (which can only be rendered and explained yet), when another bridge uses the state_path,"
                    + " or when QEMU's user could not reach its disks. Settles what a crash left, then prints"
                    + " one line: listening on SOCKET. SIGHUP reads the configuration again; SIGTERM stops"
                    + " the bridge, and running guests go on.",
        })
final class ServeCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    @Mixin
    private final ConfigFiles files = new ConfigFiles();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        if (files.places().isEmpty()) {
            throw CommandFailure.usage(
                    "no configuration: neither given nor in the places where nova-compute looks",
                    "give --config-file",
                    null);
        }
        try (Reloads reloads = new Reloads()) {
            Signals.onReload(() -> {
                var unused = reloads.order();
            });
            serve(reloads);
        }
    }

    private void serve(Reloads reloads) {
        SystemdNotifier systemd = new SystemdNotifier(Optional.ofNullable(NovaBridge.environment("NOTIFY_SOCKET")));
        ConfigHolder config = ConfigHolder.load(files.source());
        config.loaded().problems().warnings().forEach(problem -> LOG.warn("{}", problem.oneLine()));
        ConfigSnapshot today = config.snapshot();
        CountDownLatch stop = new CountDownLatch(1);
        Signals.onStop(stop::countDown);
        systemd.status("settling what the last run left");
        BridgeApplication application = new BridgeApplication(InstanceSpecReader::read);
        FutureTask<BridgeServer> http = beside(() -> new BridgeServer(
                Path.of(today.get(BridgeOptions.SOCKET)),
                today.get(BridgeOptions.SOCKET_GROUP),
                PeerRoles.standard(),
                application));
        try (ComputeDriver driver = ComputeDriver.open(config, Clock.systemUTC());
                application) {
            BridgeControl control = new DriverControl(config, driver);
            application.answerFrom(driver.instances(), driver.transfers(), driver.events(), control);
            try (BridgeServer server = made(http)) {
                server.start();
                String listening = "listening on " + server.socket();
                systemd.ready(listening);
                reloads.by(() -> reload(control, systemd, listening));
                LOG.info("{}", listening);
                spec.commandLine().getOut().println(listening);
                spec.commandLine().getOut().flush();
                stop.await();
                LOG.info("stopping; running guests go on");
                systemd.stopping();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Jersey and Jetty take as long for themselves as the driver for libvirt and what the last run left. */
    private static FutureTask<BridgeServer> beside(Callable<BridgeServer> work) {
        FutureTask<BridgeServer> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "http-start");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private static BridgeServer made(FutureTask<BridgeServer> http) throws InterruptedException {
        try {
            return http.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BridgeException refused) {
                throw refused;
            }
            throw new IllegalStateException("the server could not be made", e.getCause());
        }
    }

    private static void reload(BridgeControl control, SystemdNotifier systemd, String listening) {
        systemd.reloading();
        try {
            BridgeControl.Reload reload = control.reload();
            reload.warnings().forEach(warning -> LOG.warn("{}", warning));
            LOG.info("configuration read again; changed: {}", reload.changed());
            if (!reload.needRestart().isEmpty()) {
                LOG.warn("these act after a restart of the bridge only: {}", reload.needRestart());
            }
        } catch (BridgeException e) {
            LOG.error("the configuration was not taken, the old one stays: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the configuration was not taken, the old one stays", e);
        } finally {
            systemd.ready(listening);
        }
    }
}
