package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.ClassicBuckets.Repair;
import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `histogram_quantile`, `histogram_quantiles`, `histogram_fraction`: over classic histograms
/// (series with label `le`) and native ones in one vector.
final class DistributionFunctions {
    private DistributionFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        functions.put("histogram_quantile", DistributionFunctions::quantile);
        functions.put("histogram_quantiles", DistributionFunctions::quantiles);
        functions.put("histogram_fraction", DistributionFunctions::fraction);
    }

    /// What is computed of a distribution at a step.
    private interface Measure {
        double of(NativeHistogram histogram, int i, String metric);

        double of(ClassicBuckets buckets, int i, String metric);

        Labels label(Labels labels);
    }

    private static List<Column> quantile(Arguments arguments) {
        double[] q = arguments.scalar(0);
        validate(q, arguments, 0);
        var groups = new Groups(arguments, 1);
        return groups.measure(List.of(new Quantile(arguments, 1, q, "", "")));
    }

    private static List<Column> quantiles(Arguments arguments) {
        String label = arguments.text(1);
        var measures = new ArrayList<Measure>();
        for (int i = 2; i < arguments.count(); i++) {
            double[] q = arguments.scalar(i);
            validate(q, arguments, i);
            String text = GoNumber.plain(q[0]);
            boolean whole = text.matches("-?[0-9]+");
            measures.add(new Quantile(arguments, 0, q, label, whole ? text + ".0" : text));
        }
        return new Groups(arguments, 0).measure(measures);
    }

    private static void validate(double[] q, Arguments arguments, int argument) {
        for (double value : q) {
            if (!(value >= 0 && value <= 1)) {
                Span span = arguments.call().arguments().get(argument).span();
                arguments.annotations().invalidQuantile(value, span);
            }
        }
    }

    private static List<Column> fraction(Arguments arguments) {
        double[] lower = arguments.scalar(0);
        double[] upper = arguments.scalar(1);
        Span span = arguments.call().arguments().get(2).span();
        return new Groups(arguments, 2)
                .measure(List.of(new Fraction(arguments, lower, upper, span)));
    }

    private record Quantile(Arguments arguments, int vector, double[] q, String label, String text)
            implements Measure {
        @Override
        public double of(NativeHistogram histogram, int i, String metric) {
            Annotations notes = arguments.annotations();
            return Quantiles.of(
                    q[i],
                    histogram,
                    () -> notes.quantileOfNans(metric, span(), false),
                    () -> notes.quantileOfNans(metric, span(), true));
        }

        private Span span() {
            return arguments.call().arguments().get(vector).span();
        }

        @Override
        public double of(ClassicBuckets buckets, int i, String metric) {
            if (Double.isNaN(q[i])) {
                return Double.NaN;
            }
            if (q[i] < 0 || q[i] > 1) {
                return q[i] < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            }
            if (!buckets.endsInfinite()) {
                return Double.NaN;
            }
            Repair repair = buckets.repair();
            if (repair != null) {
                arguments
                        .annotations()
                        .forcedMonotonicity(
                                metric,
                                span(),
                                arguments.grid().at(i),
                                repair.lowest(),
                                repair.highest(),
                                repair.difference());
            }
            return buckets.quantile(q[i]);
        }

        @Override
        public Labels label(Labels labels) {
            return label.isEmpty() ? labels : labels.with(label, text);
        }
    }

    private record Fraction(Arguments arguments, double[] lower, double[] upper, Span span)
            implements Measure {
        @Override
        public double of(NativeHistogram histogram, int i, String metric) {
            return Fractions.of(
                    lower[i],
                    upper[i],
                    histogram,
                    () -> arguments.annotations().fractionOfNans(metric, span));
        }

        @Override
        public double of(ClassicBuckets buckets, int i, String metric) {
            return Fractions.of(lower[i], upper[i], buckets);
        }

        @Override
        public Labels label(Labels labels) {
            return labels;
        }
    }

    /// Series that are the buckets of one histogram, or that histogram in native form.
    private static final class Groups {
        private final Arguments arguments;
        private final Span span;
        private final boolean delayed;
        private final Map<Labels, Group> groups = new LinkedHashMap<>();

        private record Classic(Column column, double bound) {}

        private static final class Group {
            private final List<Classic> classic = new ArrayList<>();
            private @Nullable Column nativeColumn;
        }

        Groups(Arguments arguments, int vector) {
            this.arguments = arguments;
            this.span = arguments.call().arguments().get(vector).span();
            this.delayed = arguments.evaluator().options().delayedNameRemoval();
            arguments.vector(vector).forEach(this::sort);
        }

        private void sort(Column column) {
            Labels whole = column.labels();
            if (hasHistograms(column)) {
                group(whole).nativeColumn = column;
            }
            if (!hasNumbers(column)) {
                return;
            }
            String text = whole.get(Labels.BUCKET);
            OptionalDouble bound = GoNumber.parse(text);
            if (bound.isEmpty()) {
                arguments.annotations().badBucketLabel(text, delayed ? whole.name() : "", span);
            } else {
                group(whole.drop(Set.of(Labels.BUCKET)))
                        .classic
                        .add(new Classic(column, bound.getAsDouble()));
            }
        }

        private Group group(Labels labels) {
            return groups.computeIfAbsent(labels, _ -> new Group());
        }

        private static boolean hasHistograms(Column column) {
            for (int i = 0; i < column.steps(); i++) {
                if (column.isHistogram(i)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean hasNumbers(Column column) {
            for (int i = 0; i < column.steps(); i++) {
                if (column.isNumber(i)) {
                    return true;
                }
            }
            return false;
        }

        List<Column> measure(List<Measure> measures) {
            var out = new Columns(arguments.steps());
            for (Measure measure : measures) {
                for (Map.Entry<Labels, Group> entry : groups.entrySet()) {
                    for (int i = 0; i < arguments.steps(); i++) {
                        step(entry.getKey(), entry.getValue(), measure, i, out);
                    }
                }
            }
            return out.list();
        }

        private void step(Labels labels, Group group, Measure measure, int i, Columns out) {
            Column column = group.nativeColumn;
            NativeHistogram histogram = column == null ? null : column.histogram(i);
            ClassicBuckets buckets = buckets(group, i);
            String metric = delayed ? labels.name() : "";
            if (histogram != null && !buckets.isEmpty()) {
                arguments.annotations().mixedClassicNative(metric, span);
            } else if (histogram != null) {
                target(labels, measure, i, out).set(i, measure.of(histogram, i, metric));
            } else if (!buckets.isEmpty()) {
                buckets.order();
                target(labels, measure, i, out).set(i, measure.of(buckets, i, metric));
            }
        }

        private Column target(Labels labels, Measure measure, int i, Columns out) {
            Labels kept = delayed ? labels : labels.dropMetadata();
            return out.free(measure.label(kept), true, i);
        }

        private static ClassicBuckets buckets(Group group, int i) {
            var buckets = new ClassicBuckets();
            for (Classic classic : group.classic) {
                if (classic.column.isNumber(i)) {
                    buckets.add(classic.bound, classic.column.value(i));
                }
            }
            return buckets;
        }
    }
}
