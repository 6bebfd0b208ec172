package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One way to serve a guest's disk.
 *
 * @param io as disk_io_modes has it; of {@link #FLOOR}, what fio uses itself
 * @param ioThread whether a thread of its own serves it, instead of QEMU's main loop
 * @param cache as disk_cachemodes has it
 */
record Served(Storage storage, String io, boolean ioThread, String cache) {
    /** fio reads and writes the disk itself, with nothing in between. */
    static final String FLOOR = "fio alone (libaio)";

    /** Where the disk lies, and what asks nova-bridge for it. */
    enum Storage {
        RAW("raw file", "raw", "file"),
        QCOW2("qcow2 file", "qcow2", "file"),
        THICK("LVM thick", "lvm", "block", "images_lvm_type = default"),
        THIN("LVM thin", "lvm", "block", "images_lvm_type = thin"),
        /** The disk under the volume group's kind, served as thick volumes are. */
        BARE("bare disk", "", "block"),
        /** No storage at all (QEMU's null-co): what NBD and fio cost. */
        NOTHING("no storage", "", "");

        final String text;
        final String imagesType;
        private final String sourceType;
        private final List<String> lines;

        Storage(String text, String imagesType, String sourceType, String... lines) {
            this.text = text;
            this.imagesType = imagesType;
            this.sourceType = sourceType;
            this.lines = List.of(lines);
        }
    }

    static Served plain(Storage storage, String io) {
        return new Served(storage, io, false, "none");
    }

    /** The same without its thread. */
    Served inMainLoop() {
        return new Served(storage, io, false, cache);
    }

    Served of(Storage other) {
        return new Served(other, io, ioThread, cache);
    }

    /** Lines of [libvirt]. */
    List<String> configuration() {
        List<String> lines = new ArrayList<>(storage.lines);
        lines.add("disk_cachemodes = " + storage.sourceType + "=" + cache);
        lines.add("disk_io_modes = " + storage.sourceType + "=" + io);
        lines.add("disk_iothreads = " + (ioThread ? 1 : 0));
        return lines;
    }

    @Override
    public String toString() {
        return storage.text + ", " + io + (ioThread ? ", I/O thread" : "") + (cache.equals("none") ? "" : ", " + cache);
    }
}
