package org.novabridge.driver.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.LiveDomain;
import org.novabridge.driver.xml.DomainXml;

/**
 * Some of the cases of {@link NovaParityTest} with Nova's answers, kept so that the fast tests hold the
 * document without Nova. Made anew by {@code tools/nova-parity.py golden}.
 */
class GoldenDomainTest {
    @TempDir
    Path folder;

    @Test
    void theDocumentIsStillNovas() throws Exception {
        Comparison comparison = new Comparison(folder, Optional.empty());
        comparison.run(cases());

        assertThat(comparison.unexplained()).isEmpty();
        assertThat(comparison.explained()).containsOnlyKeys("no-pinning", "contradictory-limits");
    }

    @Test
    void everyDocumentIsValidForLibvirt() throws Exception {
        assumeTrue(DomainSchema.installed(), "libvirt's schema is not installed: " + DomainSchema.FILE);
        Comparison comparison = new Comparison(folder, Optional.of(new DomainSchema()));
        comparison.run(cases());

        assertThat(comparison.invalid()).isEmpty();
    }

    /** What is read from our document says the same as what is read from Nova's. */
    @Test
    void novasDocumentsReadLikeOurs() throws Exception {
        for (ParityCase asked : cases()) {
            if (asked.novaXml() == null || asked.answer(folder).xml() == null) {
                continue;
            }
            LiveDomain novas = DomainXml.read(asked.novaXml());
            LiveDomain ours = DomainXml.read(String.valueOf(asked.answer(folder).xml()));
            assertThat(ours).as(asked.name()).isEqualTo(novas);
        }
    }

    private static List<ParityCase> cases() throws Exception {
        try (InputStream in = GoldenDomainTest.class.getResourceAsStream("/parity/golden.json")) {
            assertThat(in).isNotNull();
            List<ParityCase> cases = ParityCase.load(in.readAllBytes());
            assertThat(cases).hasSizeGreaterThanOrEqualTo(40);
            return cases;
        }
    }
}
