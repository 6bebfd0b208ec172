package org.novabridge.bridge.rest;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Refuses nova-compute's side when it speaks another protocol. It compares at its start (see {@link HealthResource}); but a
 * bridge may be upgraded under it, so it says with each request what it speaks. Who does not say it, as an operator, is
 * served.
 */
final class ProtocolFilter implements ContainerRequestFilter {
    static final String HEADER = "Nova-Bridge-Protocol";

    /**
     * Raised with every change after which the shim of the release before would ask for something else. 2: it tells what it
     * plugs and connects. 3: it has instances brought to another host, and starts them there itself. Who raises it records
     * what the shim before asks ({@code shim/tests/record_shim.py}), which the tests replay from then on.
     */
    static final int NEWEST = 3;

    /** The one before: either side may be upgraded first (design 4.3). */
    static final int OLDEST = NEWEST - 1;

    @Override
    public void filter(ContainerRequestContext request) {
        String said = request.getHeaderString(HEADER);
        if (said != null && !request.getUriInfo().getPath().equals("healthz")) {
            demand(number(said));
        }
    }

    /** @throws BridgeException PROTOCOL_NOT_SPOKEN saying which side to upgrade */
    private static void demand(int protocol) {
        if (protocol > NEWEST) {
            throw refused(
                    "the caller speaks protocol " + protocol + " and this nova-bridge only " + OLDEST + " to " + NEWEST,
                    "upgrade nova-bridge, the service");
        }
        if (protocol < OLDEST) {
            throw refused(
                    "this nova-bridge speaks protocols " + OLDEST + " to " + NEWEST + " and the caller only "
                            + protocol,
                    "upgrade the shim (nova/virt/bridge) on this host and restart nova-compute");
        }
    }

    private static int number(String said) {
        if (!said.matches("[0-9]{1,6}")) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    HEADER + " must be a whole number",
                    "See the reference of the REST interface.");
        }
        return Integer.parseInt(said);
    }

    private static BridgeException refused(String what, String remedy) {
        return new BridgeException(ErrorCode.PROTOCOL_NOT_SPOKEN, what, remedy);
    }
}
