package org.novabridge.driver.model;

/**
 * One thing that a decision was made from.
 *
 * @param kind what sort of thing it is
 * @param name option ({@code [libvirt]disk_cachemodes}), extra spec, image property, key or fact
 * @param place where it was written ({@code /etc/nova/nova-compute.conf:14}); empty when the name says all
 */
public record ValueOrigin(Kind kind, String name, String place) {
    /** Sorts of origins, in the words of {@code disks explain}. */
    public enum Kind {
        OPTION("option"),
        EXTRA_SPEC("extra spec"),
        FLAVOR("flavor"),
        IMAGE_PROPERTY("image property"),
        IMAGE("image"),
        INSTANCE("instance"),
        BLOCK_DEVICE("block device"),
        CONNECTION("connection"),
        HOST_FACT("host fact"),
        RECORD("record"),
        RULE("rule");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** One phrase for tables: {@code [libvirt]disk_cachemodes at nova-compute.conf:14}. */
    public String describe() {
        String what = kind == Kind.OPTION || kind == Kind.RULE ? name : kind.words() + " " + name;
        return place.isEmpty() ? what : what + " (" + place + ")";
    }
}
