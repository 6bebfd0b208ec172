package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
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
    /** Of one image in a thin pool: as it is, and in the size of the root disk. A crash between leaves one of them. */
    private static final int BASES = 2;

    /** MiB of the swap disk, which a resize makes anew. */
    private static final int SWAP = 4;

    private static final List<String> WRONG = new CopyOnWriteArrayList<>();

    private final CrashPlaces places;
    private final EmbedBridge bridge;
    private final String uuid;
    private final ComputeDriver driver;
    private final CrashInstance instance;
    private final StandInGuest guest;
    private final CrashResize resize;
    private final CrashRescue rescue;

    /** With the instance of the process before, when that has left it as it was: making one takes most of the time. */
    private boolean goesOn;

    /** It was left so. */
    private boolean there;

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
        UNRESCUE(false),
        /** Makes the volume group; what {@link CrashInit} does. */
        INIT(false);

        /** Those after which the instance is as before, whoever has died. */
        private static final Set<Action> REPEATABLE = EnumSet.of(SNAPSHOT, RESIZE, REVERT, RESCUE, UNRESCUE);

        private final boolean guest;

        Action(boolean guest) {
            this.guest = guest;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private CrashChild(String folder, String uri, String uuid, int at) throws IOException {
        this.bridge = new EmbedBridge(Path.of(folder), uri);
        this.uuid = uuid;
        this.places = new CrashPlaces(at);
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
        Optional<Action> next = args[0].equals("settle") ? Optional.empty() : Optional.of(Action.valueOf(args[0]));
        child.goesOn = next.filter(Action.REPEATABLE::contains).isPresent();
        child.settled();
        if (next.isPresent()) {
            child.act(next.get());
        } else {
            System.out.println("settled");
        }
        child.driver.close();
        Runtime.getRuntime().halt(0);
    }

    private void act(Action action) throws Exception {
        switch (action) {
            case SPAWN, PREPARE -> {
                instance.removeBases();
                places.arm(true);
                done(instance.make(action.guest));
                places.arm(false);
                instance.write();
                done(instance.remove(action.guest));
            }
            case DESTROY, RELEASE -> {
                done(instance.make(action.guest));
                instance.write();
                places.arm(true);
                done(instance.remove(action.guest));
                places.arm(false);
            }
            case AGE -> {
                if (instance.volumes().bases().size() < BASES) {
                    instance.removeBases();
                    done(instance.make(false));
                    done(instance.remove(false));
                }
                places.arm(true);
                driver.ageImageCache();
                Operation aging = driver.operations().list().get(0);
                expect(aging.kind() == Operation.Kind.REMOVE_UNUSED, "the base is not found to be unused: " + aging);
                done(instance.ended(aging));
                places.arm(false);
                expect(instance.volumes().bases().isEmpty(), "the base is still there");
            }
            case SNAPSHOT -> {
                make(0);
                places.arm(true);
                Operation taken = instance.ended(driver.instances()
                        .snapshot(
                                OperationsTest.OPERATOR, uuid, new SnapshotRequest(null, null, null), RequestKey.NONE));
                places.arm(false);
                done(taken);
                expect("live".equals(taken.result().get("way")), "the image was made " + taken.result());
                afterSnapshot(taken);
                done(instance.remove(false));
            }
            case RESIZE, CONFIRM, REVERT -> {
                make(SWAP);
                places.arm(action == Action.RESIZE);
                done(resize.resize());
                places.arm(false);
                told(resize.wrong(true, true));
                if (action != Action.RESIZE) {
                    resize.write();
                    places.arm(true);
                    done(action == Action.CONFIRM ? resize.confirm() : resize.revert());
                    places.arm(false);
                    told(resize.wrong(action == Action.CONFIRM, false));
                }
                guest.end();
                done(instance.remove(false));
            }
            case RESCUE, UNRESCUE -> {
                if (action == Action.RESCUE) {
                    instance.removeBases();
                }
                make(0);
                places.arm(action == Action.RESCUE);
                done(rescue.rescue());
                places.arm(false);
                told(rescue.wrong(true));
                places.arm(action == Action.UNRESCUE);
                done(rescue.unrescue());
                places.arm(false);
                told(rescue.wrong(false));
                guest.end();
                done(instance.remove(false));
            }
            case INIT -> throw new IllegalArgumentException("made by CrashInit");
        }
        there = false;
        places.print();
        nothingLeft(action.word() + " without a crash");
    }

    /** An instance beside its guest, on which somebody has written. */
    private void make(int swapMb) throws IOException, InterruptedException {
        if (!there) {
            instance.withFewDisks(swapMb);
            done(instance.make(false));
            instance.write();
        }
        guest.run();
    }

    /** After a crash that has left the instance as it was before. */
    private void removeUnlessItGoesOn() throws IOException {
        guest.end();
        if (goesOn) {
            there = true;
        } else {
            done(instance.remove(false));
        }
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
                    if (started) {
                        done(instance.remove(true));
                    } else {
                        removeUnlessItGoesOn();
                    }
                }
            }
            case SNAPSHOT -> {
                afterSnapshot(last);
                removeUnlessItGoesOn();
            }
            case RESIZE -> {
                told(resize.afterCrash());
                removeUnlessItGoesOn();
            }
            case RESIZE_CONFIRM, RESIZE_REVERT -> {
                expect(last.state() == Operation.State.DONE, "the end of a resize did not go forward: " + last);
                told(resize.wrong(last.kind() == Operation.Kind.RESIZE_CONFIRM, false));
                removeUnlessItGoesOn();
            }
            case RESCUE -> {
                told(rescue.afterCrash());
                removeUnlessItGoesOn();
            }
            case UNRESCUE -> {
                expect(last.state() == Operation.State.DONE, "the end of a rescue did not go forward: " + last);
                told(rescue.wrong(false));
                removeUnlessItGoesOn();
            }
            case DELETE, RELEASE ->
                expect(last.state() == Operation.State.DONE, "the removal did not go forward: " + last);
            default -> expect(false, "nobody asked for " + last);
        }
        nothingLeft("settling " + last.kind().word() + " " + last.state().word());
    }

    private void nothingLeft(String after) throws IOException, InterruptedException {
        instance.left(there).forEach(what -> expect(false, what + " is left after " + after));
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
    static final class CrashingHypervisor extends ForwardingHypervisor {
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
