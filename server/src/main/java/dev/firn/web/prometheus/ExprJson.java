package dev.firn.web.prometheus;

import dev.firn.query.promql.lang.DurationExpr;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.lang.Expr.Group;
import dev.firn.query.promql.lang.Expr.Matching;
import dev.firn.query.promql.lang.Expr.When;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.lang.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An expression as the tree that `parse_query` gives (Prometheus, web/api/v1/translate_ast.go).
final class ExprJson {
    private ExprJson() {}

    static Map<String, @Nullable Object> of(Expr expr) {
        return switch (expr) {
            case Expr.Aggregate one ->
                    node(
                            "aggregation",
                            "op",
                            one.op().text(),
                            "expr",
                            of(one.expr()),
                            "param",
                            optional(one.parameter()),
                            "grouping",
                            one.grouping(),
                            "without",
                            one.without());
            case Expr.Binary one ->
                    node(
                            "binaryExpr",
                            "op",
                            one.op().text(),
                            "lhs",
                            of(one.left()),
                            "rhs",
                            of(one.right()),
                            "matching",
                            matching(one),
                            "bool",
                            one.bool());
            case Expr.Call one ->
                    node(
                            "call",
                            "func",
                            function(one),
                            "args",
                            one.arguments().stream().map(ExprJson::of).toList());
            case Expr.MatrixSelector one -> {
                var node = selector("matrixSelector", one.vector());
                node.put("range", millis(one.range()));
                node.put("rangeExpr", computed(one.range()));
                yield node;
            }
            case Expr.Subquery one -> subquery(one);
            case Expr.NumberLiteral one ->
                    node("numberLiteral", "val", GoNumber.plain(one.value()));
            case Expr.Paren one -> node("parenExpr", "expr", of(one.expr()));
            case Expr.StringLiteral one -> node("stringLiteral", "val", one.value());
            case Expr.Unary one ->
                    node("unaryExpr", "op", one.negative() ? "-" : "+", "expr", of(one.expr()));
            case Expr.VectorSelector one -> selector("vectorSelector", one);
        };
    }

    private static @Nullable Object optional(@Nullable Expr expr) {
        return expr == null ? null : of(expr);
    }

    private static Map<String, @Nullable Object> node(String type, @Nullable Object... fields) {
        var node = new LinkedHashMap<String, @Nullable Object>();
        node.put("type", type);
        for (int i = 0; i < fields.length; i += 2) {
            node.put(String.valueOf(fields[i]), fields[i + 1]);
        }
        return node;
    }

    private static Map<String, @Nullable Object> function(Expr.Call call) {
        var function = new LinkedHashMap<String, @Nullable Object>();
        function.put("name", call.function().name());
        function.put("argTypes", call.function().arguments().stream().map(ExprJson::type).toList());
        function.put("variadic", call.function().optional());
        function.put("returnType", type(call.function().returns()));
        return function;
    }

    private static String type(ValueType type) {
        return switch (type) {
            case SCALAR -> "scalar";
            case STRING -> "string";
            case VECTOR -> "vector";
            case MATRIX -> "matrix";
        };
    }

    private static @Nullable Object matching(Expr.Binary binary) {
        if (binary.left().type() != ValueType.VECTOR || binary.right().type() != ValueType.VECTOR) {
            return null;
        }
        Matching matching = binary.matching();
        String card =
                binary.op().isSet()
                        ? "many-to-many"
                        : matching.group() == Group.LEFT
                                ? "many-to-one"
                                : matching.group() == Group.RIGHT ? "one-to-many" : "one-to-one";
        var fill = new LinkedHashMap<String, @Nullable Object>();
        fill.put("lhs", matching.fillLeft());
        fill.put("rhs", matching.fillRight());
        var node = new LinkedHashMap<String, @Nullable Object>();
        node.put("card", card);
        node.put("labels", matching.labels());
        node.put("on", matching.on());
        node.put("include", matching.include());
        node.put("fillValues", fill);
        return node;
    }

    private static Map<String, @Nullable Object> selector(String type, Expr.VectorSelector one) {
        var node = node(type, "name", one.name());
        when(node, one.when());
        node.put("matchers", one.matchers().stream().map(ExprJson::matcher).toList());
        node.put("anchored", one.extension() == Extension.ANCHORED);
        node.put("smoothed", one.extension() == Extension.SMOOTHED);
        return node;
    }

    private static Map<String, @Nullable Object> subquery(Expr.Subquery one) {
        var node = node("subquery", "expr", of(one.expr()));
        node.put("range", millis(one.range()));
        node.put("rangeExpr", computed(one.range()));
        when(node, one.when());
        DurationExpr step = one.step();
        node.put("step", step == null ? 0 : millis(step));
        node.put("stepExpr", step == null ? null : computed(step));
        return node;
    }

    private static void when(Map<String, @Nullable Object> node, When when) {
        node.put("offset", millis(when.offset()));
        node.put("offsetExpr", computed(when.offset()));
        node.put("timestamp", when.atMillis());
        node.put(
                "startOrEnd",
                switch (when.edge()) {
                    case NONE -> null;
                    case START -> "start";
                    case END -> "end";
                });
    }

    private static Map<String, String> matcher(Matcher matcher) {
        return Map.of(
                "name", matcher.name(),
                "value", matcher.value(),
                "type", matcher.type().text());
    }

    private static long millis(DurationExpr duration) {
        return duration instanceof DurationExpr.Literal literal
                ? Math.round(literal.seconds() * 1000)
                : 0;
    }

    /// The tree of a computed duration; null for a plain one.
    private static @Nullable Object computed(DurationExpr duration) {
        return switch (duration) {
            case DurationExpr.Literal _ -> null;
            case DurationExpr other -> tree(other, false);
        };
    }

    private static Map<String, @Nullable Object> tree(DurationExpr duration, boolean wrapped) {
        return switch (duration) {
            case DurationExpr.Literal one ->
                    node(
                            "numberLiteral",
                            "val",
                            GoNumber.plain(one.seconds()),
                            "duration",
                            one.unit());
            case DurationExpr.Step _ -> operation("step", null, null, wrapped);
            case DurationExpr.Range _ -> operation("range", null, null, wrapped);
            case DurationExpr.Negated one -> operation("-", null, tree(one.of(), false), wrapped);
            case DurationExpr.Grouped one -> tree(one.of(), true);
            case DurationExpr.Arithmetic one ->
                    operation(
                            one.op().text(),
                            tree(one.left(), false),
                            tree(one.right(), false),
                            wrapped);
            case DurationExpr.Extreme one ->
                    operation(
                            one.max() ? "max_of" : "min_of",
                            tree(one.left(), false),
                            tree(one.right(), false),
                            wrapped);
        };
    }

    private static Map<String, @Nullable Object> operation(
            String op, @Nullable Object left, @Nullable Object right, boolean wrapped) {
        return node("durationExpr", "op", op, "lhs", left, "rhs", right, "wrapped", wrapped);
    }
}
