package org.novabridge.driver.parity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.novabridge.driver.parity.ParityCase.Answer;

/** Runs cases through our code, holds the answers against Nova's, and against libvirt's schema if there is one. */
public final class Comparison {
    private final Path folder;
    private final Optional<DomainSchema> schema;
    private int equal;
    private final Map<String, Integer> explained = new TreeMap<>();
    private final List<String> unexplained = new ArrayList<>();
    private final List<String> invalid = new ArrayList<>();
    private final List<String> novasInvalid = new ArrayList<>();

    Comparison(Path folder, Optional<DomainSchema> schema) {
        this.folder = folder;
        this.schema = schema;
    }

    void run(List<ParityCase> cases) throws Exception {
        for (ParityCase asked : cases) {
            Answer ours = asked.answer(folder);
            Optional<String> difference = difference(asked, ours);
            if (difference.isEmpty()) {
                equal++;
            } else {
                ExplainedDifferences.explain(asked, ours)
                        .ifPresentOrElse(
                                name -> explained.merge(name, 1, Integer::sum),
                                () -> unexplained.add(asked.name() + ": " + difference.get()));
            }
            if (ours.xml() != null && schema.isPresent()) {
                List<String> problems = schema.get().check(ours.xml());
                // What Nova writes and libvirt's schema refuses, we write too: it is Nova's meaning.
                boolean novasOwn = difference.isEmpty()
                        && asked.novaXml() != null
                        && !schema.get().check(asked.novaXml()).isEmpty();
                if (!problems.isEmpty() && !novasOwn) {
                    invalid.add(asked.name() + ": " + problems);
                } else if (novasOwn) {
                    novasInvalid.add(asked.name());
                }
            }
        }
    }

    /** Whether both gave a document, and the same one. */
    public static boolean equalDocuments(ParityCase asked, Answer ours) {
        return asked.novaXml() != null && difference(asked, ours).isEmpty();
    }

    private static Optional<String> difference(ParityCase asked, Answer ours) {
        if (asked.novaError() != null) {
            if (ours.refusal() == null) {
                return Optional.of("Nova refuses with " + asked.novaError() + " (" + asked.novaMessage()
                        + "), we give a document");
            }
            return Refusals.same(asked.novaError(), ours.refusal())
                    ? Optional.empty()
                    : Optional.of("Nova refuses with " + asked.novaError() + ", we with " + ours.refusal() + " ("
                            + ours.message() + ")");
        }
        if (ours.xml() == null) {
            return Optional.of("Nova gives a document, we refuse with " + ours.refusal() + " (" + ours.message() + ")");
        }
        String novas = CanonicalXml.of(String.valueOf(asked.novaXml()));
        String own = CanonicalXml.of(ours.xml());
        return novas.equals(own) ? Optional.empty() : Optional.of(firstDifference(novas, own));
    }

    private static String firstDifference(String novas, String own) {
        String[] expected = novas.split("\n", -1);
        String[] actual = own.split("\n", -1);
        int line = 0;
        while (line < expected.length && line < actual.length && expected[line].equals(actual[line])) {
            line++;
        }
        return "line " + (line + 1)
                + "\n    Nova: " + (line < expected.length ? expected[line].strip() : "(end)")
                + "\n    ours: " + (line < actual.length ? actual[line].strip() : "(end)");
    }

    String summary() {
        int differences =
                explained.values().stream().mapToInt(Integer::intValue).sum();
        return "parity: " + (equal + differences + unexplained.size()) + " cases, " + equal + " equal, " + differences
                + " explained differences " + explained + ", " + unexplained.size() + " unexplained";
    }

    List<String> unexplained() {
        return unexplained;
    }

    List<String> invalid() {
        return invalid;
    }

    List<String> novasInvalid() {
        return novasInvalid;
    }

    Map<String, Integer> explained() {
        return explained;
    }
}
