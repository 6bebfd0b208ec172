package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.RescueSpec;

/** A real guest that boots from a rescue disk, and then from its own disks again. */
@Tag("embed")
@Timeout(180)
class EmbedRescueTest extends EmbedGuest {
    private static final Pattern SOURCE = Pattern.compile("<source file='[^']*/(disk[a-z.]*)'");
    private static final String RESCUE_IMAGE = "9c4b3d6e-0000-4000-8000-00000000fade";

    private RescueSpec rescue(Map<String, String> properties) {
        ImageMeta image = new ImageMeta(RESCUE_IMAGE, "rescue", "qcow2", "bare", null, 0, 0, properties);
        return new RescueSpec(image, bridge.image().toString(), null);
    }

    /** The disks of the running guest, in libvirt's order. */
    private List<String> disks(ComputeDriver driver) {
        return SOURCE.matcher(driver.hypervisor().xml(uuid, false))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** Without the time at which it was made. */
    private String definition(ComputeDriver driver) {
        return driver.hypervisor().xml(uuid, true).replaceAll("creationTime>[^<]*", "");
    }

    @ParameterizedTest
    @CsvSource({"qcow2,", "raw, hw_rescue_bus"})
    void aGuestIsRescuedRebootedAndBroughtBack(String imagesType, String property) throws Exception {
        bridge.configure(imagesType);
        Path rescueDisk = bridge.instances().resolve(uuid).resolve("disk.rescue");
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            done(driver, service.create(OPERATOR, bridge.specOfRescuable(uuid), RequestKey.NONE));
            String definition = definition(driver);
            List<String> own = disks(driver);

            Map<String, String> properties = property == null ? Map.of() : Map.of(property, "virtio");
            done(driver, service.rescue(OPERATOR, uuid, rescue(properties), RequestKey.NONE));
            assertThat(service.show(uuid).state()).isEqualTo("running");
            assertThat(disks(driver))
                    .containsExactlyElementsOf(
                            property == null
                                    ? List.of("disk.rescue", "disk")
                                    : List.of("disk", "disk.swap", "disk.rescue"));
            assertThat(driver.hypervisor().xml(uuid, false).contains("<boot order='1'/>"))
                    .isEqualTo(property != null);
            assertThat(service.show(uuid).drift()).isEmpty();

            done(driver, service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE));
            assertThat(disks(driver)).contains("disk.rescue");

            done(driver, service.unrescue(OPERATOR, uuid, RequestKey.NONE));
            assertThat(service.show(uuid).state()).isEqualTo("running");
            assertThat(disks(driver)).isEqualTo(own);
            assertThat(rescueDisk).doesNotExist();
            assertThat(definition(driver)).isEqualTo(definition);
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
            assertThat(bridge.instances().resolve(uuid)).doesNotExist();
        }
    }
}
