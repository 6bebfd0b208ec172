package org.novabridge.driver.storage;

/** Receives the progress of long work, and tells the work when nobody wants it any more. */
public interface Progress {

    /** Nobody looks, nobody cancels. */
    Progress NONE = new Progress() {
        @Override
        public void report(String phase, double percent) {
            // nobody looks
        }

        @Override
        public boolean cancelled() {
            return false;
        }
    };

    /**
     * @param phase what is being done, in words an operator knows ("convert image to raw")
     * @param percent 0 to 100 within the phase, negative when unknown
     */
    void report(String phase, double percent);

    /** True once the caller asked to stop; work checks it between steps and at each report. */
    boolean cancelled();

    /**
     * Takes over work that the caller need not wait for, where somebody can: it begins now or later, beside the caller's own.
     *
     * @return false when nobody takes it: the caller does it itself
     */
    default boolean leave(LaterWork work) {
        return false;
    }
}
