package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.BinaryOp;
import dev.firn.query.promql.lang.Expr;
import java.util.ArrayList;
import java.util.List;

/// `and`, `or`, `unless`: which series of a side stay, step by step.
final class SetOperation {
    private final Expr.Binary expr;
    private final int steps;

    SetOperation(Expr.Binary expr, int steps) {
        this.expr = expr;
        this.steps = steps;
    }

    List<Column> run(List<Column> left, List<Column> right) {
        var signatures = new Signatures(expr.matching());
        int[] leftOf = signatures.of(left);
        int[] rightOf = signatures.of(right);
        boolean or = expr.op() == BinaryOp.OR;
        boolean[][] present = present(or ? left : right, or ? leftOf : rightOf, signatures.count());
        var result = new ArrayList<Column>();
        if (or) {
            result.addAll(left);
            filter(right, rightOf, present, false, result);
        } else {
            filter(left, leftOf, present, expr.op() == BinaryOp.AND, result);
        }
        return Columns.merge(result);
    }

    private boolean[][] present(List<Column> columns, int[] signature, int count) {
        boolean[][] present = new boolean[count][steps];
        for (int c = 0; c < signature.length; c++) {
            for (int i = 0; i < steps; i++) {
                present[signature[c]][i] |= columns.get(c).has(i);
            }
        }
        return present;
    }

    private void filter(
            List<Column> columns,
            int[] signature,
            boolean[][] present,
            boolean wanted,
            List<Column> result) {
        for (int c = 0; c < signature.length; c++) {
            Column column = columns.get(c);
            var out = new Column(column.labels(), column.dropName(), steps);
            for (int i = 0; i < steps; i++) {
                if (column.has(i) && present[signature[c]][i] == wanted) {
                    out.copy(i, column, i);
                }
            }
            if (!out.isEmpty()) {
                result.add(out);
            }
        }
    }
}
