package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;

class ComputeNodeTest {
    @TempDir(factory = InMemory.class)
    Path root;

    private FakeHost host;
    private FakeHost.Life life;

    @BeforeEach
    void open() {
        host = new FakeHost(root);
        life = host.open(CrashPoint.NONE);
    }

    private Operation done(Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(life.operations(), operation.id());
        assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
        return ended;
    }

    private Problem failed(Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(life.operations(), operation.id());
        assertThat(ended.state()).isEqualTo(Operation.State.FAILED);
        assertThat(ended.problem()).isNotNull();
        return java.util.Objects.requireNonNull(ended.problem());
    }

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private Operation created() {
        return done(life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
    }

    @Test
    void createMakesDisksBeforeTheGuestAndAnswersWithUpdates() {
        Operation create = created();

        assertThat(host.calls).containsExactly("create disk", "create disk.local", "define", "start");
        assertThat(create.result()).containsEntry("updates", Map.of("root_device_name", "/dev/vda"));
        assertThat(root.resolve("instances/" + UUID_A + "/console.log")).exists();
        InstanceView view = life.node().show(UUID_A);
        assertThat(view.state()).isEqualTo("running");
        assertThat(view.owner()).isEqualTo(InstanceOwner.OPERATOR);
        assertThat(view.disks()).extracting(InstanceView.DiskView::name).containsExactly("disk", "disk.local");
        assertThat(view.disks()).allMatch(InstanceView.DiskView::exists);
    }

    @Test
    void aSecondCreateOfTheSameUuidIsRefused() {
        created();
        refused(ErrorCode.INSTANCE_EXISTS, () -> life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
    }

    @Test
    void twoCreatesAtOnceLeaveTheFirstAlone() {
        Operation first = life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE);
        try {
            Operation second = life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE);
            assertThat(failed(second).code()).isEqualTo(ErrorCode.INSTANCE_EXISTS);
        } catch (BridgeException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INSTANCE_EXISTS);
        }
        done(first);
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(host.disks).hasSize(2);
    }

    @Test
    void aDiskThatExistsIsNeitherOverwrittenNorRemoved() {
        host.disks.put(UUID_A + "/disk", new org.novabridge.driver.storage.DiskContent.Blank(1));

        Problem problem = failed(life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));

        assertThat(problem.code()).isEqualTo(ErrorCode.INSTANCE_EXISTS);
        assertThat(host.disks).containsOnlyKeys(UUID_A + "/disk");
    }

    @Test
    void theDisksThatAResizeKeepsAreNotTakenBackWithAFailedCreate() throws Exception {
        Path kept = root.resolve("instances/" + UUID_A + "_resize/disk");
        Files.createDirectories(kept.getParent());
        Files.writeString(kept, "the only copy");
        host.failAt = "create disk";

        Problem problem = failed(life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));

        assertThat(problem.code()).isEqualTo(ErrorCode.INSTANCE_EXISTS);
        assertThat(kept).hasContent("the only copy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "create disk", "create disk.local", "define", "start"})
    void aFailureAtAnyStepOfCreateLeavesNothing(String step) {
        host.failAt = step;
        failed(life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void theSequenceOfNovaIsPrepareStartPausedResume() {
        done(life.node().prepare(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(host.definitions).isEmpty();
        done(life.node().start(NOVA, UUID_A, true, RequestKey.NONE));
        assertThat(host.running).containsEntry(UUID_A, GuestState.PAUSED);
        done(life.node().start(NOVA, UUID_A, true, RequestKey.NONE));
        done(life.node().resume(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        done(life.node().stop(NOVA, UUID_A, RequestKey.NONE));
        done(life.node().release(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    /** What a caller may ask of a guest that an unanswered start left behind after all. */
    enum Kept {
        START(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.start(NOVA, UUID_A, false, RequestKey.NONE);
            }
        },
        POWER_ON(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.powerOn(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        SOFT_REBOOT(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.reboot(NOVA, UUID_A, RebootType.SOFT, null, RequestKey.NONE);
            }
        },
        RESUME(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.resume(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        RESUME_PAUSED(GuestState.PAUSED) {
            @Override
            Operation ask(ComputeNode node) {
                return node.resume(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        UNPAUSE(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.unpause(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        UNPAUSE_PAUSED(GuestState.PAUSED) {
            @Override
            Operation ask(ComputeNode node) {
                return node.unpause(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        PAUSE(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.pause(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        PAUSE_PAUSED(GuestState.PAUSED) {
            @Override
            Operation ask(ComputeNode node) {
                return node.pause(NOVA, UUID_A, RequestKey.NONE);
            }
        },
        SUSPEND(GuestState.RUNNING) {
            @Override
            Operation ask(ComputeNode node) {
                return node.suspend(NOVA, UUID_A, RequestKey.NONE);
            }
        };

        private final GuestState found;

        Kept(GuestState found) {
            this.found = found;
        }

        abstract Operation ask(ComputeNode node);
    }

    @ParameterizedTest
    @EnumSource(Kept.class)
    void aGuestThatItsCallerKeepsIsNotTakenBackWithAnEarlierStart(Kept kept) {
        done(life.node().prepare(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.failAt = "start|destroy";
        failed(life.node().start(NOVA, UUID_A, false, RequestKey.NONE));
        // libvirt went away during the start, and had started the guest all the same.
        host.failAt = null;
        host.running.put(UUID_A, kept.found);

        done(kept.ask(life.node()));
        Map<String, GuestState> afterwards = Map.copyOf(host.running);
        life.operations().close();
        life = host.open(CrashPoint.NONE);
        quiet(life);

        assertThat(host.running).isEqualTo(afterwards);
        assertThat(host.definitions).containsKey(UUID_A);
    }

    @Test
    void aSavedGuestThatIsResumedKeepsTheDefinitionItRunsWith() {
        created();
        done(life.node().suspend(OPERATOR, UUID_A, RequestKey.NONE));
        host.cacheMode = "writeback";
        // The undo of the redefinition fails as well and stays in the journal.
        host.failAt = "define";
        failed(life.node().redefine(OPERATOR, UUID_A, null, RequestKey.NONE));
        host.failAt = null;
        host.saved.put(UUID_A, "memory");
        host.definitions.put(UUID_A, "<domain cache='writeback' uuid='" + UUID_A + "'/>");

        done(life.node().resume(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().stop(OPERATOR, UUID_A, RequestKey.NONE));
        life.operations().retryLeft();
        quiet(life);

        assertThat(host.definitions.get(UUID_A)).contains("cache='writeback'");
    }

    @Test
    void deleteEndsWithTheDefinitionAndMayBeRepeated() {
        created();
        host.calls.clear();
        done(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.calls).containsExactly("destroy", "remove disk", "remove disk.local", "undefine");
        assertThat(host.left(UUID_A)).isEmpty();
        done(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
    }

    @Test
    void aDiskThatTodaysConfigurationLooksForElsewhereIsNotForgotten() {
        created();
        host.place = "/elsewhere";

        Problem problem = failed(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));

        assertThat(problem.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
        assertThat(problem.detail()).contains("/instances/" + UUID_A + "/disk", "/elsewhere/" + UUID_A + "/disk");
        assertThat(host.left(UUID_A)).contains("definition", "state/instances/" + UUID_A + ".json");
        host.place = "/instances";
        done(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void aDiskThatCannotBeRemovedKeepsTheDefinitionAndIsNamed() {
        created();
        host.failAt = "remove disk";
        Problem problem = failed(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(problem.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
        assertThat(problem.detail()).contains("disk: told to fail").doesNotContain("disk.local");
        assertThat(host.definitions).containsKey(UUID_A);

        host.failAt = null;
        done(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void hardRebootTakesTodaysConfigurationAndShowNamesTheDriftBefore() {
        created();
        host.cacheMode = "writeback";
        assertThat(life.node().show(UUID_A).drift())
                .containsExactly(
                        new InstanceView.Drift("vda", "cache", "old", "writeback", InstanceView.Remedy.HARD_REBOOT));
        host.calls.clear();

        done(life.node().reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));

        assertThat(host.calls).containsExactly("destroy", "define", "start");
        assertThat(host.definitions.get(UUID_A)).contains("cache='writeback'");
        assertThat(life.node().show(UUID_A).drift()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"define", "start"})
    void aHardRebootThatFailsKeepsTheOldDefinitionAndTheDisks(String step) {
        created();
        host.cacheMode = "writeback";
        host.failAt = step;
        Operation reboot = life.node().reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE);
        failed(reboot);
        if (step.equals("start")) {
            assertThat(host.definitions.get(UUID_A)).contains("cache='none'");
        }
        assertThat(host.disks).hasSize(2);
        host.failAt = null;
        done(life.node().powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.definitions.get(UUID_A)).contains("cache='writeback'");
    }

    @Test
    void aRebootNeverMakesAMissingDiskAndDoesNotStopTheGuest() {
        created();
        host.disks.remove(UUID_A + "/disk.local");
        Problem problem = failed(life.node().reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(problem.code()).isEqualTo(ErrorCode.DISK_NOT_FOUND);
        assertThat(problem.detail()).contains("disk.local");
        assertThat(host.running).containsKey(UUID_A);
        assertThat(host.disks).containsOnlyKeys(UUID_A + "/disk");
    }

    @Test
    void aHardRebootOfASuspendedGuestDropsItsSavedMemory() {
        created();
        done(life.node().suspend(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(life.node().show(UUID_A).state()).isEqualTo("suspended");
        done(life.node().reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(host.saved).isEmpty();
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void softRebootAsksAndFallsBackToHard() {
        created();
        host.calls.clear();
        done(life.node().reboot(OPERATOR, UUID_A, RebootType.SOFT, null, RequestKey.NONE));
        assertThat(host.calls).containsExactly("shutdown", "start");

        host.obeysShutdown = false;
        host.calls.clear();
        Operation hard = done(life.node().reboot(OPERATOR, UUID_A, RebootType.SOFT, null, RequestKey.NONE));
        assertThat(host.calls).containsExactly("shutdown", "destroy", "define", "start");
        assertThat(hard.result()).containsEntry("reboot", "hard");
    }

    @Test
    void aPowerOnTakesTodaysSpecAndRemembersIt() {
        created();
        done(life.node().powerOff(OPERATOR, UUID_A, Duration.ZERO, Duration.ZERO, RequestKey.NONE));
        Flavor larger = new Flavor("f", 7, 64, 10, 1, 0, Map.of());
        InstanceSpec fresh = FakeHost.spec(UUID_A).resized(larger);
        done(life.node().powerOn(OPERATOR, UUID_A, fresh, RequestKey.NONE));
        assertThat(host.definitions.get(UUID_A)).contains("vcpus='7'");
        assertThat(life.node().spec(UUID_A).orElseThrow().instance().vcpus()).isEqualTo(7);
        refused(
                ErrorCode.INVALID_REQUEST,
                () -> life.node().powerOn(OPERATOR, UUID_A, FakeHost.spec(UUID_B), RequestKey.NONE));
    }

    @Test
    void theStateOfOneGuestIsThatOfTheList() {
        refused(ErrorCode.INSTANCE_NOT_FOUND, () -> life.node().state(UUID_A));
        created();
        assertThat(life.node().state(UUID_A)).isEqualTo(life.node().list().get(0));
        assertThat(life.node().state(UUID_A).disks()).isEmpty();
    }

    @Test
    void powerOffIsGracefulAndThenPullsThePlug() {
        created();
        host.obeysShutdown = false;
        host.calls.clear();
        done(life.node().powerOff(OPERATOR, UUID_A, Duration.ofMillis(60), Duration.ofMillis(20), RequestKey.NONE));
        assertThat(host.calls).startsWith("shutdown", "shutdown").endsWith("destroy");
        done(life.node().powerOff(OPERATOR, UUID_A, Duration.ZERO, Duration.ZERO, RequestKey.NONE));
        done(life.node().powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.running).containsKey(UUID_A);
    }

    @Test
    void aPowerOffThatNamesNoTimeTakesTheConfiguredOne() {
        created();
        host.obeysShutdown = false;
        host.calls.clear();
        done(life.node().powerOff(OPERATOR, UUID_A, null, null, RequestKey.NONE));
        assertThat(host.calls).startsWith("shutdown", "shutdown").endsWith("destroy");
        done(life.node().powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        host.shutdownTimeout = Duration.ZERO;
        host.calls.clear();
        done(life.node().powerOff(OPERATOR, UUID_A, null, null, RequestKey.NONE));
        assertThat(host.calls).containsExactly("destroy");
    }

    @ParameterizedTest
    @CsvSource({"300, 300", "0, 0", "' 5 ', 5", "soon, 60", "'', 60", "-1, 0", "999999999999, 3600"})
    void theImageMayKnowBetterHowLongItsGuestTakes(String property, long seconds) {
        InstanceSpec plain = FakeHost.spec(UUID_A);
        InstanceSpec spec = new InstanceSpec(
                plain.instance(),
                new ImageMeta("image", "image", "raw", "bare", null, 0, 0, Map.of("os_shutdown_timeout", property)),
                plain.blockDeviceInfo(),
                List.of(),
                null,
                null,
                true,
                null);
        assertThat(ShutdownTimeout.of(Optional.of(spec), Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(ShutdownTimeout.of(Optional.of(plain), Duration.ofMinutes(1)))
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(ShutdownTimeout.of(Optional.of(plain), Duration.ofHours(2))).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({"7200, 3600", "9223372036854775807, 3600", "-1, 0", "-9223372036854775808, 0", "60, 60"})
    void nobodyWaitsLongerThanAnHourForAGuest(long said, long meant) {
        assertThat(ShutdownTimeout.bounded(Duration.ofSeconds(said))).isEqualTo(Duration.ofSeconds(meant));
    }

    @Test
    void aPowerOffOfLessThanNoTimePullsThePlug() {
        created();
        host.calls.clear();
        done(life.node().powerOff(OPERATOR, UUID_A, Duration.ofSeconds(-1), Duration.ofSeconds(-1), RequestKey.NONE));
        assertThat(host.calls).containsExactly("destroy");
    }

    @Test
    void pauseUnpauseSuspendResume() {
        created();
        done(life.node().pause(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(life.node().show(UUID_A).novaPowerState()).isEqualTo(3);
        done(life.node().pause(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().unpause(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().suspend(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().suspend(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(failed(life.node().pause(OPERATOR, UUID_A, RequestKey.NONE)).code())
                .isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        done(life.node().resume(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        done(life.node().suspend(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(failed(life.node().unpause(OPERATOR, UUID_A, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
    }

    @Test
    void aGuestOfNovaIsNotTheOperatorsToStop() {
        done(life.node().create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThatThrownBy(() -> life.node().reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.OWNED_BY_NOVA);
                    assertThat(e.remedy()).isEqualTo("use: openstack server reboot --hard " + UUID_A);
                });
        refused(ErrorCode.OWNED_BY_NOVA, () -> life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        refused(
                ErrorCode.OWNED_BY_NOVA,
                () -> life.node().powerOff(OPERATOR, UUID_A, Duration.ZERO, Duration.ZERO, RequestKey.NONE));
        done(life.node().pause(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().delete(NOVA, UUID_A, RequestKey.NONE));
    }

    @Test
    void aGuestOfTheOperatorIsNotNovasToDelete() {
        created();
        refused(ErrorCode.FORBIDDEN, () -> life.node().delete(NOVA, UUID_A, RequestKey.NONE));
    }

    @ParameterizedTest
    @EnumSource(Caller.Role.class)
    void aCreateThatHasNotBegunYetBelongsToItsCallerToo(Caller.Role role) throws Exception {
        Caller one = role == Caller.Role.NOVA ? NOVA : OPERATOR;
        Caller other = role == Caller.Role.NOVA ? OPERATOR : NOVA;
        life.operations().close();
        CountDownLatch atTheImage = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        life = host.open(place -> {
            if (place.equals("image")) {
                atTheImage.countDown();
                OperationsTest.await(goOn);
            }
        });
        Operation create = life.node().create(one, FakeHost.spec(UUID_A), RequestKey.NONE);
        OperationsTest.await(atTheImage);

        refused(
                role == Caller.Role.NOVA ? ErrorCode.OWNED_BY_NOVA : ErrorCode.FORBIDDEN,
                () -> life.node().delete(other, UUID_A, RequestKey.NONE));
        goOn.countDown();
        done(create);
    }

    @Test
    void aDeleteOfTheSameCallerEndsTheCreate() {
        life.operations().close();
        CountDownLatch atTheImage = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        life = host.open(place -> {
            if (place.equals("image")) {
                atTheImage.countDown();
                OperationsTest.await(goOn);
            }
        });
        Operation create = life.node().create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE);
        OperationsTest.await(atTheImage);
        Operation delete = life.node().delete(NOVA, UUID_A, RequestKey.NONE);
        goOn.countDown();

        done(delete);
        assertThat(life.operations().get(create.id()).state()).isEqualTo(Operation.State.CANCELLED);
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void aCancelledCreateDoesNotWaitForTheImageOfAnother() {
        life.operations().close();
        CountDownLatch atTheImage = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        life = host.open(place -> {
            if (place.equals("image")) {
                atTheImage.countDown();
                OperationsTest.await(goOn);
            }
        });
        Operation fills = life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE);
        OperationsTest.await(atTheImage);
        Operation waits = life.node().create(OPERATOR, FakeHost.spec(OperationsTest.UUID_B), RequestKey.NONE);
        Instant end = Instant.now().plusSeconds(60);
        while (!life.operations().get(waits.id()).phase().equals("wait for the fill of image image")) {
            assertThat(Instant.now())
                    .as("%s", life.operations().get(waits.id()))
                    .isBefore(end);
            LockSupport.parkNanos(200_000);
        }

        life.operations().cancel(OPERATOR, waits.id());
        assertThat(OperationsTest.Awaited.ended(life.operations(), waits.id()).state())
                .isEqualTo(Operation.State.CANCELLED);
        goOn.countDown();
        done(fills);
    }

    @Test
    void aDomainMadeByStockNovaIsDeletedByNovaOnly() {
        host.definitions.put(UUID_A, "<domain/>");
        host.disks.put(UUID_A + "/disk", new org.novabridge.driver.storage.DiskContent.Blank(1));
        refused(ErrorCode.OWNED_BY_NOVA, () -> life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().delete(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "../../etc/passwd",
                "11111111-1111-4111-8111-11111111111A",
                "11111111-1111-4111-8111-111111111111\n",
                "-rf"
            })
    void anIdThatIsNoUuidGoesNowhere(String id) {
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> life.node().delete(OPERATOR, id, RequestKey.NONE),
                () -> life.node().pause(OPERATOR, id, RequestKey.NONE),
                () -> life.node().show(id),
                () -> life.node().consoleLog(id, 10))) {
            refused(ErrorCode.INVALID_REQUEST, call);
        }
        assertThat(host.calls).isEmpty();
    }

    @Test
    void whatIsNotThereIsNotFound() {
        refused(ErrorCode.INSTANCE_NOT_FOUND, () -> life.node().pause(OPERATOR, UUID_A, RequestKey.NONE));
        refused(ErrorCode.INSTANCE_NOT_FOUND, () -> life.node().show(UUID_A));
        refused(ErrorCode.INSTANCE_NOT_FOUND, () -> life.node().consoleLog(UUID_A, 10));
    }

    @Test
    void theEndOfTheConsoleLogIsGiven() throws Exception {
        created();
        Files.writeString(root.resolve("instances/" + UUID_A + "/console.log"), "boot\nlogin: ");
        assertThat(life.node().consoleLog(UUID_A, 7)).asString().isEqualTo("login: ");
        assertThat(life.node().consoleLog(UUID_A, 1 << 20)).asString().isEqualTo("boot\nlogin: ");
    }

    @Test
    void aConsoleLogThatIsALinkIsNotFollowed() throws Exception {
        created();
        Path log = root.resolve("instances/" + UUID_A + "/console.log");
        Files.delete(log);
        Files.createSymbolicLink(log, Path.of("/etc/hostname"));
        refused(ErrorCode.FORBIDDEN, () -> life.node().consoleLog(UUID_A, 10));
    }
}
