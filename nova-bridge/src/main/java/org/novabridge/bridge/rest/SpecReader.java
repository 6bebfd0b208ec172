package org.novabridge.bridge.rest;

import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.InstanceSpec;

/** Reads and checks a SPEC.json document (design 4.2). */
@FunctionalInterface
public interface SpecReader {
    /**
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST, naming the field
     */
    InstanceSpec read(byte[] json);
}
