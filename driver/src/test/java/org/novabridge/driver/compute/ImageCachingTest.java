package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageSpec;
import org.novabridge.driver.model.InstanceSpecReader;

/** Images that are cached before a guest needs them, on a host of maps. */
class ImageCachingTest extends OneHost {
    private static final String IMAGE = "99999999-1111-4111-8111-111111111111";

    private static ImageSpec image(String id) {
        return image(id, "qcow2");
    }

    private static ImageSpec image(String id, String format) {
        String json = JsonNodeFactory.instance
                .objectNode()
                .put("image_file", "image")
                .set(
                        "image_meta",
                        JsonNodeFactory.instance.objectNode().put("id", id).put("disk_format", format))
                .toString();
        return InstanceSpecReader.readImage(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Operation cache(FakeHost.Life life, String id) {
        return cache(life, image(id));
    }

    private static Operation cache(FakeHost.Life life, ImageSpec image) {
        return new ImageCaching(life.parts(), () -> "qcow2", List::of).cache(NOVA, image, RequestKey.NONE);
    }

    private Function<ComputeNode, Operation> cache() {
        return node -> cache(life, IMAGE);
    }

    @Test
    void itSaysWhetherTheImageWasThereAndTheStorageIsMadeReadyForIt() {
        assertThat(done(cache()).result())
                .containsEntry("image", IMAGE)
                .containsEntry("cached", true)
                .containsEntry("backend", "qcow2");
        assertThat(done(cache()).result()).containsEntry("cached", false);
        assertThat(host.calls).containsExactly("warm qcow2", "warm qcow2");
    }

    @Test
    void noRootDiskIsMadeFromAKernelOrARamdisk() {
        for (String format : List.of("aki", "ari")) {
            assertThat(done(node -> cache(life, image(IMAGE, format))).result()).containsEntry("backend", "raw");
        }
        assertThat(host.calls).containsExactly("warm raw", "warm raw");
    }

    @Test
    void whatFailsIsTriedAgain() {
        host.failOnce = "warm qcow2";
        failed(cache());
        assertThat(done(cache()).result()).containsEntry("cached", false);
    }

    @Test
    void whereverTheBridgeDiesNothingIsInItsWay() {
        int places = lifeEndingEverywhere(() -> {}, dying -> cache(dying, IMAGE), where -> done(cache()));
        assertThat(places).isGreaterThan(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no-uuid", "../../etc"})
    void anImageIsNamedByItsUuid(String id) {
        assertThatThrownBy(() -> cache(life, id))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        assertThat(host.calls).isEmpty();
    }
}
