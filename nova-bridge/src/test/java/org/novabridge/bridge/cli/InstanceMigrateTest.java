package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.compute.InstanceView;

/** What an operator sees of a migration. */
class InstanceMigrateTest extends TypedToBridge {
    private static InstanceView migrating(String phase, @Nullable String host) {
        return view("shutdown", 4, null, new InstanceView.Migration(phase, host, "2026-11-21T20:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource({
        "sent, other.example.org, to other.example.org at 2026-11-21T20:00:00Z: waits; end it",
        "confirming, other.example.org, half confirmed; finish it: nova-bridge instance migrate-confirm",
        "confirmed, other.example.org, half confirmed; finish it: nova-bridge instance migrate-confirm",
        "taken, , to this host at 2026-11-21T20:00:00Z: waits to be confirmed or reverted on the host that it came from",
    })
    void listAndShowSayThatAMigrationWaits(String phase, @Nullable String host, String said) {
        bridge.answers.put("list", List.of(migrating(phase, host)));
        bridge.answers.put("show", migrating(phase, host));
        assertThat(run("instance", "list")).isZero();
        assertThat(out.toString()).contains("shutdown, migration waits");
        assertThat(run("instance", "show", UUID)).isZero();
        assertThat(out.toString()).contains(said);
    }

    @Test
    void byHandAGuestIsLookedAtBeforeItGoesFromHereOrThere() {
        assertThat(run("instance", "migrate-confirm", UUID)).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("confirmMigration") && call.contains("true"));
        assertThat(run("instance", "migrate-confirm", UUID, "--stopped")).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("confirmMigration") && call.contains("false"));
        assertThat(run("instance", "migrate-revert", UUID)).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("revertMigration") && call.contains("idle=true"));
    }

    @Test
    void onlyWhoSaysSoRevertsWithoutTheOtherHost() {
        assertThat(run("instance", "migrate-revert", UUID)).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("revertMigration") && call.contains("force=false"));
        assertThat(run("instance", "migrate-revert", UUID, "--force")).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("revertMigration") && call.contains("force=true"));
    }
}
