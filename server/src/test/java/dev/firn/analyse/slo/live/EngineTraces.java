package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.PointSource.Point;
import dev.firn.analyse.slo.Trace;
import dev.firn.base.Clock;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.query.TestStore;
import java.util.Locale;

/// Puts points of traces into an engine's tables, each trace as a metric of its own.
final class EngineTraces {
    private static final Series SERIES =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1)
                    .intern(
                            new Metric(
                                    new Resource("{}", "", 0, ""),
                                    new Scope("", "", "{}", "", 0),
                                    "m",
                                    "",
                                    MetricType.HISTOGRAM,
                                    Temporality.CUMULATIVE,
                                    true,
                                    "",
                                    "{}"),
                            "{}");

    private final TestStore store;
    private final StringBuilder samples = new StringBuilder();
    private final StringBuilder histograms = new StringBuilder();
    private final StringBuilder exponential = new StringBuilder();
    private final StringBuilder series = new StringBuilder();

    EngineTraces(TestStore store) {
        this.store = store;
    }

    static String name(int number) {
        return "requests." + number;
    }

    /// Announces the series of a trace.
    void series(int number, Trace trace) {
        String type =
                switch (trace.shape) {
                    case COUNTER, DOUBLES -> "sum";
                    case HISTOGRAM -> "histogram";
                    case EXPONENTIAL -> "exponential_histogram";
                };
        for (int code = 0; code < Trace.CODES.size(); code++) {
            series.append(
                    "(%d, %d, 'x', '%s', '%s', '%s', '%s', 1, '{}', {'service.name':'shop'}, {'code':'%s'}, 30000)\n"
                            .formatted(
                                    number,
                                    code,
                                    name(number),
                                    type,
                                    trace.unit(),
                                    trace.delta ? "delta" : "cumulative",
                                    Trace.CODES.get(code)));
        }
    }

    /// Adds a point.
    ///
    /// @param seq of the cut that it comes with
    void point(int number, int code, Point point, long seq) {
        String head =
                "(%d, %d, fromUnixTimestamp64Nano(%d), fromUnixTimestamp64Nano(%d), '%s', %d, 30000, %d"
                        .formatted(
                                number,
                                code,
                                point.time(),
                                point.start(),
                                point.src() == 1 ? "writer-b" : "writer-a",
                                seq,
                                point.value() == null ? 1 : number(point));
        switch (point.value()) {
            case null -> samples.append(head).append(", 0, 0)\n");
            case NumberValue value ->
                    samples.append(head)
                            .append(
                                    String.format(
                                            Locale.ROOT,
                                            ", %s, %d)%n",
                                            Double.toString(value.real()),
                                            (long) value.real()));
            default -> distribution(head, point);
        }
    }

    private static long number(Point point) {
        return point.value() instanceof NumberValue value && value.form() == 2 ? 1 << 24 : 0;
    }

    private void distribution(String head, Point point) {
        var batch = new Batch();
        java.util.Objects.requireNonNull(point.value()).addTo(batch, SERIES, 1, 0, 0);
        if (batch.histograms.size() > 0) {
            Histograms one = batch.histograms;
            histograms
                    .append(head)
                    .append(", " + one.count[0] + ", 0, 0, 0, 0, ")
                    .append(reals(one.bounds))
                    .append(", ")
                    .append(counts(one.counts))
                    .append(")\n");
        } else {
            ExponentialHistograms one = batch.exponential;
            exponential
                    .append(head)
                    .append(", " + one.count[0] + ", 0, 0, 0, 0, ")
                    .append(one.scale[0] + ", " + one.zeroCount[0] + ", " + one.zeroThreshold[0])
                    .append(", " + one.positiveOffset[0] + ", " + counts(one.positive))
                    .append(", " + one.negativeOffset[0] + ", " + counts(one.negative))
                    .append(")\n");
        }
    }

    private static String reals(LongLists lists) {
        var text = new StringBuilder("[");
        for (int i = 0; i < lists.length(0); i++) {
            text.append(i == 0 ? "" : ",").append(lists.realAt(0, i));
        }
        return text.append(']').toString();
    }

    private static String counts(LongLists lists) {
        var text = new StringBuilder("[");
        for (int i = 0; i < lists.length(0); i++) {
            text.append(i == 0 ? "" : ",").append(lists.at(0, i));
        }
        return text.append(']').toString();
    }

    /// Inserts what was added, a part a table.
    void flush() throws InterruptedException {
        insert(
                "series",
                "metric_id, series_id, fingerprint, metric_name, type, unit, temporality, monotonic, resource, resource_map, attributes_map, retention_days",
                series);
        String head = "metric_id, series_id, time, start_time, src, seq, retention_days, flags";
        insert("samples", head + ", value, value_int", samples);
        String distribution = head + ", count, sum, min, max, has";
        insert("histograms", distribution + ", bounds, bucket_counts", histograms);
        insert(
                "exponential_histograms",
                distribution
                        + ", scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts",
                exponential);
    }

    private void insert(String table, String columns, StringBuilder rows)
            throws InterruptedException {
        if (!rows.isEmpty()) {
            store.client.executeLong(
                    "INSERT INTO otel_metrics."
                            + table
                            + " ("
                            + columns
                            + ") VALUES "
                            + rows.toString().strip().replace("\n", ","));
            rows.setLength(0);
        }
    }
}
