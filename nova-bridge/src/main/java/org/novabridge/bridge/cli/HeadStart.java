package org.novabridge.bridge.cli;

import java.nio.charset.StandardCharsets;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.xml.DomainXml;

/**
 * What a command comes to last, made by a thread of its own while the command line and the configuration are read, which
 * need none of it: JSON and the beans of the domain document are a third of the time in which {@code disks render} has
 * its answer. Who comes to them before they are ready waits for them, as Java does for any class.
 */
final class HeadStart {
    private HeadStart() {}

    static void of(String... words) {
        if (words.length > 1 && words[0].equals("disks")) {
            Thread thread = new Thread(HeadStart::planning, "head-start");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void planning() {
        InstanceSpecReader.readPort("{}".getBytes(StandardCharsets.UTF_8));
        DomainXml.prepare();
    }
}
