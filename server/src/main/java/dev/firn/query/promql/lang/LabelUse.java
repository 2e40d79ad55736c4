package dev.firn.query.promql.lang;

import dev.firn.query.promql.lang.Expr.Aggregate;
import dev.firn.query.promql.lang.Expr.Binary;
import dev.firn.query.promql.lang.Expr.Call;
import dev.firn.query.promql.lang.Expr.Group;
import dev.firn.query.promql.lang.Expr.MatrixSelector;
import dev.firn.query.promql.lang.Expr.NumberLiteral;
import dev.firn.query.promql.lang.Expr.Paren;
import dev.firn.query.promql.lang.Expr.StringLiteral;
import dev.firn.query.promql.lang.Expr.Subquery;
import dev.firn.query.promql.lang.Expr.Unary;
import dev.firn.query.promql.lang.Expr.VectorSelector;
import java.util.Set;
import java.util.TreeSet;

/// Which labels a query filters on, groups by or hands out: without them it would have another
/// answer.
public final class LabelUse {
    /// Stands for all that the series have.
    public static final String ALL = "*";

    private static final String NAME = "__name__";

    private final Set<String> used = new TreeSet<>();

    private LabelUse() {}

    /// Their names, [#ALL] among them if it is all.
    public static Set<String> of(Expr query) {
        var use = new LabelUse();
        use.walk(query, true);
        return use.used;
    }

    /// @param kept whether labels of its series are in the answer, or decide on it
    private void walk(Expr expr, boolean kept) {
        switch (expr) {
            case NumberLiteral _, StringLiteral _ -> {}
            case VectorSelector selector -> {
                selector.matchers().forEach(one -> add(one.name()));
                if (kept) {
                    used.add(ALL);
                }
            }
            case MatrixSelector matrix -> walk(matrix.vector(), kept);
            case Subquery subquery -> walk(subquery.expr(), kept);
            case Unary unary -> walk(unary.expr(), kept);
            case Paren paren -> walk(paren.expr(), kept);
            case Call call -> call(call, kept);
            case Aggregate aggregate -> aggregate(aggregate, kept);
            case Binary binary -> binary(binary, kept);
        }
    }

    private void add(String label) {
        if (!label.equals(NAME)) {
            used.add(label);
        }
    }

    private void call(Call call, boolean kept) {
        boolean reads = call.function().name().startsWith("label_");
        for (Expr argument : call.arguments()) {
            walk(argument, kept);
            if (reads && argument.bare() instanceof StringLiteral text) {
                add(text.value()); // of label_replace and label_join: names, and what is no label
            }
        }
    }

    private void aggregate(Aggregate aggregate, boolean kept) {
        Expr parameter = aggregate.parameter();
        if (parameter != null) {
            walk(parameter, true);
        }
        if (!aggregate.without()) {
            aggregate.grouping().forEach(this::add);
        }
        walk(aggregate.expr(), aggregate.without() || aggregate.op().selects() && kept);
    }

    private void binary(Binary binary, boolean kept) {
        boolean scalar =
                binary.left().type() == ValueType.SCALAR
                        || binary.right().type() == ValueType.SCALAR;
        Expr.Matching matching = binary.matching();
        if (matching.on()) {
            matching.labels().forEach(this::add);
        }
        matching.include().forEach(this::add);
        boolean all = scalar ? kept : !matching.on();
        boolean set = binary.op().isSet();
        walk(binary.left(), all || kept && (matching.group() == Group.LEFT || set));
        walk(binary.right(), all || kept && (matching.group() == Group.RIGHT || set));
    }
}
