package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The power of the whole host is cut at the places of what is done to logical volumes, and the next boot settles. */
@Tag("power")
@Timeout(value = 170, unit = TimeUnit.MINUTES)
class PowerCutTest {
    @ParameterizedTest
    @CsvSource({
        "thin, INIT",
        "thin, PREPARE",
        "thin, SNAPSHOT",
        "thin, RESIZE",
        "thin, CONFIRM",
        "thin, REVERT",
        "thin, RESCUE",
        "thin, UNRESCUE",
        "thin, RELEASE",
        "thin, AGE",
        "lvm, INIT",
        "lvm, PREPARE",
        "lvm, SNAPSHOT",
        "lvm, RESIZE",
        "lvm, CONFIRM",
        "lvm, REVERT",
        "lvm, RELEASE",
    })
    void nothingIsLeftOrLostWhereverThePowerIsCut(String backend, CrashChild.Action action) throws Exception {
        CrashLab.assumeWanted("power." + backend, action);
        Path folder = EmbedBridge.newFolder();
        Path shared = EmbedBridge.newFolder();
        Path disks = Files.createTempDirectory(Path.of("/var/tmp"), "nbc-disks-");
        try {
            CrashPower power =
                    new CrashPower(Path.of(System.getProperty("crash.lab", "")).toAbsolutePath(), disks, shared);
            CrashJvm jvm = new CrashJvm(shared);
            makeHost(power, jvm, folder, backend, action);
            EmbedBridge bridge = new EmbedBridge(folder, CrashVolumesHost.LIBVIRT);
            CrashLab lab = action == CrashChild.Action.INIT
                    ? CrashLab.ofInit(bridge, jvm, power)
                    : new CrashLab(bridge, jvm, power);
            lab.crash("power." + backend, action);
        } finally {
            Trees.delete(folder);
            Trees.delete(shared);
            Trees.delete(disks);
        }
    }

    private static void makeHost(CrashPower power, CrashJvm jvm, Path folder, String backend, CrashChild.Action action)
            throws Exception {
        List<String> lines = new ArrayList<>(List.of(folder.toString()));
        if (action == CrashChild.Action.INIT) {
            lines.addAll(List.of("init", backend));
        } else if (backend.equals("thin")) {
            lines.addAll(List.of("images_lvm_type = thin", CrashResizeThinLabTest.ROOM));
        }
        if (action == CrashChild.Action.AGE) {
            lines.addAll(List.of("[image_cache]", "remove_unused_original_minimum_age_seconds = 0"));
        }
        Path said = folder.resolve("make.log");
        Process made = new ProcessBuilder(power.boot(folder, jvm.command(CrashPowerHost.class, lines)))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(made.waitFor())
                .as("exit of making the host: %s", Files.readString(said))
                .isZero();
    }
}
