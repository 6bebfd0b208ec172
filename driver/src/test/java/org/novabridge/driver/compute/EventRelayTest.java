package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestEvent;

class EventRelayTest {
    private static final Duration DELAY = Duration.ofSeconds(15);
    private static final Instant MORNING = Instant.parse("2026-01-01T08:00:00Z");

    private final Set<String> busy = new HashSet<>();
    private final ManualTime time = new ManualTime();
    private final List<String> told = new ArrayList<>();
    private final EventRelay relay = new EventRelay(busy::contains, DELAY, time);

    @BeforeEach
    void listen() {
        relay.subscribe(event -> told.add(Duration.between(MORNING, time.now).toSeconds() + " " + event.kind() + " of "
                + Duration.between(MORNING, event.at()).toSeconds()));
    }

    private void happens(GuestEvent.Kind kind) {
        relay.accept(new GuestEvent(UUID_A, kind, "", time.now));
    }

    @Test
    void aStopIsToldAfterTheDelayWithTheTimeItHappened() {
        happens(GuestEvent.Kind.STOPPED);
        time.pass(14);
        assertThat(told).isEmpty();
        time.pass(1);
        assertThat(told).containsExactly("15 stopped of 0");
    }

    @Test
    void aGuestThatStartsWithinTheDelayDidNotStop() {
        happens(GuestEvent.Kind.STOPPED);
        time.pass(5);
        happens(GuestEvent.Kind.STARTED);
        time.pass(60);
        assertThat(told).containsExactly("5 started of 5");
    }

    @Test
    void aStartThatArrivesWhileTheStopIsDueComesAfterIt() {
        // The timer has fired and is about to tell; the start must not be told before the stop.
        happens(GuestEvent.Kind.STOPPED);
        relay.subscribe(event -> {
            if (event.kind() == HostEvent.Kind.STOPPED) {
                happens(GuestEvent.Kind.STARTED);
            }
        });
        time.pass(15);
        assertThat(told).containsExactly("15 stopped of 0", "15 started of 15");
    }

    @Test
    void theSecondOfTwoStopsIsTheOneThatIsTold() {
        happens(GuestEvent.Kind.STOPPED);
        time.pass(10);
        happens(GuestEvent.Kind.STARTED);
        time.pass(2);
        happens(GuestEvent.Kind.STOPPED);
        time.pass(60);
        assertThat(told).containsExactly("10 started of 10", "27 stopped of 12");
    }

    @Test
    void aTimerThatWasTooLateToBeStoppedTellsNothingOfTheNextStop() {
        happens(GuestEvent.Kind.STOPPED);
        time.pass(10);
        // Without a start in between, as when the connection was lost: the delay begins anew.
        happens(GuestEvent.Kind.STOPPED);
        time.pass(6);
        happens(GuestEvent.Kind.STARTED);
        time.pass(60);
        assertThat(told).containsExactly("16 started of 16");
    }

    @Test
    void aStopOfOurOwnIsNotTold() {
        busy.add(UUID_A);
        happens(GuestEvent.Kind.STOPPED);
        busy.clear();
        time.pass(60);
        assertThat(told).isEmpty();
    }

    @Test
    void aStopThatIsDueDuringAnOperationIsToldAfterIt() {
        happens(GuestEvent.Kind.STOPPED);
        time.pass(14);
        busy.add(UUID_A);
        time.pass(1);
        assertThat(told).isEmpty();
        busy.clear();
        time.pass(60);
        assertThat(told).containsExactly("30 stopped of 0");
    }

    @Test
    void aStartByAnOperationEndsTheWaitOfAnEarlierStop() {
        happens(GuestEvent.Kind.STOPPED);
        time.pass(5);
        busy.add(UUID_A);
        happens(GuestEvent.Kind.STARTED);
        busy.clear();
        time.pass(60);
        assertThat(told).isEmpty();
    }

    @Test
    void aCrashIsAStopAndIsToldOnce() {
        happens(GuestEvent.Kind.CRASHED);
        happens(GuestEvent.Kind.STOPPED);
        time.pass(60);
        assertThat(told).containsExactly("15 stopped of 0");
    }

    @Test
    void anotherGuestsEventsChangeNothing() {
        happens(GuestEvent.Kind.STOPPED);
        relay.accept(new GuestEvent(UUID_B, GuestEvent.Kind.STARTED, "", time.now));
        time.pass(15);
        assertThat(told).containsExactly("0 started of 0", "15 stopped of 0");
    }

    /** Time that passes when told to. */
    private static final class ManualTime implements Timers.Later {
        private record Due(Instant at, Runnable work) {}

        private final List<Due> waiting = new ArrayList<>();
        private Instant now = MORNING;

        @Override
        public void run(Duration delay, Runnable work) {
            waiting.add(new Due(now.plus(delay), work));
        }

        void pass(int seconds) {
            for (int i = 0; i < seconds; i++) {
                now = now.plusSeconds(1);
                List<Due> due =
                        waiting.stream().filter(one -> !one.at().isAfter(now)).toList();
                waiting.removeAll(due);
                due.forEach(one -> one.work().run());
            }
        }
    }
}
