package dev.firn.export.debug;

import dev.firn.export.otlp.GoNumbers;
import dev.firn.export.otlp.Grouping;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Summaries;
import java.util.List;
import java.util.stream.Collectors;

/// `verbosity: normal`: a line for each point.
final class NormalText {
    private final Batch batch;
    private final Grouping grouping;
    private final StringBuilder out = new StringBuilder();

    NormalText(Batch batch, Grouping grouping) {
        this.batch = batch;
        this.grouping = grouping;
    }

    String of(List<Grouping.ResourceGroup> resources) {
        for (int r = 0; r < resources.size(); r++) {
            Resource resource = resources.get(r).resource();
            out.append("ResourceMetrics #").append(r);
            if (!resource.schemaUrl().isEmpty()) {
                out.append(" [").append(resource.schemaUrl()).append(']');
            }
            out.append(spaced(resource.attributes())).append('\n');
            List<Grouping.ScopeGroup> scopes = resources.get(r).scopes();
            for (int s = 0; s < scopes.size(); s++) {
                out.append("ScopeMetrics #").append(s);
                scope(scopes.get(s).scope());
                scopes.get(s).metrics().forEach(this::metric);
            }
        }
        return out.toString();
    }

    private void scope(Scope scope) {
        var details = new StringBuilder(scope.name());
        if (!scope.version().isEmpty()) {
            details.append('@').append(scope.version());
        }
        if (!scope.schemaUrl().isEmpty()) {
            details.append(details.isEmpty() ? "[" : " [").append(scope.schemaUrl()).append(']');
        }
        if (!details.isEmpty()) {
            out.append(' ').append(details);
        }
        out.append(spaced(scope.attributes())).append('\n');
    }

    private static String spaced(String canonical) {
        String joined = joined(canonical, " ");
        return joined.isEmpty() ? "" : " " + joined;
    }

    private static String joined(String canonical, String separator) {
        return Attributes.fromJson(canonical).entries().stream()
                .map(entry -> entry.key() + "=" + ValueText.plain(entry.value()))
                .collect(Collectors.joining(separator));
    }

    private void metric(Grouping.MetricGroup group) {
        for (int row = group.first(); row >= 0; row = grouping.next(group, row)) {
            String attributes = batch.points(group.kind()).series[row].attributes();
            out.append(group.metric().name())
                    .append('{')
                    .append(joined(attributes, ","))
                    .append("} ");
            switch (group.kind()) {
                case NUMBERS -> number(batch.numbers, row);
                case HISTOGRAMS -> histogram(batch.histograms, row);
                case EXPONENTIAL_HISTOGRAMS -> exponential(batch.exponential, row);
                case SUMMARIES -> summary(batch.summaries, row);
            }
            out.append('\n');
        }
    }

    private void number(Numbers from, int row) {
        switch (from.form[row]) {
            case Numbers.INT -> out.append(from.bits[row]);
            case Numbers.DOUBLE -> out.append(GoNumbers.shortest(from.value(row)));
            default -> {}
        }
    }

    private void histogram(Histograms from, int row) {
        totals(from.count[row], from.has[row], from.sum[row], from.min[row], from.max[row]);
        for (int i = 0; i < from.counts.length(row); i++) {
            out.append(' ');
            if (i < from.bounds.length(row)) {
                out.append("le").append(GoNumbers.shortest(from.bounds.realAt(row, i))).append('=');
            }
            out.append(Long.toUnsignedString(from.counts.at(row, i)));
        }
    }

    private void totals(long count, byte has, double sum, double min, double max) {
        out.append("count=").append(Long.toUnsignedString(count));
        optional(" sum=", has & Histograms.HAS_SUM, sum);
        optional(" min=", has & Histograms.HAS_MIN, min);
        optional(" max=", has & Histograms.HAS_MAX, max);
    }

    private void optional(String label, int present, double value) {
        if (present != 0) {
            out.append(label).append(GoNumbers.shortest(value));
        }
    }

    private void exponential(ExponentialHistograms from, int row) {
        totals(from.count[row], from.has[row], from.sum[row], from.min[row], from.max[row]);
        double factor = Math.scalb(Math.log(2), -from.scale[row]);
        for (int i = from.negative.length(row) - 1; i >= 0; i--) {
            double index = (double) from.negativeOffset[row] + i;
            bucket(-Math.exp(index * factor), from.negative.at(row, i));
        }
        if (from.zeroCount[row] != 0) {
            out.append(" zero=").append(Long.toUnsignedString(from.zeroCount[row]));
        }
        for (int i = 0; i < from.positive.length(row); i++) {
            double index = (double) from.positiveOffset[row] + i;
            bucket(Math.exp((index + 1) * factor), from.positive.at(row, i));
        }
    }

    private void bucket(double bound, long count) {
        out.append(" le")
                .append(GoNumbers.shortest(bound))
                .append('=')
                .append(Long.toUnsignedString(count));
    }

    private void summary(Summaries from, int row) {
        out.append("count=")
                .append(Long.toUnsignedString(from.count[row]))
                .append(" sum=")
                .append(GoNumbers.sixDecimals(from.sum[row]));
        for (int i = 0; i < from.quantiles.length(row); i++) {
            out.append(" q")
                    .append(GoNumbers.shortest(from.quantiles.realAt(row, i)))
                    .append('=')
                    .append(GoNumbers.shortest(from.values.realAt(row, i)));
        }
    }
}
