package dev.firn.receive.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.FileExporterConfig;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import dev.firn.export.file.FileExporter;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.receive.DecodingReceiver;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Firn to file to Firn: while one writes and puts full files aside, the other reads.
class FileRoadTest {
    private static final int BATCHES = 300;

    @TempDir Path folder;
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000);
    private final List<Long> found = Collections.synchronizedList(new ArrayList<>());

    private Intake.Answer accept(Intake.RequestKey key, Intake.Decoder decoder) {
        Batch batch = decoder.decode().batch();
        for (int row = 0; row < batch.numbers.size(); row++) {
            found.add(batch.numbers.bits[row]);
        }
        return Intake.Answer.OK;
    }

    @Test
    void everyPointArrivesOnceThroughRotation() {
        var metrics = new OwnMetrics();
        var config =
                new OtlpJsonFileReceiverConfig(
                        List.of(folder + "/m*.jsonl"),
                        List.of(),
                        true,
                        1_000_000,
                        1_000,
                        1 << 20,
                        100);
        var receiver =
                new DecodingReceiver(
                        this::accept,
                        new SeriesCache(new Random(1), 1 << 20),
                        registry,
                        ReceiveLimits.defaults(),
                        Clock.system(),
                        metrics);
        var reader =
                new OtlpJsonFileReceiver(
                        "otlpjsonfile",
                        config,
                        folder.resolve("data"),
                        receiver,
                        source -> 0,
                        new NioDisk(),
                        new Random(1),
                        metrics,
                        Clock.system());
        try (reader) {
            write(metrics);
            long end = System.nanoTime() + 30_000_000_000L;
            while (found.size() < 10 * BATCHES && System.nanoTime() - end < 0) {
                LockSupport.parkNanos(10_000_000);
            }
        }
        assertThat(found)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 10 * BATCHES).boxed().toList());
    }

    private void write(OwnMetrics metrics) {
        var config =
                new FileExporterConfig(
                        folder.resolve("m.jsonl"),
                        false,
                        Optional.of(new FileExporterConfig.Rotation(40_000, 0, 0, false)),
                        FileExporterConfig.Format.JSON,
                        FileExporterConfig.Compression.NONE,
                        1_000_000,
                        false);
        Series series = series();
        try (var exporter =
                new FileExporter("file", config, new NioDisk(), metrics, Clock.system())) {
            var batch = new Batch();
            for (int i = 0; i < BATCHES; i++) {
                batch.clear();
                for (int j = 0; j < 10; j++) {
                    batch.numbers.add(
                            series, 1_760_000_000_000_000_000L + i, 0, 0, Numbers.INT, 10L * i + j);
                }
                exporter.export(batch);
                if (i % 10 == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }
    }

    private Series series() {
        var metric =
                new Metric(
                        new Resource("{\"service.name\":\"shop\"}", "", 0, ""),
                        new Scope("", "", "{}", "", 0),
                        "requests",
                        "",
                        MetricType.GAUGE,
                        Temporality.UNSPECIFIED,
                        false,
                        "",
                        "{}");
        return registry.intern(metric, "{}");
    }
}
