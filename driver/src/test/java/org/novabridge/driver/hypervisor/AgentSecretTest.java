package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.sun.jna.Pointer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;
import org.slf4j.LoggerFactory;

/**
 * A guest's agent that says the password in its refusal. The refusal is a real one of libvirt's: an error record of the
 * calling thread, told to the error callback, that quotes what it was given.
 */
@Tag("embed")
@Timeout(60)
class AgentSecretTest {
    private static final String SECRET = "to-be-seen-by-nobody";

    private final List<String> said = Collections.synchronizedList(new ArrayList<>());

    @Test
    void whatLibvirtSaysOfAPasswordIsInNoErrorAndNoLog() {
        NativeLibvirt real = NativeLibvirt.get();
        LibvirtSettings settings = LibvirtSettings.of("test:///default");
        try (EventPump pump = new EventPump(real, Clock.systemUTC(), 16);
                ConnectionSupervisor supervisor = new ConnectionSupervisor(real, pump, settings);
                LibvirtSession session = new LibvirtSession(
                        supervisor, new NativeCalls(settings.queryDeadline(), settings.changeAlarm()));
                GuestPassword password = GuestPassword.of(SECRET.getBytes(StandardCharsets.UTF_8))) {
            supervisor.start();
            LibvirtHypervisor lister = LibvirtHypervisor.open(settings, Clock.systemUTC());
            String uuid = lister.list().get(0).uuid();
            lister.close();
            LibvirtAgent agent = new LibvirtAgent(real.with(talkative(real.domains, supervisor)), session);

            Logger all = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
            Level before = all.getLevel();
            ListAppender<ILoggingEvent> heard = new ListAppender<>();
            heard.start();
            all.addAppender(heard);
            all.setLevel(Level.DEBUG);
            BridgeException refused;
            try {
                refused = catchThrowableOfType(BridgeException.class, () -> agent.setPassword(uuid, "root", password));
                // The callback is heard, and is deaf only to the call with the password.
                quote(real.domains, supervisor, "no-secret");
            } finally {
                all.setLevel(before);
                all.detachAppender(heard);
            }

            assertThat(said)
                    .as("libvirt's own words")
                    .singleElement()
                    .asString()
                    .contains(SECRET);
            assertThat(refused.code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED);
            assertThat(refused).hasMessageContaining("did not set the password of root");
            assertThat(everythingOf(refused)).doesNotContain(SECRET);
            String logged =
                    heard.list.stream().map(AgentSecretTest::text).toList().toString();
            assertThat(logged).contains("no-secret").doesNotContain(SECRET);
        }
    }

    /** The library, with an agent that refuses the password and quotes it. */
    private LibvirtDomainCalls talkative(LibvirtDomainCalls real, ConnectionSupervisor supervisor) {
        return (LibvirtDomainCalls) Proxy.newProxyInstance(
                LibvirtDomainCalls.class.getClassLoader(),
                new Class<?>[] {LibvirtDomainCalls.class},
                (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "virDomainAgentSetResponseTimeout":
                            return 0;
                        case "virDomainSetUserPassword":
                            quote(real, supervisor, ((Pointer) arguments[2]).getString(0, "UTF-8"));
                            said.add(LibvirtErrors.lastMessage());
                            return -1;
                        default:
                            try {
                                return method.invoke(real, arguments);
                            } catch (InvocationTargetException e) {
                                throw Objects.requireNonNullElse(e.getCause(), e);
                            }
                    }
                });
    }

    /** Has libvirt refuse a document by the name of its root element. */
    private static void quote(LibvirtDomainCalls real, ConnectionSupervisor supervisor, String word) {
        assertThat(real.virDomainDefineXMLFlags(supervisor.current().pointer(), "<" + word + "/>", 0))
                .isNull();
    }

    private static String everythingOf(BridgeException failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text + String.valueOf(failure.remedy());
    }

    private static String text(ILoggingEvent event) {
        return event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
}
