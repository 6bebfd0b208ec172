package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.BridgeOptions;

/** Huge pages of each node against what is asked and what flavors want. */
class HugePagesCheckTest extends CheckedHost {
    @ParameterizedTest
    @CsvFileSource(resources = "/host/hugepages.csv", useHeadersInDisplayName = true)
    void hugePagesOfEachNodeAgainstWhatIsAsked(String item, Severity severity, String write, String words) {
        host.node(0, 20L << 20, 512, 2)
                .node(1, 3L << 19, 512, 2)
                .configured(config -> config.set(BridgeOptions.HOST_HUGE_PAGES, List.of(item)));
        Finding finding = only("hugepages");
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.toString()).contains(words);
        assertThat(host.tuning().plan().now())
                .extracting(TuningChange.KernelWrite::value)
                .isEqualTo(write == null ? List.of() : List.of(write));
    }

    /** Two nodes with 512 pages of 2 MiB and 2 of 1 GiB each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1024 | 2048  | 1 | OK      | room for 2 in pages of 2048 KiB",
                "512  | 2MB   | 1 | OK      | room for 4 in pages of 2048 KiB",
                "2048 | 1GB   | 1 | OK      | room for 2 in pages of 1048576 KiB",
                "4096 | 1GB   | 2 | OK      | room for 1 in pages of 1048576 KiB",
                "4096 | 1GB   | 1 | WARNING | room for 0 in pages of 1048576 KiB",
                "1024 | 1GB   | 4 | WARNING | no whole number of such pages",
                "1024 | 64KB  | 1 | WARNING | no node has pages of that size",
                "1024 | large | 1 | OK      | room for 2 in pages of 2048 KiB, free: {node0=512, node1=512}; room for 4",
            })
    void aFlavorIsHeldAgainstTheFreePagesOfEachNode(
            long memory, String pages, String nodes, Severity severity, String words) {
        host.node(0, 20L << 20, 512, 2).node(1, 20L << 20, 512, 2);
        FlavorMemory flavor = FlavorMemory.of("m", memory, Map.of("hw:mem_page_size", pages, "hw:numa_nodes", nodes))
                .orElseThrow();
        assertThat(host.tuning().fits(List.of(flavor))).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.found()).contains(words);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "small", "any", "4", "4KB", "nonsense"})
    void aFlavorWithoutHugePagesIsNotAsked(String pages) {
        assertThat(FlavorMemory.of("m", 1024, Map.of("hw:mem_page_size", pages)))
                .isEmpty();
    }

    @Test
    void whenTheKernelFindsFewerPagesThatIsSaidAndUndoneAllTheSame(@TempDir Path state) {
        host.node(0, 20L << 20, 0, 0)
                .configured(
                        config -> config.set(BridgeOptions.HOST_HUGE_PAGES, List.of("node:0,size:2048,count:1000")));
        HostTree stingy = new HostTree(
                root,
                (file, value) -> java.nio.file.Files.writeString(file, (value.equals("1000") ? "700" : value) + "\n"));
        HostTuner tuner = new HostTuner(stingy, state, TuningSteps.NONE);
        assertThat(tuner.apply(host.tuning().plan(), outcome -> {}))
                .filteredOn(outcome -> outcome.result() == TuningOutcome.Result.SHORT)
                .singleElement()
                .satisfies(
                        outcome -> assertThat(outcome.sentence()).endsWith("1000 was wanted, and the kernel has 700"));
        tuner.undo(outcome -> {});
        assertThat(host.read("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"))
                .isEqualTo("0");
    }

    @Test
    void pagesThatNobodyAskedForAreANote() {
        assertThat(only("hugepages").severity()).isEqualTo(Severity.OK);
        host.node(0, 20L << 20, 64, 0);
        assertThat(only("hugepages").found()).isEqualTo("idle: {node0 hugepages-2048kB=64}");
    }
}
