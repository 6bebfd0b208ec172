package org.novabridge.driver.storage;

/** Contents of disks: assertions on each byte by itself take seconds for what a loop sees in a moment. */
public final class Bytes {
    private Bytes() {}

    /** Where the first byte is that is another one, from {@code from} up to {@code to}; -1 when none is. */
    public static int firstOther(byte[] bytes, long from, long to, int value) {
        byte wanted = (byte) value;
        for (int i = (int) from; i < to; i++) {
            if (bytes[i] != wanted) {
                return i;
            }
        }
        return -1;
    }
}
