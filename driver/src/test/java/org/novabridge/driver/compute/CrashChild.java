package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.hypervisor.Hypervisor;

/**
 * A bridge process of the crash run. It settles what the process before it left, says what is wrong
 * after that, and then works on its instance until it reaches its place, where it halts as by kill -9.
 *
 * <p>{@code ACTION FOLDER URI UUID PLACE}. ACTION is one of {@link Action}, or {@code settle}, which does
 * nothing after settling; PLACE 0 lives through and lists the places.
 */
public final class CrashChild {
    private static final int KILLED = 137;
    private static final List<String> WRONG = new CopyOnWriteArrayList<>();

    private final Places places;
    private final EmbedBridge bridge;
    private final String uuid;
    private final ComputeDriver driver;
    private final CrashInstance instance;
    private final StandInGuest guest;
    private final CrashResize resize;
    private final CrashRescue rescue;

    /** What a process can be doing when it dies. */
    enum Action {
        /** Makes a guest with all its disks and starts it. */
        SPAWN(true),
        /** Stops and removes such a guest. */
        DESTROY(true),
        /** As {@link #SPAWN}, the disks alone. */
        PREPARE(false),
        /** As {@link #DESTROY}, the disks alone. */
        RELEASE(false),
        /** Removes the base image that nobody uses any more, made with the disks of an instance before. */
        AGE(false),
        /** Makes an image of the root disk beside its guest; a stand-in, since the disk is not read by it. */
        SNAPSHOT(false),
        /** Gives an instance another flavor, beside the same stand-in. */
        RESIZE(false),
        /** Makes what was resized stay so. */
        CONFIRM(false),
        /** Takes a resize back. */
        REVERT(false),
        /** Boots an instance from a rescue disk, beside the same stand-in. */
        RESCUE(false),
        /** Boots it from its own disks again. */
        UNRESCUE(false);

        private final boolean guest;

