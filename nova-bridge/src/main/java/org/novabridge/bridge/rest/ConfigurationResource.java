package org.novabridge.bridge.rest;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code /v1/configuration}: what is written and where, and the order to read it again. */
@Path("v1/configuration")
@Produces(MediaType.APPLICATION_JSON)
public final class ConfigurationResource {
    private final BridgeControl control;
    private final Background background;
    private final Caller caller;

    @Inject
    ConfigurationResource(BridgeControl control, Background background, Caller caller) {
        this.control = control;
        this.background = background;
        this.caller = caller;
    }

    @Described(
            value = "The options that are written, with file and line",
            answer = BridgeControl.Setting.class,
            list = true)
    @GET
    public List<BridgeControl.Setting> written() {
        return control.configuration();
    }

    /** Only the operator may: it changes what all later guests get (design 4.4). */
    @Described(
            value = "Reads the files again",
            answer = BridgeControl.Reload.class,
            problems = ErrorCode.INVALID_CONFIGURATION,
            operatorOnly = true)
    @POST
    @Path("reload")
    public void reload(@Suspended AsyncResponse response) {
        if (caller.role() != Caller.Role.OPERATOR) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    "Only the operator (uid 0) may have the configuration read again.",
                    "Send the service SIGHUP as root (systemctl reload nova-bridge).");
        }
        background.answer(response, control::reload);
    }
}
