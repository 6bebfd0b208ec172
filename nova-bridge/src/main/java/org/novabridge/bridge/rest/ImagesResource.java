package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageSpec;
import org.novabridge.driver.model.InstanceSpecReader;

/** {@code /v1/images}: the cache of images, and images brought into it before a guest needs them. */
@Path("v1/images")
@Produces(MediaType.APPLICATION_JSON)
public final class ImagesResource {
    private final BridgeControl control;
    private final Background background;
    private final Caller caller;

    @Inject
    ImagesResource(BridgeControl control, Background background, Caller caller) {
        this.control = control;
        this.background = background;
        this.caller = caller;
    }

    @Described(
            value = "Images of the cache that are known by id, last used first",
            answer = ImageAnswer.class,
            list = true)
    @GET
    public void list(@Suspended AsyncResponse response) {
        background.answer(
                response, () -> control.images().stream().map(ImageAnswer::of).toList());
    }

    @Described(
            value = "Brings an image into the cache before a guest needs it",
            answer = OperationBody.class,
            status = 202,
            dictionary = "CachedImage",
            problems = {ErrorCode.KEY_REUSED, ErrorCode.TOO_MANY_OPERATIONS})
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public void cache(
            byte[] body, @HeaderParam("Idempotency-Key") @Nullable String key, @Suspended AsyncResponse response) {
        ImageSpec image = InstanceSpecReader.readImage(body);
        RequestKey named = RequestKeys.of(key, "cache-image", "", body);
        background.answer(
                response,
                () -> OperationBody.of(control.cacheImage(caller, image, named)).accepted());
    }
}
