package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** What bridges of other releases say. */
class MigrationOfferTest {
    private static JsonNode json(String text) throws IOException {
        return StateJson.MAPPER.readTree(text);
    }

    @Test
    void theReleaseBeforeSaysThatTheGuestIsToRun() throws IOException {
        assertThat(MigrationOffer.inTodaysWords(json("{\"protocol\": 1, \"run\": true, \"owner\": \"nova\"}")))
                .isEqualTo(json("{\"protocol\": 1, \"owner\": \"nova\", \"ran\": true, \"held\": false}"));
        assertThat(MigrationOffer.inTodaysWords(json("{\"protocol\": 2, \"run\": false}")))
                .isEqualTo(json("{\"protocol\": 2, \"ran\": false, \"held\": false}"));
    }

    @Test
    void todaysWordsStayAndAreNeverMixedWithOthers() throws IOException {
        for (String said : new String[] {
            "{\"protocol\": 1, \"ran\": true, \"held\": true}", "{\"protocol\": 1, \"run\": true, \"held\": true}"
        }) {
            assertThat(MigrationOffer.inTodaysWords(json(said))).isEqualTo(json(said));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"protocol\": 3, \"news\": []}", "{\"protocol\": \"x\"}", "{}", "[]", "7", ""})
    void anotherProtocolIsNamedBeforeAnythingElseIsRead(String said) throws IOException {
        assertThatThrownBy(() -> MigrationOffer.inTodaysWords(json(said)))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
                    assertThat(e.remedy()).isEqualTo(MigrationOffer.SAME_RELEASE);
                });
    }
}
