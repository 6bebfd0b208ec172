package org.novabridge.driver.policy;

/**
 * A number that a disk's own device has, or the controller that it hangs on, which then has it for all its disks.
 *
 * @param ofController the controller has it
 */
record DeviceNumber(int value, boolean ofController) {
    /** For explanations. */
    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
