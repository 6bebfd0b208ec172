package org.novabridge.driver.host.tuning;

/**
 * What became of one change, or of taking it back.
 *
 * @param sentence for the operator, with the values
 */
public record TuningOutcome(String path, Result result, String sentence) {

    /** How it ended. */
    public enum Result {
        DONE,
        /** The kernel took less than it was given. */
        SHORT,
        /** Not ours any more: somebody has changed it since, and it stays as it is. */
        LEFT,
        /** The kernel or the file system refused; it stays in the record. */
        FAILED
    }
}
