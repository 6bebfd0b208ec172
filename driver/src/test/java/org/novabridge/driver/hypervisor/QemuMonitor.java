package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.util.Objects;

/** What QEMU itself says of a guest of {@link EmbedLab}: its monitor belongs to libvirt, which hands commands on. */
public final class QemuMonitor implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** libvirt-qemu.h, for tests alone: whoever uses it changes guests behind libvirt's back. */
    interface Calls extends Library {
        int virDomainQemuMonitorCommand(Pointer domain, String command, PointerByReference answer, int flags);
    }

    /** One for the life of the JVM: each that is opened registers the embedded driver anew, and libvirt has room for some. */
    private static final class Shared {
        static final BridgeConnection CONNECTION = BridgeConnection.open("qemu:///embed?root=" + EmbedLab.root());
        static final Calls CALLS = Native.load("virt-qemu", Calls.class);
    }

    private final DomainHandle domain;

    private QemuMonitor(DomainHandle domain) {
        this.domain = domain;
    }

    /** The monitor of a running guest. */
    public static QemuMonitor of(String uuid) {
        assertThat(Shared.CONNECTION.acquire()).isTrue();
        return new QemuMonitor(
                Objects.requireNonNull(DomainHandle.find(NativeLibvirt.get(), Shared.CONNECTION.pointer(), uuid)));
    }

    /** What a command without arguments answers. */
    public JsonNode ask(String command) throws IOException {
        return ask(JSON.createObjectNode().put("execute", command));
    }

    /** A property of a device or an object. */
    public JsonNode property(String path, String name) throws IOException {
        ObjectNode question = JSON.createObjectNode().put("execute", "qom-get");
        question.putObject("arguments").put("path", path).put("property", name);
        return ask(question);
    }

    /**
     * Reads or writes through a disk's own device, as the guest would.
     *
     * @param qdev its name in the answer of query-block
     * @param command of qemu-io, as {@code read 0 512}
     * @return what is wrong with the question; how it went stands in the guest's log once that has ended
     */
    public String io(String qdev, String command) throws IOException {
        ObjectNode question = JSON.createObjectNode().put("execute", "human-monitor-command");
        question.putObject("arguments").put("command-line", "qemu-io -d " + qdev + " \"" + command + "\"");
        return ask(question).asText();
    }

    private JsonNode ask(ObjectNode question) throws IOException {
        PointerByReference answer = new PointerByReference();
        int result = Shared.CALLS.virDomainQemuMonitorCommand(domain.pointer(), question.toString(), answer, 0);
        assertThat(result).as("%s: %s", question, LibvirtErrors.lastMessage()).isNotNegative();
        Pointer text = answer.getValue();
        try {
            JsonNode said = JSON.readTree(text.getString(0));
            assertThat(said.has("return")).as("%s: %s", question, said).isTrue();
            return said.get("return");
        } finally {
            Native.free(Pointer.nativeValue(text));
        }
    }

    @Override
    public void close() {
        domain.close();
        Shared.CONNECTION.release();
    }
}