        Action(boolean guest) {
            this.guest = guest;
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
                    die();
                }
            }
        }

        private static void die() {
            if (Boolean.getBoolean(CrashPower.PROPERTY)) {
                CrashPower.cut();
            }
            Runtime.getRuntime().halt(KILLED);
        }

        void print() {
            synchronized (reached) {
                for (int i = 0; i < reached.size(); i++) {
                    System.out.println("place " + (i + 1) + " " + reached.get(i));
                }
            }
        }
    }

    private CrashChild(String folder, String uri, String uuid, int at) throws IOException {
        this.bridge = new EmbedBridge(Path.of(folder), uri);
        this.uuid = uuid;
        this.places = new Places(at);
        this.guest = new StandInGuest(Path.of(folder, "guest"), uuid);
        ConfigHolder config = bridge.load();
        this.driver = ComputeDriver.open(
                config,
                Clock.systemUTC(),
                new ComputeDriver.Wiring(
                        places, hypervisor -> new CrashingHypervisor(hypervisor, places, guest), executor -> executor));
        this.instance = new CrashInstance(bridge, config, uuid, driver);
        this.resize = new CrashResize(driver, instance, guest, uuid);
        this.rescue = new CrashRescue(driver, instance, guest, uuid, bridge);
    }

    /** One action in this process, without a crash: what is wrong after it. */
    static List<String> live(EmbedBridge bridge, String uuid, Action action) throws Exception {
        CrashChild child = new CrashChild(bridge.folder().toString(), bridge.uri(), uuid, 0);
        WRONG.clear();
        try {
            child.act(action);
        } finally {
            child.driver.close();
        }
        return List.copyOf(WRONG);
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

    private void act(Action action) throws Exception {
        switch (action) {
            case SPAWN, PREPARE -> {
                instance.removeBases();
                places.armed = true;
                done(instance.make(action.guest));
                places.armed = false;
                instance.write();
                done(instance.remove(action.guest));
            }
            case DESTROY, RELEASE -> {
                done(instance.make(action.guest));
                instance.write();
                places.armed = true;
                done(instance.remove(action.guest));
                places.armed = false;
            }
            case AGE -> {
                if (instance.volumes().bases().isEmpty()) {
                    instance.removeBases();
                    done(instance.make(false));
                    done(instance.remove(false));
                }
                places.armed = true;
                driver.ageImageCache();
                Operation aging = driver.operations().list().get(0);
                expect(aging.kind() == Operation.Kind.REMOVE_UNUSED, "the base is not found to be unused: " + aging);
                done(instance.ended(aging));
                places.armed = false;
                expect(instance.volumes().bases().isEmpty(), "the base is still there");
            }
            case SNAPSHOT -> {
                done(instance.make(false));
                instance.write();
                guest.run();
                places.armed = true;
                Operation taken = instance.ended(driver.instances()
                        .snapshot(
                                OperationsTest.OPERATOR, uuid, new SnapshotRequest(null, null, null), RequestKey.NONE));
                places.armed = false;
                done(taken);
                expect("live".equals(taken.result().get("way")), "the image was made " + taken.result());
                afterSnapshot(taken);
                done(instance.remove(false));
            }
            case RESIZE, CONFIRM, REVERT -> {
                done(instance.make(false));
                instance.write();
                guest.run();
                places.armed = action == Action.RESIZE;
                done(resize.resize());
                places.armed = false;
                told(resize.wrong(true, true));
                if (action != Action.RESIZE) {
                    resize.write();
                    places.armed = true;
                    done(action == Action.CONFIRM ? resize.confirm() : resize.revert());
                    places.armed = false;
                    told(resize.wrong(action == Action.CONFIRM, false));
                }
                guest.end();
                done(instance.remove(false));
            }
            case RESCUE, UNRESCUE -> {
                if (action == Action.RESCUE) {
                    instance.removeBases();
                }
                done(instance.make(false));
                instance.write();
                guest.run();
                places.armed = action == Action.RESCUE;
                done(rescue.rescue());
                places.armed = false;
                told(rescue.wrong(true));
                places.armed = action == Action.UNRESCUE;
                done(rescue.unrescue());
                places.armed = false;
                told(rescue.wrong(false));
                guest.end();
                done(instance.remove(false));
            }
        }
        places.print();
        nothingLeft(action.word() + " without a crash");
    }

    private static void done(Operation operation) {
        expect(operation.state() == Operation.State.DONE, "the operation is " + operation);
    }

    /** The guest goes on, and its image is there or nothing of it. */
    private void afterSnapshot(Operation snapshot) throws IOException {
        expect(
                guest.state() == GuestState.RUNNING || guest.lostWithItsHost(),
                "the guest is " + guest.state() + " after " + snapshot);
        guest.end();
        Path image = bridge.instances().resolve("snapshots").resolve(snapshot.id() + ".raw");
        boolean finished = snapshot.state() == Operation.State.DONE;
        expect(
                Files.exists(image) == finished,
                "the image is " + (finished ? "missing" : "there") + " after " + snapshot);
        Files.deleteIfExists(image);
    }

    /** Waits for what the start has set going, and looks at what came of it. */
    private void settled() throws Exception {
        Instant end = Instant.now().plus(CrashInstance.LONG);
        while (instance.busy()) {
            if (Instant.now().isAfter(end)) {
                expect(false, "settlement took more than " + CrashInstance.LONG);
                break;
            }
            Thread.sleep(100);
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
                    // A snapshot or a resize of which the journal knows nothing yet.
                    guest.end();
                    boolean started = last.kind() == Operation.Kind.CREATE;
                    String state = driver.instances().show(uuid).state();
                    expect(state.equals(started ? "running" : "nostate"), "a finished instance is " + state);
                    done(instance.remove(started));
                }
            }
            case SNAPSHOT -> {
                afterSnapshot(last);
                done(instance.remove(false));
            }
            case RESIZE -> {
                told(resize.afterCrash());
                guest.end();
                done(instance.remove(false));
            }
            case RESIZE_CONFIRM, RESIZE_REVERT -> {
                expect(last.state() == Operation.State.DONE, "the end of a resize did not go forward: " + last);
                told(resize.wrong(last.kind() == Operation.Kind.RESIZE_CONFIRM, false));
                guest.end();
                done(instance.remove(false));
            }
            case RESCUE -> {
                told(rescue.afterCrash());
                guest.end();
                done(instance.remove(false));
            }
            case UNRESCUE -> {
                expect(last.state() == Operation.State.DONE, "the end of a rescue did not go forward: " + last);
                told(rescue.wrong(false));
                guest.end();
                done(instance.remove(false));
            }
            case DELETE, RELEASE ->
                expect(last.state() == Operation.State.DONE, "the removal did not go forward: " + last);
            default -> expect(false, "nobody asked for " + last);
        }
        nothingLeft("settling " + last.kind().word() + " " + last.state().word());
    }

    private void nothingLeft(String after) throws IOException, InterruptedException {
        instance.left().forEach(what -> expect(false, what + " is left after " + after));
    }

    private static void told(List<String> wrong) {
        wrong.forEach(what -> expect(false, what));
    }

    private static void expect(boolean right, String otherwise) {
        if (!right) {
            WRONG.add(otherwise);
            System.out.println("WRONG " + otherwise);
        }
    }

    /** Mutating calls with a place before and after each. */
    private static final class CrashingHypervisor extends ForwardingHypervisor {
        private final CrashPoint places;
        private final StandInGuest guest;

        CrashingHypervisor(Hypervisor real, CrashPoint places, StandInGuest guest) {
            super(real);
            this.places = places;
            this.guest = guest;
        }

        @Override
        void call(String what, Runnable act) {
            places.reach("hypervisor before " + what);
            if (!guest.takes(what)) {
                act.run();
            }
            places.reach("hypervisor after " + what);
        }

        @Override
        public Optional<Guest> find(String uuid) {
            return guest.find(uuid).or(() -> super.find(uuid));
        }

        @Override
        public String xml(String uuid, boolean inactive) {
            return guest.find(uuid).isPresent() ? guest.xml() : super.xml(uuid, inactive);
        }
    }
}
