package org.novabridge.driver.hypervisor;

/** The state of a guest, with the code of {@code nova.compute.power_state} (26.2.2). */
public enum GuestState {
    NOSTATE(0),
    RUNNING(1),
    PAUSED(3),
    SHUTDOWN(4),
    CRASHED(6),
    SUSPENDED(7);

    private final int novaCode;

    GuestState(int novaCode) {
        this.novaCode = novaCode;
    }

    public int novaCode() {
        return novaCode;
    }

    /** Whether a guest in this state has a QEMU process. */
    public boolean active() {
        return switch (this) {
            case RUNNING, PAUSED -> true;
            case NOSTATE, SHUTDOWN, CRASHED, SUSPENDED -> false;
        };
    }
}
