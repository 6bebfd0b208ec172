package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import org.novabridge.conf.EditDistance;
import org.novabridge.conf.IoLimits;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** The extra specs of flavors under bridge:, which are ours alone: one that nobody reads is a misspelt one. */
final class BridgeExtraSpecs {
    private static final String PREFIX = "bridge:";
    private static final List<String> KNOWN = known();

    private BridgeExtraSpecs() {}

    private static List<String> known() {
        List<String> known = new ArrayList<>(List.of(IoProfileRule.EXTRA_SPEC));
        IoLimits.ALL.stream()
                .map(IoTuneRule::extraSpec)
                .filter(key -> key.startsWith(PREFIX))
                .forEach(known::add);
        return List.copyOf(known);
    }

    /**
     * Refuses a new guest; one that is there keeps the flavor that it was made with, and must start again.
     *
     * @throws BridgeException INVALID_HARDWARE_VALUE for a name that no rule reads
     */
    static void demandKnown(DiskContext context) {
        if (context.launched()) {
            return;
        }
        for (String key : context.spec().instance().flavor().extraSpecs().keySet()) {
            if (key.startsWith(PREFIX) && !KNOWN.contains(key)) {
                throw new BridgeException(
                        ErrorCode.INVALID_HARDWARE_VALUE,
                        "the flavor has the extra spec " + Quoted.text(key) + ", which nothing reads",
                        remedy(key));
            }
        }
    }

    private static String remedy(String key) {
        if (key.startsWith(IoTuneRule.OURS)) {
            String novas = IoTuneRule.extraSpec(key.substring(IoTuneRule.OURS.length()));
            if (!novas.startsWith(PREFIX)) {
                return "write " + novas;
            }
        }
        return EditDistance.nearest(key, KNOWN)
                .map(near -> "did you mean " + near + "?")
                .orElse("take it out; there are " + String.join(", ", KNOWN));
    }
}
