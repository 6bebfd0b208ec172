package org.novabridge.driver.bench;

import java.util.function.Consumer;

/**
 * The least that a volume manager's own commands take, without any question before and any check after: what no
 * driver on top of them can beat with the same commands. The clones are of nova-bridge's own base of the image.
 */
final class Floors {
    private final String group;

    Floors(String group) {
        this.group = group;
    }

    /** Snapshot and growth, the volume active from the first command on. */
    Contender cloned() {
        return floor(Contender.CLONE, (volume, image, bytes) -> {
            Bare.run("lvcreate", "-y", "-s", "-p", "rw", "-k", "n", "-n", volume, baseOf(image));
            Bare.run("lvextend", "-y", "-L", bytes + "b", group + "/" + volume);
        });
    }

    /** The same with the growth while nothing is active: one more command, and no table to change under udev. */
    Contender clonedAndActivatedLast() {
        return floor(Contender.CLONE_LATE, (volume, image, bytes) -> {
            Bare.run("lvcreate", "-y", "-s", "-p", "rw", "-k", "n", "-a", "n", "-n", volume, baseOf(image));
            Bare.run("lvextend", "-y", "-L", bytes + "b", group + "/" + volume);
            Bare.run("lvchange", "-y", "-a", "y", group + "/" + volume);
        });
    }

    /** A thick volume, the image copied into it; what lies behind the image stays as it was. */
    Contender copy() {
        return new Floor(
                Contender.COPY,
                (volume, image, bytes) -> {
                    Bare.run("lvcreate", "-y", "-L", bytes + "b", "-n", volume, group);
                    Bare.run(
                            "qemu-img",
                            "convert",
                            "-n",
                            "-t",
                            "none",
                            "-f",
                            "raw",
                            "-O",
                            "raw",
                            image.file().toString(),
                            "/dev/" + group + "/" + volume);
                },
                volume -> {
                    Bare.run("blkdiscard", "--zeroout", "/dev/" + group + "/" + volume);
                    remove(volume);
                });
    }

    private Contender floor(String name, Making making) {
        return new Floor(name, making, this::remove);
    }

    private String baseOf(SourceImage image) {
        return group + "/nb-base-" + image.file().getFileName();
    }

    private void remove(String volume) {
        Bare.run("lvremove", "-y", "-f", group + "/" + volume);
    }

    private interface Making {
        void of(String volume, SourceImage image, long bytes);
    }

    private record Floor(String name, Making making, Consumer<String> removal) implements Contender {
        @Override
        public void create(String uuid, SourceImage image, long bytes) {
            making.of(uuid + "_disk", image, bytes);
        }

        @Override
        public void remove(String uuid) {
            removal.accept(uuid + "_disk");
        }
    }
}
