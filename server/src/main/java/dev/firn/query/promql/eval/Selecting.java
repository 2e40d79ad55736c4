package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.AggregateOp;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.LabelHash;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `topk`, `bottomk`, `limitk`, `limit_ratio`: a choice of the input's series, anew at each step.
final class Selecting {
    private static final double HASH_MAX = 18446744073709551615.0;

    private final AggregateOp op;
    private final Annotations annotations;
    private final Span span;
    private final int steps;

    Selecting(AggregateOp op, int steps, Annotations annotations, Span span) {
        this.op = op;
        this.steps = steps;
        this.annotations = annotations;
        this.span = span;
    }

    /// `groups` in order; `parameter` at each step. For an instant query the result is in order of
    /// groups and rank.
    List<Column> select(Iterable<List<Column>> groups, double[] parameter) {
        Map<Column, Column> chosen = new LinkedHashMap<>();
        for (List<Column> group : groups) {
            for (int i = 0; i < steps; i++) {
                for (Column column : at(group, i, parameter[i])) {
                    chosen.computeIfAbsent(
                                    column, key -> new Column(key.labels(), key.dropName(), steps))
                            .copy(i, column, i);
                }
            }
        }
        return new ArrayList<>(chosen.values());
    }

    private List<Column> at(List<Column> group, int i, double parameter) {
        if (op == AggregateOp.LIMIT_RATIO) {
            double ratio = Math.max(-1, Math.min(1, parameter));
            return group.stream()
                    .filter(column -> column.has(i) && isSampled(column.labels(), ratio))
                    .toList();
        }
        int k = (int) Math.min((long) parameter, group.size());
        if (k < 1) {
            return List.of();
        }
        if (op == AggregateOp.LIMITK) {
            return group.stream().filter(column -> column.has(i)).limit(k).toList();
        }
        return ranked(group, i, k);
    }

    static boolean isSampled(Labels labels, double ratio) {
        long hash = LabelHash.of(labels);
        double unsigned = (hash >>> 1) * 2.0 + (hash & 1);
        double offset = unsigned / HASH_MAX;
        return ratio >= 0 ? offset < ratio : offset >= 1 + ratio;
    }

    private List<Column> ranked(List<Column> group, int i, int k) {
        var numbers = new ArrayList<Column>();
        for (Column column : group) {
            if (column.isHistogram(i)) {
                annotations.histogramIgnoredIn(op.text(), span);
            } else if (column.has(i)) {
                numbers.add(column);
            }
        }
        boolean top = op == AggregateOp.TOPK;
        numbers.sort(byValue(i, top));
        return numbers.subList(0, Math.min(k, numbers.size()));
    }

    /// NaN comes last either way.
    static Comparator<Column> byValue(int i, boolean descending) {
        return (a, b) -> {
            double left = a.value(i);
            double right = b.value(i);
            if (Double.isNaN(left) || Double.isNaN(right)) {
                return Boolean.compare(Double.isNaN(left), Double.isNaN(right));
            }
            int order = left < right ? -1 : left > right ? 1 : 0;
            return descending ? -order : order;
        };
    }
}
