package org.novabridge.driver.bench;

import java.util.Locale;

/** Sizes as people write them. */
final class Quantities {
    private Quantities() {}

    /** 268435456 is "256 MiB"; only whole numbers and one decimal. */
    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return (value == Math.rint(value) ? "%.0f %s" : "%.1f %s").formatted(value, units[unit]);
    }

    /** "256M" is 268435456. */
    static long bytes(String text) {
        String number = text.toUpperCase(Locale.ROOT);
        int shift = switch (number.charAt(number.length() - 1)) {
            case 'M' -> 20;
            case 'G' -> 30;
            default -> throw new IllegalArgumentException("a size like 256M or 4G, not \"" + text + "\"");
        };
        return Long.parseLong(number.substring(0, number.length() - 1)) << shift;
    }
}
