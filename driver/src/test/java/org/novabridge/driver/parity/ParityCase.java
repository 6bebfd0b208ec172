package org.novabridge.driver.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigLoader;
import org.novabridge.conf.ConfigSource;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.HostFactsReader;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.policy.DomainPolicy;
import org.novabridge.driver.xml.DomainXml;

/**
 * The same inputs for Nova and for us, and Nova's answer (tools/nova-parity.py).
 *
 * @param novaXml null when Nova refused
 * @param novaError class of Nova's exception; null when Nova gave a document
 */
record ParityCase(
        String name,
        String conf,
        String spec,
        String hostFacts,
        @Nullable String novaXml,
        @Nullable String novaError,
        @Nullable String novaMessage) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-20T10:00:00Z"), ZoneOffset.UTC);

    /** Our answer: a document, or a refusal. */
    record Answer(@Nullable String xml, @Nullable ErrorCode refusal, String message) {}

    static List<ParityCase> load(byte[] json) throws IOException {
        List<ParityCase> cases = new ArrayList<>();
        for (JsonNode node : MAPPER.readTree(json)) {
            JsonNode error = node.path("error");
            cases.add(new ParityCase(
                    node.path("name").asText(),
                    node.path("conf").asText(),
                    node.path("spec").toString(),
                    node.path("host_facts").toString(),
                    node.hasNonNull("xml") ? node.path("xml").asText() : null,
                    error.hasNonNull("class") ? error.path("class").asText() : null,
                    error.hasNonNull("message") ? error.path("message").asText() : null));
        }
        return cases;
    }

    /** Plans and writes the case with our own code, from the same texts that Nova read. */
    Answer answer(Path folder) throws IOException {
        Path file = folder.resolve("nova-compute.conf");
        Files.writeString(file, conf);
        LoadedConfig loaded = new ConfigLoader().load(ConfigSource.ofFile(file));
        if (loaded.problems().hasErrors()) {
            return new Answer(
                    null,
                    ErrorCode.INVALID_CONFIGURATION,
                    loaded.problems().errors().toString());
        }
        try {
            InstanceSpec instance = InstanceSpecReader.read(spec.getBytes(StandardCharsets.UTF_8));
            HostFacts facts = HostFactsReader.read(hostFacts.getBytes(StandardCharsets.UTF_8));
            String xml = DomainXml.write(new DomainPolicy(CLOCK)
                    .plan(loaded.snapshot(), instance, facts)
                    .definition());
            return new Answer(xml, null, "");
        } catch (BridgeException e) {
            return new Answer(null, e.code(), String.valueOf(e.getMessage()));
        }
    }
}
