package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.value.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Numbers the label sets that `on` or `ignoring` leave, so that steps compare integers.
final class Signatures {
    private final Map<Labels, Integer> ordinals = new HashMap<>();
    private final Expr.Matching matching;

    Signatures(Expr.Matching matching) {
        this.matching = matching;
    }

    int[] of(List<Column> columns) {
        return columns.stream()
                .mapToInt(column ->
                        ordinal(column.labels().matching(matching.on(), matching.labels())))
                .toArray();
    }

    private int ordinal(Labels labels) {
        Integer known = ordinals.putIfAbsent(labels, ordinals.size());
        return known == null ? ordinals.size() - 1 : known;
    }

    int count() {
        return ordinals.size();
    }
}
