package dev.firn.export.prometheus;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.security.ServerSecurity;
import dev.firn.config.PrometheusExporterConfig;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;

/// `prometheus`: the last point of every series, on a page at `/metrics`.
///
/// Semantics: opentelemetry-specification, compatibility/prometheus_and_openmetrics.md, "OTLP
/// Metric points to Prometheus"; `docs/reference/prometheus.md` has the details and where the page
/// differs from the Collector's.
public final class PrometheusExporter implements Exporter {
    private static final long SECOND = 1_000_000_000L;
    private static final long SWEEP_NANOS_MAX = 60 * SECOND;
    private static final long WATCH_MILLIS = 1_000;

    private final String name;
    private final Clock clock;
    private final long sweepNanos;
    private final LastPoints points;
    private final PageServer server;
    private final Worker watcher;
    private long nextSweepTicks; // the watcher's

    /// Binds and serves; port 0 takes a free one.
    ///
    /// @param name in the configuration, such as `prometheus/hot`
    /// @param security as [PrometheusExporterConfig#security] opens it
    /// @param seriesMax series on the page, `limits.series_max`
    /// @throws dev.firn.base.WorldException when the address cannot be bound
    public PrometheusExporter(
            String name,
            PrometheusExporterConfig config,
            ServerSecurity security,
            long seriesMax,
            OwnMetrics metrics,
            Clock clock) {
        this.name = name;
        this.clock = clock;
        var counts = new ExporterCounts(name, metrics);
        points = new LastPoints(name, config, seriesMax, counts, clock);
        sweepNanos = Math.min(SWEEP_NANOS_MAX, Math.max(SECOND, config.metricExpirationNanos()));
        nextSweepTicks = clock.ticks() + sweepNanos;
        server =
                new PageServer(
                        name,
                        config.endpoint(),
                        security,
                        accept -> PageFormat.negotiate(accept, config.enableOpenMetrics()),
                        points::write,
                        counts);
        watcher = Worker.start("page-" + name.replace('/', '-'), this::watch);
    }

    @Override
    public String name() {
        return name;
    }

    /// The port that is served.
    public int port() {
        return server.port();
    }

    @Override
    public void export(Batch batch) {
        points.export(batch);
    }

    private void watch() throws InterruptedException {
        Thread.sleep(WATCH_MILLIS);
        server.breakSlow();
        if (clock.ticks() - nextSweepTicks >= 0) {
            nextSweepTicks = clock.ticks() + sweepNanos;
            points.sweep();
        }
    }

    @Override
    public void close() {
        server.close();
        watcher.close();
    }
}
