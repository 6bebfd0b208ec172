package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.InstanceSpec;

/**
 * Many instances asked for at once, of one image and of five, and removed at once while others are made: each ends
 * well, the image is filled once, and nothing is left. 8 of them; 50 with {@code -Dcrash.all=true}.
 */
@Tag("lab")
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class CrowdLabTest extends CrashVolumesHost {
    private static final Duration LONG = Duration.ofMinutes(15);

    @ParameterizedTest
    @CsvSource({"thin, 1", "thin, 5", "lvm, 1", "lvm, 5"})
    void allEndWellAndNothingIsLeft(String backend, int images) throws Exception {
        boolean thin = backend.equals("thin");
        int many = Boolean.getBoolean("crash.all") ? 50 : 8;
        EmbedBridge bridge =
                thin ? host(6, "images_lvm_type = thin", "images_lvm_max_over_subscription_ratio = 100") : host(6);
        // Thick ones are written and wiped in full.
        int rootGb = thin ? 1 : 0;
        // Of each image its base, and that of the size of these guests.
        int bases = thin ? 2 * images : 0;
        ConfigHolder config = bridge.load();
        try (ComputeDriver driver = ComputeDriver.open(config, Clock.systemUTC())) {
            List<String> uuids = uuids(many);
            List<Operation> made = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                InstanceSpec spec = bridge.spec(uuids.get(i), rootGb, image(i % images));
                made.add(driver.instances().prepare(OperationsTest.OPERATOR, spec, RequestKey.NONE));
            }
            endWell(driver, made);
            CrashVolumes volumes =
                    look(bridge, config, driver, uuids.get(0)).volumes().orElseThrow();
            assertThat(volumes.bases()).hasSize(bases);

            // The first half goes while a second crowd comes.
            List<String> later = uuids(many / 2);
            List<Operation> both = new ArrayList<>();
            for (int i = 0; i < many / 2; i++) {
                both.add(release(driver, uuids.get(i)));
                InstanceSpec spec = bridge.spec(later.get(i), rootGb, image(i % images));
                both.add(driver.instances().prepare(OperationsTest.OPERATOR, spec, RequestKey.NONE));
            }
            endWell(driver, both);
            List<String> rest = new ArrayList<>(uuids.subList(many / 2, many));
            rest.addAll(later);
            endWell(driver, each(rest, uuid -> release(driver, uuid)));

            assertThat(volumes.bases()).hasSize(bases);
            endWell(
                    driver,
                    driver.operations().list().stream()
                            .filter(operation -> operation.kind() == Operation.Kind.WIPE)
                            .toList());
            uuids.addAll(later);
            for (String uuid : uuids) {
                assertThat(look(bridge, config, driver, uuid).left()).isEmpty();
            }
            System.out.println("crowd: " + uuids.size() + " instances of " + images + " images at once on " + backend);
        }
    }

    private static CrashLook look(EmbedBridge bridge, ConfigHolder config, ComputeDriver driver, String uuid) {
        return new CrashLook(bridge, config, uuid, driver);
    }

    private static List<String> uuids(int count) {
        List<String> uuids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            uuids.add(UUID.randomUUID().toString());
        }
        return uuids;
    }

    private static String image(int number) {
        return EmbedBridge.IMAGE.substring(0, EmbedBridge.IMAGE.length() - 1) + number;
    }

    private static Operation release(ComputeDriver driver, String uuid) {
        return driver.instances().release(OperationsTest.OPERATOR, uuid, RequestKey.NONE);
    }

    private static <T> List<Operation> each(List<T> of, Function<T, Operation> begin) {
        return of.stream().map(begin).toList();
    }

    private static void endWell(ComputeDriver driver, List<Operation> operations) {
        for (Operation operation : operations) {
            Operation ended = OperationsTest.Awaited.ended(driver.operations(), operation.id(), LONG);
            assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
        }
    }
}
