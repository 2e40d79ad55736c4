package dev.firn.ops.conformance;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.PrometheusExporterConfig.Translation;
import dev.firn.config.PromqlConfig;
import dev.firn.config.QueryClassesConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineHome;
import dev.firn.engine.EngineSink;
import dev.firn.engine.Failpoint;
import dev.firn.engine.Retention;
import dev.firn.engine.Schema;
import dev.firn.engine.TimePrecision;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineProcess;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.Resource;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.script.ScriptStorage;
import dev.firn.query.promql.store.EngineSource;
import dev.firn.query.promql.store.PromqlStore;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A script's series in a log and an engine of their own: what is loaded is appended, cut, inserted
/// by the sink and read back as every query reads.
///
/// Scripts begin at time 0, which no OTLP point may have: all times are shifted on their way in and
/// back on their way out. What a script forgets stays stored; an attribute of the resource tells
/// what is still in force.
public final class EngineStorage implements ScriptStorage, AutoCloseable {
    /// 2020-09-13T12:26:40Z, a multiple of all steps that scripts use.
    private static final long SHIFT = 1_600_000_000_000L;

    private static final String ROUND = "firn.script";
    private static final int RETENTION_DAYS = 36_500;
    private static final Duration TIMEOUT = Duration.ofSeconds(100);

    private final OwnMetrics metrics = new OwnMetrics();
    private final Clock clock = Clock.system();
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, clock, Long.MAX_VALUE);
    private final EngineProcess process;
    private final EngineClient client;
    private final Wal wal;
    private final EngineSink sink;
    private final PromqlStore store;
    private Batch batch = new Batch();
    private OtlpSamples samples;
    private int round;
    private long formless;

    /// @param folder for the log; emptied by nobody
    /// @param engine the engine to start
    public EngineStorage(Path folder, EngineConfig engine) throws InterruptedException {
        process = EngineProcess.start(engine, metrics);
        client =
                new EngineClient(
                        () ->
                                new EngineClient.Access(
                                        URI.create(process.url()), "firn", process.secret()),
                        clock,
                        TIMEOUT);
        var schema = new Schema(engine.database(), TimePrecision.MILLIS);
        schema.migrate(client);
        wal =
                Wal.open(
                        folder,
                        new NioDisk(),
                        clock,
                        new SecureRandom(),
                        registry,
                        metrics,
                        WalOptions.of(EngineSink.NAME));
        sink =
                new EngineSink(
                        wal,
                        null,
                        client,
                        EngineHome.child(process::restart),
                        schema,
                        Retention.days(RETENTION_DAYS),
                        wal.checkpoints(),
                        clock,
                        metrics,
                        Failpoint.NONE);
        store =
                new PromqlStore(
                        client,
                        engine.database(),
                        config(),
                        QueryClassesConfig.DEFAULT.scheduled(),
                        0,
                        System::nanoTime);
        samples = samples();
    }

    private static PromqlConfig config() {
        var defaults = PromqlConfig.DEFAULTS;
        return new PromqlConfig(
                "",
                List.of(ROUND),
                Translation.NO_TRANSLATION,
                false,
                PromqlConfig.Histograms.NATIVE,
                true,
                defaults.lookbackNanos(),
                defaults.samplesMax(),
                defaults.seriesMax(),
                TIMEOUT.toNanos(),
                1);
    }

    private OtlpSamples samples() {
        String attributes =
                Attributes.of(
                                List.of(
                                        new Attributes.Entry(
                                                ROUND,
                                                new AttributeValue.Text(Integer.toString(round)))))
                        .toJson();
        return new OtlpSamples(registry, new Resource(attributes, "", 0, ""));
    }

    /// Histograms that OTLP has no form for, which were left out.
    public long formless() {
        return formless;
    }

    @Override
    public void clear() {
        round++;
        samples = samples();
        batch = new Batch();
    }

    @Override
    public void append(
            Labels labels,
            long timeMillis,
            double number,
            @Nullable NativeHistogram histogram,
            long startMillis) {
        long time = timeMillis + SHIFT;
        long start = startMillis == 0 ? 0 : startMillis + SHIFT;
        if (histogram == null) {
            samples.number(batch, labels, time, number, start);
        } else if (OtlpSamples.hasForm(histogram)) {
            samples.histogram(batch, labels, time, histogram, start);
        } else {
            formless++;
        }
    }

    @Override
    public SeriesSource source() {
        if (batch.size() > 0) {
            store(batch);
            batch = new Batch();
        }
        return new Shifted(store.source(TIMEOUT, () -> false), Integer.toString(round));
    }

    private void store(Batch loaded) {
        var random = new SecureRandom();
        wal.accept(
                new Intake.RequestKey(random.nextLong(), random.nextLong()),
                () -> new Intake.Decoded(loaded, Intake.Answer.OK));
        long cut = wal.cutNow();
        try {
            while (sink.done() < cut) {
                sink.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted while loading a script", e);
        }
    }

    /// The source in the script's time, without the label that tells its series from others.
    private record Shifted(EngineSource source, String round) implements SeriesSource {
        @Override
        public Cursor select(Selection selection) {
            var matchers = new ArrayList<>(selection.matchers());
            matchers.add(new Matcher(Matcher.Type.EQUAL, ROUND, round));
            Cursor cursor =
                    source.select(
                            new Selection(
                                    matchers,
                                    selection.fromMillis() + SHIFT,
                                    selection.toMillis() + SHIFT,
                                    selection.function()));
            return new Cursor() {
                @Override
                public boolean next() {
                    return cursor.next();
                }

                @Override
                public Labels labels() {
                    return cursor.labels().drop(Set.of(ROUND));
                }

                @Override
                public Samples samples() {
                    return shifted(cursor.samples());
                }

                @Override
                public void close() {
                    cursor.close();
                }
            };
        }

        private static Samples shifted(Samples samples) {
            return new Samples(
                    shifted(samples.times()),
                    samples.values(),
                    shifted(samples.starts()),
                    shifted(samples.histogramTimes()),
                    samples.histograms(),
                    shifted(samples.histogramStarts()));
        }

        private static long[] shifted(long[] times) {
            long[] shifted = new long[times.length];
            for (int i = 0; i < times.length; i++) {
                shifted[i] = times[i] == 0 ? 0 : times[i] - SHIFT;
            }
            return shifted;
        }
    }

    @Override
    public void close() {
        try {
            wal.close();
        } finally {
            client.close();
            process.close();
        }
    }
}
