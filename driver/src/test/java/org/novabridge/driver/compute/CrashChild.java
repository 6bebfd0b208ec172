package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.InstanceSpec;

/**
 * A bridge process of the crash run. It settles what the process before it left, says what is wrong
 * after that, and then works on its instance until it reaches its place, where it halts as by kill -9.
 *
 * <p>{@code ACTION FOLDER URI UUID PLACE}. ACTION is one of {@link Action}, or {@code settle}, which does
 * nothing after settling; PLACE 0 lives through and lists the places.
 */
public final class CrashChild {
    private static final int KILLED = 137;
    private static final Duration LONG = Duration.ofSeconds(150);

    private final Places places;
    private final EmbedBridge bridge;
    private final String uuid;
    private final ComputeDriver driver;
    private final CrashLook look;

    /** What a process can be doing when it dies. */
    enum Action {
        /** Makes a guest with all its disks and starts it. */
        SPAWN(true, true),
        /** Stops and removes such a guest. */
        DESTROY(true, false),
        /** As {@link #SPAWN}, the disks alone. */
        PREPARE(false, true),
        /** As {@link #DESTROY}, the disks alone. */
        RELEASE(false, false),
        /** Removes the base image that nobody uses any more, made with the disks of an instance before. */
        AGE(false, false);

        private final boolean guest;
        private final boolean making;

        Action(boolean guest, boolean making) {
            this.guest = guest;
            this.making = making;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

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

        void print() {
            synchronized (reached) {
                for (int i = 0; i < reached.size(); i++) {
                    System.out.println("place " + (i + 1) + " " + reached.get(i));
                }
            }
        }
    }

    private CrashChild(String folder, String uri, String uuid, int at) {
        this.bridge = new EmbedBridge(Path.of(folder), uri);
        this.uuid = uuid;
        this.places = new Places(at);
        ConfigHolder config = bridge.load();
        this.driver = ComputeDriver.open(
                config,
                Clock.systemUTC(),
                new ComputeDriver.Wiring(
                        places, hypervisor -> new CrashingHypervisor(hypervisor, places), executor -> executor));
        this.look = new CrashLook(bridge, config, uuid, driver);
    }

    public static void main(String[] args) throws Exception {
        CrashChild child = new CrashChild(args[1], args[2], args[3], Integer.parseInt(args[4]));
        child.settled();
        if (args[0].equals("settle")) {
            System.out.println("settled");
        } else {
            child.act(Action.valueOf(args[0]));
        }
        child.driver.close();
        Runtime.getRuntime().halt(0);
    }

    private void age() throws Exception {
        CrashVolumes volumes = look.volumes().orElseThrow();
        if (!volumes.holdsBase()) {
            removeBases();
            expect(make(false).state() == Operation.State.DONE, "the making failed");
            expect(remove(false).state() == Operation.State.DONE, "the removal failed");
        }
        places.armed = true;
        driver.ageImageCache();
        Operation aging = driver.operations().list().get(0);
        expect(aging.kind() == Operation.Kind.REMOVE_UNUSED, "the base is not found to be unused: " + aging);
        Operation aged = ended(aging);
        places.armed = false;
        expect(aged.state() == Operation.State.DONE, "the removal of the base is " + aged);
        expect(!volumes.holdsBase(), "the base is still there");
        places.print();
        nothingLeft("the removal of a base without a crash");
    }

    private void act(Action action) throws Exception {
        if (action == Action.AGE) {
            age();
            return;
        }
        if (action.making) {
            removeBases();
        }
        places.armed = action.making;
        Operation made = make(action.guest);
        places.armed = false;
        expect(made.state() == Operation.State.DONE, "the making is " + made);
        if (look.volumes().isPresent()) {
            look.volumes().get().writeAsGuest();
        }
        places.armed = !action.making;
        Operation removed = remove(action.guest);
        places.armed = false;
        expect(removed.state() == Operation.State.DONE, "the removal is " + removed);
        places.print();
        nothingLeft("a removal without a crash");
    }

    private Operation make(boolean guest) throws IOException {
        InstanceService service = driver.instances();
        InstanceSpec spec = guest ? bridge.specOfAllDisks(uuid) : bridge.specOfSmallDisks(uuid);
        return ended(
                guest
                        ? service.create(OperationsTest.OPERATOR, spec, RequestKey.NONE)
                        : service.prepare(OperationsTest.OPERATOR, spec, RequestKey.NONE));
    }

    private Operation remove(boolean guest) {
        InstanceService service = driver.instances();
        return ended(
                guest
                        ? service.delete(OperationsTest.OPERATOR, uuid, RequestKey.NONE)
                        : service.release(OperationsTest.OPERATOR, uuid, RequestKey.NONE));
    }

    /** The cache is filled anew each time, so that its steps are among the places. */
    private void removeBases() throws IOException {
        Path bases = bridge.instances().resolve("_base");
        if (Files.isDirectory(bases)) {
            Trees.delete(bases);
        }
        Trees.delete(bridge.state().resolve("images"));
    }

    /** Waits for what the start has set going, and looks at what came of it. */
    private void settled() throws Exception {
        Instant end = Instant.now().plus(LONG);
        while (driver.operations().busy(uuid) || wiping()) {
            if (Instant.now().isAfter(end)) {
                expect(false, "settlement took more than " + LONG);
                break;
            }
            Thread.sleep(20);
        }
        // Nobody asked for the wipes that a start goes on with, nor for aging; what is left of them is looked at below.
        List<Operation> operations = driver.operations().list().stream()
                .filter(operation -> operation.kind() != Operation.Kind.WIPE)
                .filter(operation -> operation.kind() != Operation.Kind.REMOVE_UNUSED)
                .toList();
        if (operations.isEmpty()) {
            nothingLeft("the first start");
            return;
        }
        Operation last = operations.get(0);
        switch (last.kind()) {
            case CREATE, PREPARE -> {
                if (last.state() == Operation.State.DONE) {
                    boolean guest = last.kind() == Operation.Kind.CREATE;
                    String state = driver.instances().show(uuid).state();
                    expect(state.equals(guest ? "running" : "nostate"), "a finished instance is " + state);
                    remove(guest);
                }
            }
            case DELETE, RELEASE ->
                expect(last.state() == Operation.State.DONE, "the removal did not go forward: " + last);
            default -> expect(false, "nobody asked for " + last);
        }
        nothingLeft("settling " + last.kind().word() + " " + last.state().word());
    }

    private boolean wiping() throws IOException, InterruptedException {
        return look.volumes().isPresent() && look.volumes().get().wiping();
    }

    private Operation ended(Operation operation) {
        return OperationsTest.Awaited.ended(driver.operations(), operation.id(), LONG);
    }

    private void nothingLeft(String after) throws IOException, InterruptedException {
        look.left().forEach(what -> expect(false, what + " is left after " + after));
    }

    private static void expect(boolean right, String otherwise) {
        if (!right) {
            System.out.println("WRONG " + otherwise);
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
