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
import org.novabridge.conf.ConfigSnapshot;
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
public record ParityCase(
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
    public record Answer(@Nullable String xml, @Nullable ErrorCode refusal, String message) {}

    public static List<ParityCase> load(byte[] json) throws IOException {
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

    /** The configuration that Nova read. */
    public LoadedConfig config(Path folder) throws IOException {
        Path file = folder.resolve("nova-compute.conf");
        Files.writeString(file, conf);
        return new ConfigLoader().load(ConfigSource.ofFile(file));
    }

    /** The guest that Nova was asked for. */
    public InstanceSpec instance() {
        return InstanceSpecReader.read(spec.getBytes(StandardCharsets.UTF_8));
    }

    /** The host that Nova was told of. */
    public HostFacts facts() {
        return HostFactsReader.read(hostFacts.getBytes(StandardCharsets.UTF_8));
    }

    /** Plans and writes the case with our own code, from the same texts that Nova read. */
    public Answer answer(Path folder) throws IOException {
        LoadedConfig loaded = config(folder);
        if (loaded.problems().hasErrors()) {
            return new Answer(
                    null,
                    ErrorCode.INVALID_CONFIGURATION,
                    loaded.problems().errors().toString());
        }
        try {
            return new Answer(document(loaded.snapshot(), instance(), facts()), null, "");
        } catch (BridgeException e) {
            return new Answer(null, e.code(), String.valueOf(e.getMessage()));
        }
    }

    /** Our whole way from a guest that is asked for to its document. */
    public static String document(ConfigSnapshot config, InstanceSpec instance, HostFacts facts) {
        return DomainXml.write(
                new DomainPolicy(CLOCK).plan(config, instance, facts).definition());
    }
}
