package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFeedTest {
    private static final Instant MORNING = Instant.parse("2026-01-01T08:00:00Z");

    private final EventFeed feed = new EventFeed(Clock.fixed(MORNING, ZoneOffset.UTC), 3);

    private void tell(HostEvent.Kind... kinds) {
        for (HostEvent.Kind kind : kinds) {
            feed.tell(HostEvent.ofGuest(kind, UUID_A, MORNING));
        }
    }

    private List<String> since(@Nullable String id) {
        return feed.since(id).events().stream()
                .map(told -> told.number() + " " + told.event().kind())
                .toList();
    }

    private String id(int number) {
        return "mjv5n280." + number;
    }

    @Test
    void listenersHearEachEventOnceInItsOrder() {
        List<String> heard = new ArrayList<>();
        Subscription subscription = feed.follow(told -> heard.add(told.id()));
        feed.follow(told -> {
            throw new IllegalStateException("a listener that fails keeps no other");
        });
        tell(HostEvent.Kind.STARTED, HostEvent.Kind.PAUSED);
        subscription.close();
        tell(HostEvent.Kind.STOPPED);
        assertThat(heard).containsExactly(id(1), id(2));
    }

    @Test
    void whoWasAwayHearsWhatItHasMissed() {
        tell(HostEvent.Kind.STARTED, HostEvent.Kind.PAUSED, HostEvent.Kind.RESUMED);
        assertThat(since(id(1))).containsExactly("2 paused", "3 resumed");
        assertThat(since(id(3))).isEmpty();
        assertThat(since(id(0))).hasSize(3);
        assertThat(feed.since(id(1)).upTo()).isEqualTo(3);
    }

    @Test
    void whoWasAwayForLongIsToldToAskAnew() {
        tell(HostEvent.Kind.STARTED, HostEvent.Kind.PAUSED, HostEvent.Kind.RESUMED, HostEvent.Kind.STOPPED);
        assertThat(since(id(1))).containsExactly("2 paused", "3 resumed", "4 stopped");
        assertThat(since(id(0))).containsExactly("1 reset", "2 paused", "3 resumed", "4 stopped");
    }

    /** An event of another run, one that was never told, and what is no id at all. */
    @ParameterizedTest
    @ValueSource(strings = {"abc.1", "", "1", ".", "0", "-1", "mjv5n280.9", "mjv5n280.-1", "mjv5n280.x", "mjv5n280."})
    void anIdThatNobodyWasToldIsAReset(String id) {
        tell(HostEvent.Kind.STARTED);
        assertThat(since(id)).containsExactly("0 reset", "1 started");
    }

    @Test
    void afterARestartThereIsAResetBeforeTheFirstEvent() {
        assertThat(since("abc.7")).containsExactly("0 reset");
        assertThat(since(id(0))).isEmpty();
    }

    @Test
    void whoIsNewHearsOnlyWhatComes() {
        tell(HostEvent.Kind.STARTED);
        assertThat(since(null)).isEmpty();
        assertThat(feed.since(null).upTo()).isEqualTo(1);
    }

    @Test
    void theWordsOfEventsAreAClosedList() {
        assertThat(HostEvent.Kind.values())
                .extracting(HostEvent.Kind::word)
                .containsExactly(
                        "started",
                        "stopped",
                        "paused",
                        "resumed",
                        "suspended",
                        "out-of-space",
                        "out-of-space-over",
                        "thin-pool",
                        "wipe-failed",
                        "leftovers",
                        "reset");
    }
}
