package dev.firn.export.debug;

import dev.firn.export.otlp.EntityReferences;
import dev.firn.export.otlp.GoNumbers;
import dev.firn.export.otlp.Grouping;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Metric;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Summaries;
import dev.firn.model.Temporality;
import java.util.HexFormat;
import java.util.List;

/// `verbosity: detailed`: every field of every point, in the Collector's words.
final class DetailedText {
    private final Batch batch;
    private final Grouping grouping;
    private final StringBuilder out = new StringBuilder();

    DetailedText(Batch batch, Grouping grouping) {
        this.batch = batch;
        this.grouping = grouping;
    }

    String of(List<Grouping.ResourceGroup> resources) {
        for (int r = 0; r < resources.size(); r++) {
            line("ResourceMetrics #" + r);
            resource(resources.get(r).resource());
            List<Grouping.ScopeGroup> scopes = resources.get(r).scopes();
            for (int s = 0; s < scopes.size(); s++) {
                line("ScopeMetrics #" + s);
                scope(scopes.get(s).scope());
                List<Grouping.MetricGroup> metrics = scopes.get(s).metrics();
                for (int m = 0; m < metrics.size(); m++) {
                    line("Metric #" + m);
                    metric(metrics.get(m));
                }
            }
        }
        return out.toString();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void attributes(String header, String indent, String canonical) {
        List<Attributes.Entry> entries = Attributes.fromJson(canonical).entries();
        if (!entries.isEmpty()) {
            line(header + ":");
            for (Attributes.Entry one : entries) {
                line(indent + "     -> " + one.key() + ": " + ValueText.typed(one.value()));
            }
        }
    }

    private void resource(Resource resource) {
        line("Resource SchemaURL: " + resource.schemaUrl());
        attributes("Resource attributes", "", resource.attributes());
        List<EntityReferences.Entity> entities = EntityReferences.read(resource.entityRefs());
        if (!entities.isEmpty()) {
            line("Resource entity refs:");
        }
        for (int i = 0; i < entities.size(); i++) {
            EntityReferences.Entity entity = entities.get(i);
            line("     -> Entity ref #" + i + ":");
            line("          -> Type: " + entity.type());
            if (!entity.schemaUrl().isEmpty()) {
                line("          -> Schema URL: " + entity.schemaUrl());
            }
            keys("ID keys", entity.idKeys());
            keys("Description keys", entity.descriptionKeys());
        }
    }

    private void keys(String header, List<String> keys) {
        if (!keys.isEmpty()) {
            line("          -> " + header + ":");
            keys.forEach(key -> line("               -> " + key));
        }
    }

    private void scope(Scope scope) {
        line("ScopeMetrics SchemaURL: " + scope.schemaUrl());
        line("InstrumentationScope " + scope.name() + " " + scope.version());
        attributes("InstrumentationScope attributes", "", scope.attributes());
    }

    private void metric(Grouping.MetricGroup group) {
        Metric metric = group.metric();
        line("Descriptor:");
        line("     -> Name: " + metric.name());
        line("     -> Description: " + metric.description());
        line("     -> Unit: " + metric.unit());
        line(
                "     -> DataType: "
                        + switch (metric.type()) {
                            case GAUGE -> "Gauge";
                            case SUM -> "Sum";
                            case HISTOGRAM -> "Histogram";
                            case EXPONENTIAL_HISTOGRAM -> "ExponentialHistogram";
                            case SUMMARY -> "Summary";
                        });
        attributes("     -> Metadata", "     ", metric.metadata());
        switch (metric.type()) {
            case GAUGE, SUMMARY -> {}
            case SUM -> {
                line("     -> IsMonotonic: " + metric.monotonic());
                temporality(metric.temporality());
            }
            case HISTOGRAM, EXPONENTIAL_HISTOGRAM -> temporality(metric.temporality());
        }
        int number = 0;
        for (int row = group.first(); row >= 0; row = grouping.next(group, row)) {
            point(group.kind(), row, number++);
        }
    }

    private void temporality(Temporality temporality) {
        line(
                "     -> AggregationTemporality: "
                        + switch (temporality) {
                            case UNSPECIFIED -> "Unspecified";
                            case DELTA -> "Delta";
                            case CUMULATIVE -> "Cumulative";
                        });
    }

    private void point(Points.Kind kind, int row, int number) {
        Points points = batch.points(kind);
        line(
                switch (kind) {
                            case NUMBERS -> "Number";
                            case HISTOGRAMS -> "Histogram";
                            case EXPONENTIAL_HISTOGRAMS -> "ExponentialHistogram";
                            case SUMMARIES -> "Summary";
                        }
                        + "DataPoints #"
                        + number);
        attributes("Data point attributes", "", points.series[row].attributes());
        line("StartTimestamp: " + ValueText.time(points.start[row]));
        line("Timestamp: " + ValueText.time(points.time[row]));
        switch (kind) {
            case NUMBERS -> value("", batch.numbers.form[row], batch.numbers.bits[row]);
            case HISTOGRAMS -> histogram(batch.histograms, row);
            case EXPONENTIAL_HISTOGRAMS -> exponential(batch.exponential, row);
            case SUMMARIES -> summary(batch.summaries, row);
        }
        exemplars(kind, row);
    }

    private void value(String indent, byte form, long bits) {
        switch (form) {
            case Numbers.INT -> line(indent + "Value: " + bits);
            case Numbers.DOUBLE -> line(indent + "Value: " + real(Double.longBitsToDouble(bits)));
            default -> {}
        }
    }

    private static String real(double value) {
        return GoNumbers.sixDecimals(value);
    }

    private void totals(long count, byte has, double sum, double min, double max) {
        line("Count: " + Long.toUnsignedString(count));
        optional("Sum: ", has & Histograms.HAS_SUM, sum);
        optional("Min: ", has & Histograms.HAS_MIN, min);
        optional("Max: ", has & Histograms.HAS_MAX, max);
    }

    private void optional(String label, int present, double value) {
        if (present != 0) {
            line(label + real(value));
        }
    }

    private void histogram(Histograms from, int row) {
        totals(from.count[row], from.has[row], from.sum[row], from.min[row], from.max[row]);
        for (int i = 0; i < from.bounds.length(row); i++) {
            line("ExplicitBounds #" + i + ": " + real(from.bounds.realAt(row, i)));
        }
        for (int i = 0; i < from.counts.length(row); i++) {
            line("Buckets #" + i + ", Count: " + Long.toUnsignedString(from.counts.at(row, i)));
        }
    }

    private void exponential(ExponentialHistograms from, int row) {
        totals(from.count[row], from.has[row], from.sum[row], from.min[row], from.max[row]);
        double factor = Math.scalb(Math.log(2), -from.scale[row]);
        for (int i = from.negative.length(row) - 1; i >= 0; i--) {
            double index = (double) from.negativeOffset[row] + i;
            bucket(
                    "[",
                    -Math.exp((index + 1) * factor),
                    -Math.exp(index * factor),
                    ")",
                    from.negative.at(row, i));
        }
        if (from.zeroCount[row] != 0) {
            line("Bucket [0, 0], Count: " + Long.toUnsignedString(from.zeroCount[row]));
        }
        for (int i = 0; i < from.positive.length(row); i++) {
            double index = (double) from.positiveOffset[row] + i;
            bucket(
                    "(",
                    Math.exp(index * factor),
                    Math.exp((index + 1) * factor),
                    "]",
                    from.positive.at(row, i));
        }
    }

    private void bucket(String open, double lower, double upper, String close, long count) {
        line(
                "Bucket "
                        + open
                        + real(lower)
                        + ", "
                        + real(upper)
                        + close
                        + ", Count: "
                        + Long.toUnsignedString(count));
    }

    private void summary(Summaries from, int row) {
        line("Count: " + Long.toUnsignedString(from.count[row]));
        line("Sum: " + real(from.sum[row]));
        for (int i = 0; i < from.quantiles.length(row); i++) {
            line(
                    "QuantileValue #"
                            + i
                            + ": Quantile "
                            + real(from.quantiles.realAt(row, i))
                            + ", Value "
                            + real(from.values.realAt(row, i)));
        }
    }

    private void exemplars(Points.Kind kind, int row) {
        Exemplars from = batch.exemplars;
        int first = grouping.firstExemplar(kind, row);
        if (first >= 0) {
            line("Exemplars:");
        }
        int number = 0;
        for (int i = first; i >= 0; i = grouping.nextExemplar(i)) {
            line("Exemplar #" + number++);
            line("     -> Trace ID: " + HexFormat.of().formatHex(from.traceId(i)));
            line("     -> Span ID: " + HexFormat.of().formatHex(from.spanId(i)));
            line("     -> Timestamp: " + ValueText.time(from.time[i]));
            value("     -> ", from.form[i], from.bits[i]);
            attributes("     -> FilteredAttributes", "     ", from.attributes(i));
        }
    }
}
