package org.novabridge.driver.bench;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.bench.Measured.Cell;
import org.novabridge.driver.bench.Measured.Work;

/** What nova-bridge promises of its volumes, held against what was measured. */
final class Promises {
    private static final double MIB = 1 << 20;

    private final Measured measured;

    Promises(Measured measured) {
        this.measured = measured;
    }

    List<Aim> aims() {
        return List.of(
                Aim.atMost("(a) thin: MiB written for a root disk, the most of all sizes", 1, mostWritten()),
                Aim.atMost("(a) thin: time of the largest image : of the smallest", 1.1, largestToSmallest()),
                Aim.atMost("(a) thin : floor, the worst size", 1.3, thinToFloor()),
                Aim.atLeast(
                        "(a) limited disk, largest image: stock Nova : thin",
                        10,
                        limited(Contender.NOVA, Contender.THIN)),
                Aim.atMost(
                        "(a) limited disk, largest image, dirty group: thick : stock Nova",
                        1.05,
                        limited(Contender.THICK, Contender.NOVA)),
                Aim.atMost(
                        "(a) limited disk, largest image, clean group: thick : stock Nova",
                        0.6,
                        limited(Contender.CLEAN, Contender.NOVA)),
                Aim.atMost("(c) pause of a guest for a snapshot, seconds, thin, the longest", 1, longestPause()),
                Aim.atMost("(c) thin: pause for the largest disk : for the smallest", 1.2, pauseByDisk()),
                Aim.atMost("(d) thin: most volumes : fewest", 2, crowd()),
                Aim.atMost("(e) thin : floor, all at once", 1.3, parallel()));
    }

    private @Nullable Double mostWritten() {
        return thinCells().stream()
                .flatMap(cell -> measured.figures(cell).stream())
                .map(figures -> figures.mostBytes() / MIB)
                .max(Double::compare)
                .orElse(null);
    }

    private @Nullable Double thinToFloor() {
        return thinCells().stream()
                .flatMap(cell -> measured.ratio(cell, cell.of(Contender.CLONE)).stream())
                .max(Double::compare)
                .orElse(null);
    }

    private @Nullable Double largestToSmallest() {
        return firstToLast(thinCells().stream()
                .filter(cell -> cell.disk().equals(Disk.UNLIMITED))
                .toList());
    }

    private @Nullable Double longestPause() {
        return thin(Work.PAUSE).stream()
                .flatMap(cell -> measured.figures(cell).stream())
                .map(Figures::slowest)
                .max(Double::compare)
                .orElse(null);
    }

    private @Nullable Double pauseByDisk() {
        return firstToLast(thin(Work.PAUSE));
    }

    private @Nullable Double crowd() {
        return firstToLast(thin(Work.CROWD));
    }

    private @Nullable Double firstToLast(List<Cell> cells) {
        return cells.size() < 2
                ? null
                : measured.ratio(cells.get(cells.size() - 1), cells.get(0)).orElse(null);
    }

    private @Nullable Double parallel() {
        return thin(Work.PARALLEL).stream()
                .flatMap(cell -> measured.ratio(cell, cell.of(Contender.CLONE)).stream())
                .max(Double::compare)
                .orElse(null);
    }

    /** Of the largest image, which is measured last. */
    private @Nullable Double limited(String one, String to) {
        Optional<Cell> largest = measured.cells(Work.CREATE).stream()
                .filter(cell -> !cell.disk().equals(Disk.UNLIMITED))
                .filter(cell -> cell.contender().equals(one))
                .reduce((earlier, later) -> later);
        return largest.flatMap(cell -> measured.ratio(cell, cell.of(to))).orElse(null);
    }

    private List<Cell> thinCells() {
        return thin(Work.CREATE);
    }

    private List<Cell> thin(Work work) {
        return measured.cells(work).stream()
                .filter(cell -> cell.contender().equals(Contender.THIN))
                .toList();
    }
}
