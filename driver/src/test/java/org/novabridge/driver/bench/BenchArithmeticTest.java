package org.novabridge.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.bench.Measured.Cell;
import org.novabridge.driver.bench.Measured.Work;
import org.novabridge.driver.bench.Served.Storage;

/** What the bench makes of its samples; no time is taken here. */
class BenchArithmeticTest {
    private static Figures figures(double... seconds) {
        return new Figures(
                DoubleStream.of(seconds).mapToObj(s -> new Sample(s, 7)).toList());
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        assertThat(figures(9, 1, 2).seconds()).isEqualTo(2);
        assertThat(figures(9, 1, 2, 4).seconds()).isEqualTo(3);
        assertThat(figures(9, 1, 2).fastest()).isEqualTo(1);
        assertThat(figures(9, 1, 2).slowest()).isEqualTo(9);
        assertThatThrownBy(() -> new Figures(List.of())).hasMessageContaining("nothing was measured");
    }

    /** A minute in which everything takes ten times as long changes the medians, and not the ratio. */
    @Test
    void aRatioComparesWithinTheSameRepetition() {
        assertThat(figures(2, 20, 22).timesOf(figures(1, 10, 1))).isEqualTo(2);
        assertThat(figures(2, 4).timesOf(figures(2))).isEqualTo(1.5);
    }

    @Test
    void sizesAreWrittenAsPeopleWriteThem() {
        assertThat(Quantities.size(0)).isEqualTo("0 B");
        assertThat(Quantities.size(309_248)).isEqualTo("302 KiB");
        assertThat(Quantities.size(256 << 20)).isEqualTo("256 MiB");
        assertThat(Quantities.size((4L << 30) + (64 << 20))).isEqualTo("4.1 GiB");
        assertThat(Quantities.bytes("4G")).isEqualTo(4L << 30);
        assertThat(Quantities.bytes("64m")).isEqualTo(64 << 20);
        assertThatThrownBy(() -> Quantities.bytes("64")).hasMessageContaining("like 256M");
    }

    @Test
    void anAimSaysByHowMuchItIsMissed() {
        assertThat(Aim.atMost("", 1.3, 1.3).verdict()).isEqualTo("met");
        assertThat(Aim.atMost("", 1.3, 1.43).verdict()).isEqualTo("missed by 10 %");
        assertThat(Aim.atMost("", 1.3, 1.301).verdict()).isEqualTo("missed by 1 %");
        assertThat(Aim.atLeast("", 10, 12.0).verdict()).isEqualTo("met");
        assertThat(Aim.atLeast("", 10, 7.5).verdict()).isEqualTo("missed by 25 %");
        assertThat(Aim.atLeast("", 10, null).verdict()).isEqualTo("not measured: not part of this run");
        assertThat(Aim.atLeast("", 10, null).met()).isFalse();
    }

    private static Measured measured() {
        Measured measured = new Measured();
        for (String disk : List.of(Disk.UNLIMITED, "200 MB/s")) {
            for (String size : List.of("256 MiB", "4 GiB")) {
                double copy = size.equals("4 GiB") ? 16 : 1;
                add(measured, disk, size, Contender.THIN, 1.2, 300 << 10);
                add(measured, disk, size, Contender.CLONE, 1.0, 300 << 10);
                add(measured, disk, size, Contender.THICK, 1.1 * copy, 1 << 30);
                add(measured, disk, size, Contender.CLEAN, 0.5 * copy, 1 << 29);
                add(measured, disk, size, Contender.NOVA, copy, 1 << 30);
            }
        }
        for (String size : List.of("1 GiB", "8 GiB")) {
            Cell cell = new Cell(Work.PAUSE, Disk.UNLIMITED, size, Contender.THIN);
            measured.add(cell, new Sample(size.equals("8 GiB") ? 0.25 : 0.2, 0));
        }
        return measured;
    }

    private static void add(Measured measured, String disk, String size, String who, double seconds, long bytes) {
        measured.add(new Cell(Work.CREATE, disk, size, who), new Sample(seconds, bytes));
    }

