package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one check says of one thing.
 *
 * @param check short name of the check: {@code scheduler}, {@code aio}
 * @param subject what was looked at: a device, a kernel file, an option
 * @param found what it is
 * @param wanted what it should be
 * @param why one sentence with the reason
 * @param source the document behind the rule
 * @param remedy what an operator does by hand; null where {@code host apply} does it, or nothing is to be done
 * @param settings kernel values that the rule has an opinion on
 */
public record Finding(
        Severity severity,
        String check,
        String subject,
        String found,
        String wanted,
        String why,
        String source,
        @Nullable String remedy,
        List<Setting> settings) {
    public Finding {
        settings = List.copyOf(settings);
    }

    /** Whether {@code host apply} changes something for it. */
    public boolean changeable() {
        return settings.stream().anyMatch(Setting::differs);
    }

    /** Begins the findings of a check. */
    static Draft about(String check, String subject, String source) {
        return new Draft(check, subject, source);
    }

    /** A finding in the making; what is not said is empty. */
    static final class Draft {
        private final String check;
        private final String subject;
        private final String source;
        private final List<Setting> settings = new ArrayList<>();
        private String found = "";
        private String wanted = "";
        private String why = "";
        private @Nullable String remedy;

        private Draft(String check, String subject, String source) {
            this.check = check;
            this.subject = subject;
            this.source = source;
        }

        Draft found(String text) {
            found = text;
            return this;
        }

        Draft wanted(String text) {
            wanted = text;
            return this;
        }

        Draft why(String sentence) {
            why = sentence;
            return this;
        }

        Draft remedy(String text) {
            remedy = text;
            return this;
        }

        Draft setting(Setting setting) {
            settings.add(setting);
            return this;
        }

        Finding as(Severity severity) {
            return new Finding(severity, check, subject, found, wanted, why, source, remedy, settings);
        }

        /** OK, or the given severity when something differs from what the rule wants. */
        Finding orWhenSettingsDiffer(Severity severity) {
            return as(settings.stream().anyMatch(Setting::differs) ? severity : Severity.OK);
        }

        Finding unknown(String reason) {
            why = reason;
            found = "unknown";
            return as(Severity.UNKNOWN);
        }
    }
}
