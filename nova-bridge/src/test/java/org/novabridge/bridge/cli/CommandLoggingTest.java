package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;

@Isolated("the standard error is replaced")
class CommandLoggingTest {
    @Test
    void warningsComeOnOneLineOfTheStandardErrorAndTheRestNot() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream before = System.err;
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(new CommandLogging().configure(context))
                    .isEqualTo(Configurator.ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
            Logger log = context.getLogger("org.novabridge.driver.host.HostProbe");
            log.info("not this");
            log.warn("the host {}", "hides");
        } finally {
            System.setErr(before);
            context.stop();
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("nova-bridge: WARN  HostProbe: the host hides\n");
    }

    @Test
    void aFileThatIsNamedWins() {
        System.setProperty(ClassicConstants.CONFIG_FILE_PROPERTY, "/some/logback.xml");
        try {
            LoggerContext context = new LoggerContext();
            assertThat(new CommandLogging().configure(context))
                    .isEqualTo(Configurator.ExecutionStatus.INVOKE_NEXT_IF_ANY);
            assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders())
                    .isExhausted();
        } finally {
            System.clearProperty(ClassicConstants.CONFIG_FILE_PROPERTY);
        }
    }

    @Test
    void logbackFindsIt() {
        assertThat(ServiceLoader.load(Configurator.class)).hasAtLeastOneElementOfType(CommandLogging.class);
    }
}
