package org.novabridge.driver.bench;

import java.util.List;
import java.util.Optional;

/** All samples of a run, in the order in which their cells were first measured. */
final class Measured {
    /** What the work was. */
    enum Work {
        CREATE("a", "create a root disk from a cached image"),
        ANSWER("b", "delete it, volume_clear = zero: until who asked has the answer"),
        DELETE("b", "the same: until it is wiped and gone"),
        PAUSE("c", "how long a running guest stands still for an image of its disk"),
        CROWD("d", "create with so many volumes in the group"),
        PARALLEL("e", "create so many at once");

        final String part;
        final String text;

        Work(String part, String text) {
            this.part = part;
            this.text = text;
        }
    }

    /**
     * @param disk what the disk allows, as in {@link Disk#limit}
     * @param size of the image, or how many volumes
     */
    record Cell(Work work, String disk, String size, String contender) {
        Cell of(String other) {
            return new Cell(work, disk, size, other);
        }
    }

    private final Turns<Cell> turns = new Turns<>();

    void add(Cell cell, Sample sample) {
        turns.add(cell, sample);
    }

    List<Cell> cells(Work work) {
        return turns.who().stream().filter(cell -> cell.work() == work).toList();
    }

    Optional<Figures> figures(Cell cell) {
        return turns.figures(cell);
    }

    /** How often the second's time goes into the first's; empty when one of them was not measured. */
    Optional<Double> ratio(Cell cell, Cell to) {
        return turns.ratio(cell, to);
    }
}
