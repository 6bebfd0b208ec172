package org.novabridge.conf;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything found in one reading of the configuration, sorted by file and line.
 *
 * @param all errors, warnings and notes
 */
public record Problems(List<Problem> all) {
    public Problems {
        all = all.stream().distinct().sorted(Problem.BY_PLACE).toList();
    }

    public List<Problem> errors() {
        return of(Problem.Severity.ERROR);
    }

    public List<Problem> warnings() {
        return of(Problem.Severity.WARNING);
    }

    public List<Problem> notes() {
        return of(Problem.Severity.NOTE);
    }

    public boolean hasErrors() {
        return !errors().isEmpty();
    }

    private List<Problem> of(Problem.Severity severity) {
        return all.stream().filter(problem -> problem.severity() == severity).toList();
    }

    /** Collects while reading. */
    static final class Collector {
        private final List<Problem> found = new ArrayList<>();

        void add(Problem problem) {
            found.add(problem);
        }

        void add(Problem.Severity severity, Origin origin, String option, String sentence, String hint) {
            add(Problem.at(severity, origin, option, sentence, hint));
        }

        Problems done() {
            return new Problems(found);
        }
    }
}
