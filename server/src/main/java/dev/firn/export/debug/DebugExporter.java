package dev.firn.export.debug;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.DebugExporterConfig;
import dev.firn.export.otlp.Grouping;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The `debug` exporter. Sampling counts batches: one that is left out is left out as a whole. (The
/// Collector counts equal messages, so that it never leaves out a text that differs.)
public final class DebugExporter implements Exporter {
    private static final long SECOND = 1_000_000_000L;

    private final Logger log;
    private final String name;
    private final DebugExporterConfig config;
    private final Clock clock;
    private final CounterDataPoint sent;
    private long second = Long.MIN_VALUE;
    private long inSecond;

    /// @param name as configured, such as `debug/detailed`
    public DebugExporter(String name, DebugExporterConfig config, OwnMetrics metrics, Clock clock) {
        this(name, config, metrics, clock, LoggerFactory.getLogger(DebugExporter.class));
    }

    DebugExporter(
            String name, DebugExporterConfig config, OwnMetrics metrics, Clock clock, Logger log) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.log = log;
        this.sent =
                metrics.counter(
                                "otelcol_exporter_sent_metric_points",
                                "Points that an exporter delivered.",
                                "exporter")
                        .labelValues(name);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void export(Batch batch) {
        sent.inc(batch.size());
        if (!log.isInfoEnabled() || !isSampled()) {
            return;
        }
        var grouping = new Grouping();
        List<Grouping.ResourceGroup> resources = grouping.group(batch);
        log.info(
                "Metrics\t{\"otelcol.component.id\": \"{}\", \"resource metrics\": {}, \"metrics\":"
                        + " {}, \"data points\": {}}",
                name,
                resources.size(),
                grouping.metrics(),
                batch.size());
        switch (config.verbosity()) {
            case BASIC -> {}
            case NORMAL -> log.info(new NormalText(batch, grouping).of(resources));
            case DETAILED -> log.info(new DetailedText(batch, grouping).of(resources));
        }
    }

    private synchronized boolean isSampled() {
        long now = Math.floorDiv(clock.ticks(), SECOND);
        if (now != second) {
            second = now;
            inSecond = 0;
        }
        long after = ++inSecond - config.samplingInitial();
        int each = config.samplingThereafter();
        return after <= 0 || (each > 0 && after % each == 0);
    }

    @Override
    public void close() {
        // nothing waits here
    }
}