    @Test
    void promisesAreHeldAgainstTheRightCells() {
        List<Aim> aims = new Promises(measured()).aims();
        assertThat(aims.get(0).measured()).isCloseTo(300 / 1024.0, within(1e-9));
        assertThat(aims.get(1).measured()).isEqualTo(1);
        assertThat(aims.get(2).measured()).isEqualTo(1.2);
        assertThat(aims.get(3).measured()).isCloseTo(16 / 1.2, within(1e-9));
        assertThat(aims.get(4).measured()).isCloseTo(1.1, within(1e-9));
        assertThat(aims.get(4).verdict()).isEqualTo("missed by 5 %");
        assertThat(aims.get(5).measured()).isEqualTo(0.5);
        assertThat(aims.get(6).measured()).isEqualTo(0.25);
        assertThat(aims.get(7).measured()).isEqualTo(1.25);
        assertThat(aims.subList(8, aims.size())).allMatch(aim -> aim.measured() == null);
    }

    @Test
    void theTableLinesUpAndNamesWhatWasNotMeasured() {
        String text = new BenchReport(
                        measured(),
                        new Promises(measured()).aims(),
                        Map.of(Contender.THIN, List.of(Map.of("lvs 1", 0.25))))
                .text();
        assertThat(text)
                .containsPattern("\\(a\\) create a root disk from a cached image\nDISK +SIZE  WHO +SECONDS")
                .containsPattern("lab disk +4 GiB  stock Nova Lvm +16\\.00  16\\.00  16\\.00 +1 GiB")
                .containsPattern("\\(c\\) how long a running guest stands still")
                .contains("lvs 1       0.25")
                .doesNotContain("(d) create with");
    }

    @Test
    void jsonHasEverySample() throws Exception {
        String json = new BenchReport(measured(), new Promises(measured()).aims(), Map.of()).json();
        JsonNode root = new ObjectMapper().readTree(json);
        assertThat(root.path("measured")).hasSize(22);
        JsonNode thin = root.path("measured").get(0);
        assertThat(thin.path("of_floor").asDouble()).isEqualTo(1.2);
        assertThat(thin.path("samples").get(0).path("bytes_written").asLong()).isEqualTo(300 << 10);
        assertThat(root.path("aims").get(9).path("measured").isNull()).isTrue();
    }

    @Test
    void fillersStandAmongTheVolumesOfTheMetadata() {
        String metadata = "nova {\n\tlogical_volumes {\n\n\t\tnova-pool {\n\t\t\tsegment1 {\n"
                + "\t\t\t\ttransaction_id = 42\n\t\t\t}\n\t\t}\n\t}\n}\n";
        String filled = Crowd.filled(metadata, "nova-pool", 10, 12);
        assertThat(filled)
                .startsWith("nova {\n\tlogical_volumes {\n00000000-0000-4000-8000-000000000010_disk {")
                .contains("id = \"000000-0000-0000-0000-0000-0000-000010\"")
                .contains("transaction_id = 42\ndevice_id = 1000011")
                .endsWith("nova-pool {\n\t\t\tsegment1 {\n\t\t\t\ttransaction_id = 42\n\t\t\t}\n\t\t}\n\t}\n}\n");
    }

    private static Turns<String> turns(Map<String, double[]> seconds) {
        Turns<String> turns = new Turns<>();
        seconds.forEach((who, all) -> DoubleStream.of(all).forEach(one -> turns.add(who, new Sample(one, 0))));
        return turns;
    }

    @Test
    void documentsASecondAreHeldAgainstNovasOfTheSameTurn() throws Exception {
        // Another guest of the machine made the second turn three times as long for both.
        RenderReport report = new RenderReport(
                10,
                60_000,
                turns(Map.of(RenderReport.OURS, new double[] {0.0001, 0.0003, 0.0001}, RenderReport.NOVA, new double[] {
                    0.006, 0.018, 0.004
                })),
                turns(Map.of(RenderReport.RENDER, new double[] {0.8, 0.4, 0.75}, RenderReport.JVM, new double[] {
                    0.08, 0.04, 0.075
                })));
        assertThat(report.aims().get(0).measured()).isCloseTo(60, within(1e-9));
        assertThat(report.aims().get(0).verdict()).isEqualTo("met");
        assertThat(report.aims().get(1).verdict()).isEqualTo("missed by 50 %");
        assertThat(report.text())
                .contains("documents of 10 different guests, 6000 characters each")
                .containsPattern("nova-bridge +10000 +3333 +10000 +0\\.100 +60\\.0 +3")
                .containsPattern("nova-bridge disks render +0\\.750 +0\\.400 +0\\.800 +10\\.00 +3");
        JsonNode root = new ObjectMapper().readTree(report.json());
        assertThat(root.path("documents")).hasSize(2);
        assertThat(root.path("starts").findValuesAsText("of_floor")).contains("10.0");
        assertThat(new RenderReport(0, 0, new Turns<>(), new Turns<>()).aims()).allMatch(aim -> aim.measured() == null);
    }

