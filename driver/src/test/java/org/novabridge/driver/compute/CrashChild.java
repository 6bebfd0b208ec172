package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.Hypervisor;

/**
 * A bridge process of the crash run. It settles what the process before it left, says what is wrong
 * after that, and then spawns or destroys until it reaches its place, where it halts as by kill -9.
 *
 * <p>{@code ACTION FOLDER LIBVIRT_ROOT UUID PLACE}; PLACE 0 lives through and lists the places; ACTION
 * {@code settle} does nothing after settling.
 */
public final class CrashChild {
    private static final int KILLED = 137;

    private final Places places;
    private final EmbedBridge bridge;
    private final Path folder;
    private final String uuid;
    private final ComputeDriver driver;

    /** Counts places once armed, and halts at one of them. */
    private static final class Places implements CrashPoint {
        private final int at;
        private final List<String> reached = new ArrayList<>();
        private volatile boolean armed;

        Places(int at) {
            this.at = at;
        }

        @Override
        public void reach(String where) {
            if (!armed) {
                return;
            }
            synchronized (reached) {
                reached.add(where);
                if (reached.size() == at) {
                    System.out.println("halt at " + at + " " + where);
                    System.out.flush();
                    Runtime.getRuntime().halt(KILLED);
                }
            }
        }
    }

    private CrashChild(String folder, String libvirtRoot, String uuid, int at) {
        this.folder = Path.of(folder);
        this.bridge = new EmbedBridge(this.folder, Path.of(libvirtRoot));
        this.uuid = uuid;
        this.places = new Places(at);
        this.driver = ComputeDriver.open(
                bridge.load(),
                Clock.systemUTC(),
                new ComputeDriver.Wiring(
                        places, hypervisor -> new CrashingHypervisor(hypervisor, places), executor -> executor));
    }

    public static void main(String[] args) throws Exception {
        CrashChild child = new CrashChild(args[1], args[2], args[3], Integer.parseInt(args[4]));
        child.settled();
        switch (args[0]) {
            case "spawn" -> child.spawn();
            case "destroy" -> child.destroy();
            default -> System.out.println("settled");
        }
        child.driver.close();
        Runtime.getRuntime().halt(0);
    }

    private void spawn() throws Exception {
        removeBases();
        places.armed = true;
        Operation create =
                ended(driver.instances().create(OperationsTest.OPERATOR, bridge.spec(uuid), RequestKey.NONE));
        places.armed = false;
        lived(create);
        expect(create.state() == Operation.State.DONE, "create " + create);
        ended(driver.instances().delete(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
        nothingLeft("a delete without a crash");
    }

    private void destroy() throws Exception {
        Operation create =
                ended(driver.instances().create(OperationsTest.OPERATOR, bridge.spec(uuid), RequestKey.NONE));
        expect(create.state() == Operation.State.DONE, "create " + create);
        places.armed = true;
        Operation delete = ended(driver.instances().delete(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
        places.armed = false;
        lived(delete);
        expect(delete.state() == Operation.State.DONE, "delete " + delete);
        nothingLeft("a delete without a crash");
    }

    private void lived(Operation operation) {
        synchronized (places.reached) {
            AtomicInteger number = new AtomicInteger();
            places.reached.forEach(where -> System.out.println("place " + number.incrementAndGet() + " " + where));
        }
        System.out.println("lived " + operation.state());
    }

    /** The cache is filled anew each time, so that its steps are among the places. */
    private void removeBases() throws IOException {
        Path bases = bridge.instances().resolve("_base");
        if (Files.isDirectory(bases)) {
            Trees.delete(bases);
        }
        Trees.delete(bridge.state().resolve("images"));
    }

    private void settled() throws Exception {
        Instant end = Instant.now().plusSeconds(60);
        while (driver.operations().busy(uuid)) {
            expect(Instant.now().isBefore(end), "settlement took more than a minute");
            Thread.sleep(20);
        }
        List<Operation> operations = driver.operations().list();
        operations.forEach(operation ->
                expect(operation.state().ended(), "operation " + operation + " is not at its end after settlement"));
        if (operations.isEmpty()) {
            nothingLeft("the first start");
            return;
        }
        Operation last = operations.get(0);
        boolean guestIsRight = last.kind() == Operation.Kind.CREATE && last.state() == Operation.State.DONE;
        if (guestIsRight) {
            String state = driver.instances().show(uuid).state();
            expect(state.equals("running"), "a created guest is " + state);
            ended(driver.instances().delete(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
        }
        nothingLeft("settling " + last.kind().word() + " " + last.state().word());
    }

    private Operation ended(Operation operation) {
        return OperationsTest.Awaited.ended(driver.operations(), operation.id(), Duration.ofSeconds(90));
    }

    private void nothingLeft(String after) throws Exception {
        List<Guest> guests = driver.hypervisor().list();
        expect(guests.isEmpty(), "stray domains " + guests + " after " + after);
        expect(driver.instances().list().isEmpty(), "records are left after " + after);
        for (Path place : List.of(
                bridge.instances().resolve(uuid),
                bridge.instances().resolve(uuid + "_del"),
                bridge.state().resolve("instances/" + uuid + ".json"))) {
            expect(!Files.exists(place), place + " is left after " + after);
        }
        noHalfFiles(bridge.instances(), after);
        noHalfFiles(bridge.state(), after);
        Path taken = bridge.state().resolve("taken");
        if (Files.isDirectory(taken)) {
            try (Stream<Path> files = Files.list(taken)) {
                expect(files.findAny().isEmpty(), "a taken file is left after " + after);
            }
        }
        List<String> writers = OurProcesses.of(folder, uuid);
        expect(writers.isEmpty(), "processes " + writers + " are left after " + after);
        if (System.getProperty("crash.vg") != null) {
            String volumes = VolumeGroupLook.volumes(System.getProperty("crash.vg"));
            expect(
                    !volumes.contains(uuid) && !volumes.contains("nb-wipe-"),
                    "volumes are left after " + after + ": " + volumes);
        }
    }

    private static void noHalfFiles(Path root, String after) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".part") || name.endsWith(".converted") || name.endsWith(".tmp"))
                    .forEach(name -> expect(false, name + " is left after " + after));
        }
    }

    private static void expect(boolean right, String otherwise) {
        if (!right) {
            System.out.println("WRONG " + otherwise);
        }
    }

    /** Asks LVM itself. */
    private static final class VolumeGroupLook {
        private VolumeGroupLook() {}

        static String volumes(String group) throws Exception {
            Process lvs = new ProcessBuilder("/sbin/lvs", "--noheadings", "-o", "lv_name", group)
                    .redirectErrorStream(true)
                    .start();
            String out = new String(lvs.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            lvs.waitFor();
            return out;
        }
    }

    /** Mutating calls with a place before and after each. */
    private static final class CrashingHypervisor extends ForwardingHypervisor {
        private final CrashPoint places;

        CrashingHypervisor(Hypervisor real, CrashPoint places) {
            super(real);
            this.places = places;
        }

        @Override
        void call(String what, Runnable act) {
            places.reach("hypervisor before " + what);
            act.run();
            places.reach("hypervisor after " + what);
        }
    }
}
