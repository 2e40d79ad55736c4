package dev.firn.export.debug;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.DebugExporterConfig;
import dev.firn.config.DebugExporterConfig.Verbosity;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.receive.DecodingReceiver;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.Receiver;
import dev.firn.receive.SeriesCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// The golden texts were written by the Collector's own debug exporter (0.165) from the golden
/// line.
class DebugExporterTest {
    private final OwnMetrics metrics = new OwnMetrics();
    private final AtomicLong ticks = new AtomicLong();
    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return Clock.system().nanos();
                }

                @Override
                public long ticks() {
                    return ticks.get();
                }
            };

    private static String golden(String name) throws IOException {
        try (var in = DebugExporterTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /// What the exporter logs about the golden line, sent `times` times.
    private List<String> logged(DebugExporterConfig config, int times) throws IOException {
        var appender = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(DebugExporterTest.class);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        appender.start();
        try (var exporter = new DebugExporter("debug/a", config, metrics, clock, logger)) {
            byte[] line = golden("collector-metrics.jsonl").getBytes(UTF_8);
            new DecodingReceiver(
                            (key, decoder) -> {
                                Batch batch = decoder.decode().batch();
                                for (int i = 0; i < times; i++) {
                                    exporter.export(batch);
                                }
                                return Intake.Answer.OK;
                            },
                            new SeriesCache(new Random(1), 1 << 20),
                            new SeriesRegistry(SeriesIdentity.SHA_256, clock, 100),
                            ReceiveLimits.defaults(),
                            clock,
                            new OwnMetrics())
                    .receive(Receiver.Format.JSON, line, line.length, "test");
        } finally {
            logger.detachAppender(appender);
        }
        return new ArrayList<>(
                appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    void basicIsALineOfNumbers() throws Exception {
        assertThat(logged(new DebugExporterConfig(Verbosity.BASIC, 2, 1), 1))
                .containsExactly(
                        "Metrics\t{\"otelcol.component.id\": \"debug/a\", \"resource metrics\": 1,"
                                + " \"metrics\": 5, \"data points\": 13}");
        assertThat(new String(metrics.page(), UTF_8))
                .contains("otelcol_exporter_sent_metric_points{exporter=\"debug/a\"} 13.0");
    }

    @Test
    void normalIsALineForEachPoint() throws Exception {
        assertThat(logged(new DebugExporterConfig(Verbosity.NORMAL, 2, 1), 1).get(1))
                .isEqualTo(golden("collector-debug-normal.txt"));
    }

    @Test
    void detailedIsEveryField() throws Exception {
        assertThat(logged(new DebugExporterConfig(Verbosity.DETAILED, 2, 1), 1).get(1))
                .isEqualTo(golden("collector-debug-detailed.txt"));
    }

    @Test
    void samplingCountsBatchesOfASecond() throws Exception {
        assertThat(logged(new DebugExporterConfig(Verbosity.BASIC, 2, 3), 9)).hasSize(4);
        ticks.addAndGet(1_000_000_000);
        assertThat(logged(new DebugExporterConfig(Verbosity.BASIC, 2, 0), 9)).hasSize(2);
        assertThat(logged(new DebugExporterConfig(Verbosity.BASIC, 2, 1), 9)).hasSize(9);
    }
}
