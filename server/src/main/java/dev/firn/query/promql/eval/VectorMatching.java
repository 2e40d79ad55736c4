package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Group;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Operators between two vectors: finds for each series of the "many" side the one of the "one"
/// side with the same signature, step by step.
final class VectorMatching {
    private final Evaluator evaluator;
    private final Expr.Binary expr;
    private final Expr.Matching matching;
    private final Arithmetic arithmetic;
    private final Columns out;
    private final int steps;

    /// With `group_right` the right side is the many; from here on it is called left.
    private final boolean swapped;

    private final Map<Pair, Labels> resultLabels = new HashMap<>();
    private int[] oneAt = {};
    private boolean[] matched = {};
    private final Map<Integer, Set<Labels>> matchedLabels = new HashMap<>();

    private record Pair(Labels many, Labels one) {}

    VectorMatching(Evaluator evaluator, Expr.Binary expr, int steps) {
        this.evaluator = evaluator;
        this.expr = expr;
        this.steps = steps;
        this.matching = expr.matching();
        this.arithmetic = new Arithmetic(expr.op(), evaluator.annotations(), expr.span());
        this.out = new Columns(steps);
        this.swapped = matching.group() == Group.RIGHT;
    }

    List<Column> run(List<Column> left, List<Column> right) {
        List<Column> many = swapped ? right : left;
        List<Column> one = swapped ? left : right;
        var signatures = new Signatures(matching);
        int[] manyOf = signatures.of(many);
        int[] oneOf = signatures.of(one);
        oneAt = new int[signatures.count()];
        matched = new boolean[signatures.count()];
        boolean fills = matching.fillLeft() != null || matching.fillRight() != null;
        for (int i = 0; i < steps; i++) {
            boolean anyMany = any(many, i);
            boolean anyOne = any(one, i);
            if ((anyMany && anyOne) || (fills && (anyMany || anyOne))) {
                step(many, manyOf, one, oneOf, i);
            }
        }
        return out.list();
    }

    private static boolean any(List<Column> columns, int i) {
        for (Column column : columns) {
            if (column.has(i)) {
                return true;
            }
        }
        return false;
    }

    private void step(List<Column> many, int[] manyOf, List<Column> one, int[] oneOf, int i) {
        index(one, oneOf, i);
        Arrays.fill(matched, false);
        matchedLabels.clear();
        Double fillOne = matching.fillRight();
        for (int c = 0; c < manyOf.length; c++) {
            Column column = many.get(c);
            if (!column.has(i)) {
                continue;
            }
            int partner = oneAt[manyOf[c]];
            if (partner >= 0) {
                operate(column, one.get(partner), manyOf[c], i);
            } else if (fillOne != null) {
                operate(column, filled(column, fillOne, i), manyOf[c], i);
            }
        }
        Double fillMany = matching.fillLeft();
        for (int c = 0; fillMany != null && c < oneOf.length; c++) {
            Column column = one.get(c);
            if (column.has(i) && !isMatched(oneOf[c])) {
                operate(filled(column, fillMany, i), column, oneOf[c], i);
            }
        }
    }

    private boolean isMatched(int signature) {
        return matching.group() == Group.NONE
                ? matched[signature]
                : matchedLabels.containsKey(signature);
    }

    private Column filled(Column column, double value, int i) {
        var fill =
                new Column(
                        column.labels().matching(matching.on(), matching.labels()), false, steps);
        fill.set(i, value);
        return fill;
    }

    private void index(List<Column> one, int[] oneOf, int i) {
        Arrays.fill(oneAt, -1);
        for (int c = 0; c < oneOf.length; c++) {
            if (!one.get(c).has(i)) {
                continue;
            }
            if (oneAt[oneOf[c]] >= 0) {
                throw duplicate(one.get(c).labels(), one.get(oneAt[oneOf[c]]).labels());
            }
            oneAt[oneOf[c]] = c;
        }
    }

    private QueryException duplicate(Labels a, Labels b) {
        String first = a.toString();
        String second = b.toString();
        boolean inOrder = first.compareTo(second) <= 0;
        return QueryException.execution(
                "found duplicate series for the match group "
                        + a.matching(matching.on(), matching.labels())
                        + " on the "
                        + (swapped ? "left" : "right")
                        + " hand-side of the operation: ["
                        + (inOrder ? first : second)
                        + ", "
                        + (inOrder ? second : first)
                        + "];many-to-many matching not allowed: matching labels must be unique on"
                        + " one side");
    }

    private void operate(Column many, Column one, int signature, int i) {
        Column left = swapped ? one : many;
        Column right = swapped ? many : one;
        boolean valid =
                arithmetic.apply(
                        left.value(i), left.histogram(i), right.value(i), right.histogram(i));
        if (!valid || arithmetic.collides()) {
            return;
        }
        Labels labels =
                resultLabels.computeIfAbsent(
                        new Pair(many.labels(), one.labels()), this::resultLabels);
        claim(labels, signature);
        if (expr.bool()) {
            target(labels, i).set(i, arithmetic.keep() ? 1 : 0);
        } else if (arithmetic.keep()) {
            write(target(labels, i), i, arithmetic.histogram());
        }
    }

    private Column target(Labels labels, int i) {
        return out.free(labels, expr.bool(), i);
    }

    private void write(Column column, int i, @Nullable NativeHistogram histogram) {
        if (histogram != null) {
            column.set(i, histogram);
        } else {
            column.set(i, arithmetic.number());
        }
    }

    private void claim(Labels labels, int signature) {
        if (matching.group() == Group.NONE) {
            if (matched[signature]) {
                throw QueryException.execution(
                        "multiple matches for labels: many-to-one matching must be explicit"
                                + " (group_left/group_right)");
            }
            matched[signature] = true;
        } else if (!matchedLabels.computeIfAbsent(signature, _ -> new HashSet<>()).add(labels)) {
            throw QueryException.execution(
                    "multiple matches for labels: grouping labels must ensure unique matches");
        }
    }

    private Labels resultLabels(Pair pair) {
        Labels labels = pair.many;
        boolean drop = expr.bool() && !evaluator.options().delayedNameRemoval();
        if (drop || expr.op().changesMeaning()) {
            labels = labels.dropMetadata();
        }
        if (matching.group() == Group.NONE) {
            labels =
                    matching.on() ? labels.keep(matching.labels()) : labels.drop(matching.labels());
        }
        for (String name : matching.include()) {
            labels = labels.with(name, pair.one.get(name));
        }
        return labels;
    }
}
