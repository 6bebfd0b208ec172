package org.novabridge.driver.compute;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import org.novabridge.driver.model.ConnectionSecrets;

/**
 * Secrets have a call of their own and no place in a spec; what a caller put there all the same
 * (Cinder's connection data holds CHAP passwords) does not reach the disk.
 */
final class SpecSecrets {
    private SpecSecrets() {}

    /** The same tree with everything taken out that is named like a secret. */
    static JsonNode without(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
            while (fields.hasNext()) {
                Map.Entry<String, JsonNode> field = fields.next();
                if (secret(field.getKey())) {
                    fields.remove();
                } else {
                    without(field.getValue());
                }
            }
        } else if (tree instanceof ArrayNode array) {
            array.forEach(SpecSecrets::without);
        }
        return tree;
    }

    private static boolean secret(String name) {
        return ConnectionSecrets.secret(name) || name.equals("admin_pass");
    }
}
