package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/** Answers as lvm2 2.03.16 gave them in the lab, and settings around them. */
final class Recorded {
    static final String UUID = "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";
    static final long MIB = 1 << 20;

    /** No group is remembered to be clean there. */
    private static final Path NOWHERE = Path.of("/proc/self/nowhere");

    private Recorded() {}

    static LvmSettings settings(LvmSettings.Clear clear, long clearBytes, boolean singleTenant, boolean sparse) {
        return new LvmSettings(
                "nova",
                clear,
                clearBytes,
                0,
                singleTenant,
                sparse,
                Duration.ofSeconds(300),
                Duration.ofSeconds(60),
                NOWHERE);
    }

    /** What a base holds for tests without devices. */
    static final String CHECKSUM = "c5".repeat(32);

    /** Devices that are filled so, and read as {@link #CHECKSUM}. */
    static VolumeContents contents(VolumeContents filling) {
        return new VolumeContents() {
            @Override
            public void write(DiskContent content, Path device, QemuImg.Before before, Progress progress) {
                filling.write(content, device, before, progress);
            }

            @Override
            public String checksum(Path device, Allocation where, Progress progress) {
                return CHECKSUM;
            }
        };
    }

    /** Takes a picture of the root disk. */
    static void picture(VolumeBackend backend, String uuid, String id) {
        picture(backend.snapshots().orElseThrow(), uuid, id);
    }

    static void picture(DiskSnapshots snapshots, String uuid, String id) {
        String reason = snapshots.choose(uuid, "disk", choice -> {
            Objects.requireNonNull(choice.taking(), choice.reason()).take(id);
            return choice.reason();
        });
        assertThat(reason).isNotEmpty();
    }

    static BaseReader bases(CommandExecutor executor) {
        return new BaseReader(executor, Duration.ofSeconds(1));
    }

    static LvmSettings settings() {
        return settings(LvmSettings.Clear.ZERO, 0, false, false);
    }

    static String group(long free, String tags, int missing) {
        return """
              {
                  "report": [
                      {
                          "vg": [
                              {"vg_name":"nova", "vg_size":"8522825728", "vg_free":"%d", "vg_extent_size":"4194304", \
            "vg_tags":"%s", "vg_missing_pv_count":"%d", "vg_mda_size":"67104768", "vg_mda_free":"33549824", "vg_exported":""}
                          ]
                      }
                  ]
              }
            """.formatted(free, tags, missing);
    }

    /** The answer with other metadata areas. */
    static String metadata(String answer, long size, long free) {
        return answer.replace("\"67104768\"", "\"" + size + "\"").replace("\"33549824\"", "\"" + free + "\"");
    }

    static String noGroup() {
        return "  {\n \"report\": [ { \"vg\": [ ] } ]\n }\n";
    }

    /** Rows of lvs: name, size, tags, attributes in turn. */
    static String volumes(String... cells) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < cells.length; i += 4) {
            rows.append(i == 0 ? "" : ",")
                    .append("{\"lv_name\":\"%s\", \"lv_size\":\"%s\", \"lv_tags\":\"%s\", \"lv_attr\":\"%s\"}"
                            .formatted(cells[i], cells[i + 1], cells[i + 2], cells[i + 3]));
        }
        return "{\"report\": [ {\"lv\": [" + rows + "]} ]}";
    }

    /** Rows of lvs for a pool of 4 GiB and what {@link #thinRow} adds to it. */
    static String pool(String thinRows) {
        String row = LV_IN_GROUP.formatted("nova-pool", 4L << 30, "twi-aotz--", "", "12.50")
                + ", \"metadata_percent\":\"10.40\", \"lv_metadata_size\":\"8388608\", \"chunk_size\":\"65536\","
                + " \"zero\":\"zero\", \"lv_when_full\":\"error\", \"discards\":\"passdown\", \"lv_health_status\":\"\","
                + " \"seg_monitor\":\"monitored\"}";
        return "{\"report\": [ {\"lv\": [" + row + thinRows + "]} ]}";
    }

    /** A thin volume, wholly allocated. */
    static String thinRow(String name, long size, String attributes) {
        return "," + LV_IN_GROUP.formatted(name, size, attributes, "nova-pool", "100.00") + "}";
    }

    /** The answer for one active thin volume. */
    static String thin(String name, long size) {
        return "{\"report\": [ {\"lv\": [" + thinRow(name, size, "Vwi-a-tz--").substring(1) + "]} ]}";
    }

    private static final String LV_IN_GROUP = "{\"vg_name\":\"nova\", \"vg_size\":\"8522825728\","
            + " \"vg_free\":\"4194304\", \"vg_extent_size\":\"4194304\", \"vg_tags\":\"\","
            + " \"vg_missing_pv_count\":\"0\", \"vg_mda_size\":\"67104768\", \"vg_mda_free\":\"33549824\","
            + " \"vg_exported\":\"\", \"lv_name\":\"%s\", \"lv_size\":\"%d\", \"lv_tags\":\"\","
            + " \"lv_attr\":\"%s\", \"pool_lv\":\"%s\", \"data_percent\":\"%s\"";

    /** Rows of pvs: name, group in turn. */
    static String physicalVolumes(String... cells) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < cells.length; i += 2) {
            rows.append(i == 0 ? "" : ",")
                    .append(("{\"pv_name\":\"%s\", \"vg_name\":\"%s\", \"vg_tags\":\"\", \"pv_missing\":\"\","
                                    + " \"pv_size\":\"8522825728\", \"pv_free\":\"0\"}")
                            .formatted(cells[i], cells[i + 1]));
        }
        return "{\"report\": [ {\"pv\": [" + rows + "]} ]}";
    }

    /** The answer of lvmconfig. */
    static String lvmConfiguration(String profiles, int scanLvs) {
        return """
            profile_dir="%s"
            monitoring=1
            scan_lvs=%d
            use_devicesfile=0
            devicesfile="system.devices"
            global_filter=["a|.*|"]
            filter=["a|.*|"]
            """.formatted(profiles, scanLvs);
    }

    /** What was run; questions, udev and flushes left out. */
    static java.util.List<String> changes(RecordingExecutor executor) {
        return executor.lines().stream()
                .filter(line -> !line.matches("(vgs|lvs|pvs|lvmconfig|lsblk|wipefs|udevadm|sync|dmsetup info) .*"))
                .toList();
    }
}
