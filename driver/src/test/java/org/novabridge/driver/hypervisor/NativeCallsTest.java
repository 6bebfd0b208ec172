package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** A libvirt that hangs: who waits, who gives up, and what the ones that gave up may rely on. */
@Timeout(60)
class NativeCallsTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    /** Long enough for a thread of a busy machine to begin its call. */
    private static final Duration ALARM = Duration.ofSeconds(1);

    private final NativeCalls calls = new NativeCalls(SHORT, ALARM);
    private final CountDownLatch libvirtAnswers = new CountDownLatch(1);

    @AfterEach
    void close() {
        libvirtAnswers.countDown();
        calls.close();
    }

    private String hang(CountDownLatch inside) throws InterruptedException {
        inside.countDown();
        libvirtAnswers.await();
        return "done";
    }

    @Test
    void aReaderGivesUpAtItsDeadline() {
        assertThatThrownBy(() -> calls.query("listing", () -> hang(new CountDownLatch(1))))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_UNAVAILABLE));
    }

    @Test
    void aChangeThatLibvirtHasBegunIsWaitedForHoweverLongItTakes() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CompletableFuture<String> start =
                CompletableFuture.supplyAsync(() -> calls.change("starting the domain", () -> hang(inside)));
        assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
        Thread.sleep(ALARM.toMillis() * 2);

        assertThat(start).as("its end decides whether the guest runs").isNotDone();
        libvirtAnswers.countDown();
        assertThat(start.get(10, TimeUnit.SECONDS)).isEqualTo("done");
    }

    @Test
    void anInterruptDoesNotLeaveAChangeBehind() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicBoolean flag = new AtomicBoolean();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            answer.complete(calls.change("starting the domain", () -> hang(inside)));
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        Thread.sleep(SHORT.toMillis());
        libvirtAnswers.countDown();

        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("done");
        caller.join(10_000);
        assertThat(flag).as("the interrupt is kept for whoever comes next").isTrue();
    }

    @Test
    void aChangeThatLibvirtNeverBeganIsGivenUpForGood() throws Exception {
        CountDownLatch allInside = new CountDownLatch(NativeCalls.CHANGERS);
        for (int i = 0; i < NativeCalls.CHANGERS; i++) {
            Thread waits = new Thread(() -> calls.change("starting a domain", () -> hang(allInside)));
            waits.setDaemon(true);
            waits.start();
        }
        assertThat(allInside.await(60, TimeUnit.SECONDS)).isTrue();
        AtomicInteger begun = new AtomicInteger();

        assertThatThrownBy(() -> calls.change("defining a domain", begun::incrementAndGet))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.HYPERVISOR_UNAVAILABLE);
                    assertThat(e).hasMessageContaining("defining a domain was not tried");
                });
        libvirtAnswers.countDown();
        calls.change("anything", () -> "done");
        assertThat(begun).as("not even once libvirt answers again").hasValue(0);
    }
}
