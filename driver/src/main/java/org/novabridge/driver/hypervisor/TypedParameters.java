package org.novabridge.driver.hypervisor;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code virTypedParameter[]}: a name of at most 79 bytes, a type, and a union of eight bytes (libvirt-common.h). The
 * array belongs to whoever asked for it.
 */
final class TypedParameters {
    private static final int NAME = 80;
    /** The type is followed by padding: the union is aligned to eight bytes. */
    private static final int VALUE = NAME + 8;

    static final int SIZE = VALUE + 8;

    static final int INT = 1;
    static final int UNSIGNED_INT = 2;
    static final int LONG = 3;
    static final int UNSIGNED_LONG = 4;
    static final int DOUBLE = 5;
    static final int BOOLEAN = 6;
    static final int STRING = 7;

    private TypedParameters() {}

    /**
     * An array for {@code virDomainSetBlockIoTune} with every limit, those that are not named as 0: libvirt sets limits of
     * one kind together. The group of the disk is left as it is.
     */
    static Memory limits(Map<String, String> limits) {
        List<String> names = new ArrayList<>();
        for (String kind : List.of("bytes_sec", "iops_sec")) {
            for (String what : List.of("", "_max", "_max_length")) {
                for (String way : List.of("total_", "read_", "write_")) {
                    names.add(way + kind + what);
                }
            }
        }
        names.add("size_iops_sec");
        Memory array = new Memory((long) names.size() * SIZE);
        array.clear();
        for (int i = 0; i < names.size(); i++) {
            long at = (long) i * SIZE;
            array.setString(at, names.get(i), "UTF-8");
            array.setInt(at + NAME, UNSIGNED_LONG);
            array.setLong(at + VALUE, Long.parseLong(limits.getOrDefault(names.get(i), "0")));
        }
        return array;
    }

    /** Values as Long, Double, Boolean or String, in the order of the array; types that are not known are left out. */
    static Map<String, Object> read(Pointer array, int count) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * SIZE;
            String name = array.getString(at, "UTF-8");
            switch (array.getInt(at + NAME)) {
                case INT -> values.put(name, (long) array.getInt(at + VALUE));
                case UNSIGNED_INT -> values.put(name, Integer.toUnsignedLong(array.getInt(at + VALUE)));
                case LONG, UNSIGNED_LONG -> values.put(name, array.getLong(at + VALUE));
                case DOUBLE -> values.put(name, array.getDouble(at + VALUE));
                case BOOLEAN -> values.put(name, array.getByte(at + VALUE) != 0);
                case STRING -> values.put(name, array.getPointer(at + VALUE).getString(0, "UTF-8"));
                default -> {}
            }
        }
        return values;
    }
}
