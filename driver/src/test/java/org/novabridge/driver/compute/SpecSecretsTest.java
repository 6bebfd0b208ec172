package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SpecSecretsTest {

    @Test
    void nothingNamedLikeASecretReachesTheRecord() throws Exception {
        JsonNode spec = new ObjectMapper().readTree("""
                {"admin_pass": "x1", "volumes": [{"connectionInfo": {"data": {
                   "auth_password": "x2", "auth_token": "x3", "api_credential": "x4", "encryption_key": "x5",
                   "client_secret": "x6", "secret_uuid": "kept", "device_path": "/dev/sdx"}}}]}
                """);
        assertThat(SpecSecrets.without(spec).toString())
                .doesNotContain("x1", "x2", "x3", "x4", "x5", "x6")
                .contains("kept", "/dev/sdx");
    }
}