    /** Samples are times, and speed is told: half the time is twice the speed. */
    @Test
    void requestsASecondAreHeldAgainstThreadsTheLowestStorageAndTheFloor() throws Exception {
        Served native1 = new Served(Storage.QCOW2, "native", true, "none");
        Turns<IoReport.Cell> turns = new Turns<>();
        Map.of(
                        native1,
                        0.002,
                        Served.plain(Storage.QCOW2, "threads"),
                        0.004,
                        native1.of(Storage.RAW),
                        0.001,
                        Served.plain(Storage.RAW, Served.FLOOR),
                        0.0005)
                .forEach((served, seconds) ->
                        turns.add(new IoReport.Cell(IoLoad.RANDOM_READ, served), new Sample(seconds, 4096)));
        IoReport report = new IoReport(
                Storage.RAW,
                turns,
                new Turns<>(),
                Map.of(Served.plain(Storage.RAW, "io_uring"), "this kernel has none"));
        IoReport.Cell cell = new IoReport.Cell(IoLoad.RANDOM_READ, native1);
        assertThat(report.ofThreads(cell)).contains(2.0);
        assertThat(report.ofLowest(cell)).contains(0.5);
        assertThat(report.ofFloor(cell)).contains(0.25);
        assertThat(report.text())
                .contains("random-read: requests a second")
                .contains("OF RAW FILE")
                .containsPattern("qcow2 file +none +native +yes +500 +500 +500 +2\\.00 +0\\.50 +0\\.25 +1")
                .contains("not measured: raw file, io_uring: this kernel has none");
        JsonNode root = new ObjectMapper().readTree(report.json());
        assertThat(root.path("measured")).hasSize(4);
        assertThat(root.path("not_measured").get(0).path("why").asText()).isEqualTo("this kernel has none");
    }

    @Test
    void fioIsReadOnTheSideThatTheLoadHas() {
        String output = """
                fio: a word of warning
                {"jobs": [{"error": 0, "read": {"iops": 0.0, "io_bytes": 0}, "write": {"iops": 2000.5, "io_bytes": 8192}}]}
                """;
        Sample sample = Fio.parsed(output, IoLoad.FLUSHED_WRITE);
        assertThat(sample.seconds()).isCloseTo(1 / 2000.5, within(1e-12));
        assertThat(sample.bytes()).isEqualTo(8192);
        assertThatThrownBy(() -> Fio.parsed(output, IoLoad.RANDOM_READ)).hasMessageContaining("fio did nothing");
    }

    @Test
    void anIoThreadIsHeldAgainstTheMainLoop() {
        Turns<IoReport.Cell> threads = new Turns<>();
        Served threaded = new Served(Storage.RAW, "native", true, "none");
        threads.add(new IoReport.Cell(IoLoad.RANDOM_READ, threaded.inMainLoop()), new Sample(0.00004, 4096));
        threads.add(new IoReport.Cell(IoLoad.RANDOM_READ, threaded), new Sample(0.00002, 4096));
        IoReport report = new IoReport(Storage.RAW, new Turns<>(), threads, Map.of());
        assertThat(report.ofMainLoop(new IoReport.Cell(IoLoad.RANDOM_READ, threaded)))
                .hasValue(2.0);
        assertThat(report.text())
                .contains("I/O THREAD")
                .contains("25000")
                .contains("50000")
                .contains("2.00");
    }

    @Test
    void aClientThatStaysIsAskedInStrides() {
        assertThat(String.join(" ", StayingClient.line(IoLoad.FLUSHED_WRITE, 300, "nbd+unix:///disk")))
                .isEqualTo(
                        "qemu-img bench -f raw -c 300 -d 1 -s 4096 -S 1052672 -w --flush-interval=1 nbd+unix:///disk");
        assertThat(String.join(" ", StayingClient.line(IoLoad.SEQUENTIAL_READ, 9, "u")))
                .isEqualTo("qemu-img bench -f raw -c 9 -d 4 -s 1048576 u");
        assertThat(StayingClient.parsed("…\nRun completed in 2.500 seconds.\n", IoLoad.RANDOM_READ, 100_000)
                        .seconds())
                .isEqualTo(0.000025);
        assertThatThrownBy(() -> StayingClient.parsed("", IoLoad.RANDOM_READ, 1))
                .hasMessageContaining("did nothing");
    }
}
