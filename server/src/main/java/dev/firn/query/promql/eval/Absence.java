package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.Labels;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// `absent`: 1 where a vector is empty, with the labels that its selector fixes.
final class Absence {
    private Absence() {}

    static void register(Map<String, VectorFunction> functions) {
        functions.put("absent", Absence::absent);
    }

    private static List<Column> absent(Arguments arguments) {
        List<Column> vector = arguments.vector(0);
        Expr selector = arguments.call().arguments().getFirst().bare();
        var absent = new Column(labels(selector), false, arguments.steps());
        for (int i = 0; i < arguments.steps(); i++) {
            int at = i;
            if (vector.stream().noneMatch(column -> column.has(at))) {
                absent.set(i, 1);
            }
        }
        return absent.isEmpty() ? List.of() : List.of(absent);
    }

    static Labels labels(Expr expr) {
        List<Matcher> matchers =
                switch (expr) {
                    case Expr.VectorSelector vector -> vector.matchers();
                    case Expr.MatrixSelector matrix -> matrix.vector().matchers();
                    default -> List.of();
                };
        var labels = new HashMap<String, String>();
        var seen = new HashSet<String>();
        for (Matcher matcher : matchers) {
            String name = matcher.name();
            if (name.equals(Labels.NAME)) {
                continue;
            }
            if (matcher.type() == Matcher.Type.EQUAL && seen.add(name)) {
                labels.put(name, matcher.value());
            } else {
                labels.remove(name);
            }
        }
        return Labels.of(labels);
    }
}
