package dev.firn.query.promql.store;

import dev.firn.base.OwnMetrics;
import dev.firn.config.PromqlConfig;
import dev.firn.query.promql.eval.QueryEngine;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryOptions;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Features;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// Answers PromQL over the store, some queries at a time. Thread-safe.
public final class PromqlService {
    private static final long SUBQUERY_STEP_MILLIS = 60_000;

    private final PromqlStore store;
    private final PromqlConfig config;
    private final LongSupplier nanos;
    private final Semaphore places;
    private final Counter queries;
    private final Counter samples;

    public PromqlService(
            PromqlStore store, PromqlConfig config, LongSupplier nanos, OwnMetrics metrics) {
        this.store = store;
        this.config = config;
        this.nanos = nanos;
        this.places = new Semaphore(config.queriesMax(), true);
        this.queries =
                metrics.counter("firn_promql_queries", "PromQL queries by outcome.", "outcome");
        this.samples =
                metrics.counter(
                        "firn_promql_samples_read", "Points that PromQL queries have read.");
        for (String outcome : new String[] {"ok", "failed"}) {
            queries.labelValues(outcome).inc(0);
        }
        metrics.gauge(
                "firn_promql_running",
                "PromQL queries in progress.",
                () -> config.queriesMax() - places.availablePermits());
    }

    /// What a query asks for beside its text.
    ///
    /// @param timeout zero: the configured one, which is also the most
    /// @param lookbackMillis zero: the configured one
    /// @param source what asks, as its header says; empty where it says nothing
    public record Ask(
            String query,
            Duration timeout,
            long lookbackMillis,
            String source,
            BooleanSupplier gone) {}

    /// An answer and what it cost.
    ///
    /// @param queuedNanos until it had a place
    public record Answer(
            QueryResult result, long samplesRead, long queuedNanos, long evaluationNanos) {}

    public PromqlConfig config() {
        return config;
    }

    /// The language that is understood.
    public Features features() {
        return config.experimental() ? Features.ALL : Features.STABLE;
    }

    /// At one time.
    public Answer instant(Ask ask, long atMillis) throws InterruptedException {
        return instant(ask, atMillis, source -> source);
    }

    /// The same with other series beside.
    ///
    /// @param joined gets the stored series, and gives all that count
    public Answer instant(Ask ask, long atMillis, UnaryOperator<SeriesSource> joined)
            throws InterruptedException {
        return run(
                ask,
                (engine, source) ->
                        engine.instant(ask.query, atMillis, joined.apply(source), ask.gone));
    }

    /// At `start`, `start + step`, … up to `end`.
    public Answer range(Ask ask, long startMillis, long endMillis, long stepMillis)
            throws InterruptedException {
        return run(
                ask,
                (engine, source) ->
                        engine.range(
                                ask.query, startMillis, endMillis, stepMillis, source, ask.gone));
    }

    /// What series there are.
    public Catalog catalog(BooleanSupplier gone) {
        return store.catalog(Duration.ofNanos(config.timeMaxNanos()), gone);
    }

    private interface Run {
        QueryResult run(QueryEngine engine, EngineSource source);
    }

    private Answer run(Ask ask, Run run) throws InterruptedException {
        Duration most = Duration.ofNanos(config.timeMaxNanos());
        Duration timeout =
                ask.timeout.isZero() || ask.timeout.compareTo(most) > 0 ? most : ask.timeout;
        long from = nanos.getAsLong();
        if (!places.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            queries.labelValues("failed").inc();
            throw new QueryException(QueryException.Kind.TIMEOUT, "query timed out in query queue");
        }
        long began = nanos.getAsLong();
        EngineSource source = store.source(ask.source, timeout, ask.gone);
        boolean good = false;
        try {
            QueryResult result = run.run(new QueryEngine(options(ask, timeout), nanos), source);
            good = true;
            return new Answer(
                    result, source.samplesRead(), began - from, nanos.getAsLong() - began);
        } finally {
            places.release();
            queries.labelValues(good ? "ok" : "failed").inc();
            samples.inc(source.samplesRead());
        }
    }

    private QueryOptions options(Ask ask, Duration timeout) {
        return new QueryOptions(
                features(),
                ask.lookbackMillis > 0 ? ask.lookbackMillis : config.lookbackNanos() / 1_000_000,
                SUBQUERY_STEP_MILLIS,
                false,
                false,
                false,
                config.samplesMax(),
                timeout);
    }
}
