package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.AppenderAttachable;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Standard output belongs to a command's answer; log lines go to standard error.
class LogsTest {
    @ParameterizedTest
    @ValueSource(strings = {"/logback.xml", "/dev/firn/engine/child/logback-child.xml"})
    void theProgramLogsToStandardError(String file) throws Exception {
        var context = new LoggerContext();
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(
                Objects.requireNonNull(Firn.class.getResource(file), "no such file"));
        AppenderAttachable<ILoggingEvent> root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        assertThat(root.iteratorForAppenders())
                .toIterable()
                .singleElement()
                .isInstanceOfSatisfying(
                        ConsoleAppender.class,
                        console -> assertThat(console.getTarget()).isEqualTo("System.err"));
        context.stop();
    }

    /// As a worker of one Firn does while a test reads what a command of another prints.
    @Test
    void linesWrittenDuringACommandAreNotAmongItsOutput() {
        Served.Ran ran =
                Served.captured(() -> {
                    LoggerFactory.getLogger(LogsTest.class).warn("a line of this test");
                    System.out.print("out");
                    System.err.print("err");
                    return 3;
                });
        assertThat(ran).isEqualTo(new Served.Ran(3, "out", "err"));
    }
}
