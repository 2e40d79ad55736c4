package dev.firn.query.promql.store;

import dev.firn.base.security.Visible;
import dev.firn.config.PromqlConfig;
import dev.firn.config.QueryClassesConfig;
import dev.firn.engine.EngineClient;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// The engine as PromQL sees it. Thread-safe.
public final class PromqlStore {
    /// "ZeroThreshold … if not set": where a sender sets none, Prometheus' receiver takes this.
    public static final double ZERO_THRESHOLD = 1e-128;

    private static final int IDENTITIES_MAX = 500_000;

    private final EngineClient client;
    private final String database;
    private final PromqlConfig config;
    private final QueryClassesConfig.Limits limits;
    private final double zeroThreshold;
    private final LongSupplier nanos;
    private final Resolver resolver;
    private final TargetInfo targets;
    private final Translation translation;

    /// @param client as the internal user
    /// @param limits of what a query may cost the engine
    /// @param zeroThreshold of exponential histograms that have none
    /// @param nanos a clock for the time limit
    public PromqlStore(
            EngineClient client,
            String database,
            PromqlConfig config,
            QueryClassesConfig.Limits limits,
            double zeroThreshold,
            LongSupplier nanos) {
        this.client = client;
        this.database = database;
        this.config = config;
        this.limits = limits;
        this.zeroThreshold = zeroThreshold;
        this.nanos = nanos;
        this.translation = new Translation(config);
        this.targets = new TargetInfo(translation);
        this.resolver =
                new Resolver(
                        translation,
                        new Identities(translation, IDENTITIES_MAX),
                        config.seriesMax());
    }

    /// Series for one query.
    ///
    /// @param timeout after which it gives up
    public EngineSource source(Duration timeout, BooleanSupplier canceled) {
        return source("", timeout, canceled);
    }

    /// The same for who says what asks.
    EngineSource source(String source, Duration timeout, BooleanSupplier canceled) {
        var reads = new Reads(visible(), source, database, limits, timeout, nanos, canceled);
        return new EngineSource(resolver, targets, reads, zeroThreshold, config.samplesMax());
    }

    /// Reads may go on in other threads than the request's.
    private EngineClient visible() {
        return client.within(Visible.current());
    }

    /// What series there are, for one question.
    public Catalog catalog(Duration timeout, BooleanSupplier canceled) {
        var reads = new Reads(visible(), "", database, limits, timeout, nanos, canceled);
        return new Catalog(resolver, targets, translation, reads);
    }
}
