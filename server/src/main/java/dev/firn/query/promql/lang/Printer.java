package dev.firn.query.promql.lang;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Tree to text: on one line, or, where that is too long, over several with indentation as
/// Prometheus' `format_query` does it.
public final class Printer {
    private static final int LINE_MAX = 100;

    private Printer() {}

    /// On one line.
    public static String print(Expr expr) {
        return switch (expr) {
            case Expr.NumberLiteral number -> number(number);
            case Expr.StringLiteral string -> Quoting.quote(string.value());
            case Expr.VectorSelector vector ->
                    selector(vector) + extension(vector) + when(vector.when());
            case Expr.MatrixSelector matrix ->
                    selector(matrix.vector())
                            + "["
                            + matrix.range().text()
                            + "]"
                            + extension(matrix.vector())
                            + when(matrix.vector().when());
            case Expr.Subquery subquery -> print(subquery.expr()) + suffix(subquery);
            case Expr.Call call -> call.function().name() + "(" + list(call.arguments()) + ")";
            case Expr.Aggregate aggregate -> {
                String parameter =
                        aggregate.parameter() == null ? "" : print(aggregate.parameter()) + ", ";
                yield head(aggregate) + "(" + parameter + print(aggregate.expr()) + ")";
            }
            case Expr.Binary binary ->
                    print(binary.left()) + " " + operator(binary) + " " + print(binary.right());
            case Expr.Unary unary -> (unary.negative() ? "-" : "+") + print(unary.expr());
            case Expr.Paren paren -> "(" + print(paren.expr()) + ")";
        };
    }

    /// Over as many lines as it needs.
    public static String pretty(Expr expr) {
        return pretty(expr, 0);
    }

    private static String pretty(Expr expr, int level) {
        String indent = "  ".repeat(level);
        String line = print(expr);
        if (line.length() <= LINE_MAX) {
            return indent + line;
        }
        return switch (expr) {
            case Expr.Aggregate aggregate -> {
                String parameter =
                        aggregate.parameter() == null
                                ? ""
                                : pretty(aggregate.parameter(), level + 1) + ",\n";
                String inner = pretty(aggregate.expr(), level + 1);
                yield indent + head(aggregate) + "(\n" + parameter + inner + "\n" + indent + ")";
            }
            case Expr.Binary binary ->
                    pretty(binary.left(), level + 1)
                            + "\n"
                            + indent
                            + operator(binary)
                            + "\n"
                            + pretty(binary.right(), level + 1);
            case Expr.Call call ->
                    indent
                            + call.function().name()
                            + "(\n"
                            + call.arguments().stream()
                                    .map(argument -> pretty(argument, level + 1))
                                    .collect(Collectors.joining(",\n"))
                            + "\n"
                            + indent
                            + ")";
            case Expr.Paren paren ->
                    indent + "(\n" + pretty(paren.expr(), level + 1) + "\n" + indent + ")";
            case Expr.Subquery subquery -> pretty(subquery.expr(), level) + suffix(subquery);
            case Expr.Unary unary ->
                    indent + (unary.negative() ? "-" : "+") + pretty(unary.expr(), level).strip();
            case Expr.NumberLiteral _,
                    Expr.StringLiteral _,
                    Expr.VectorSelector _,
                    Expr.MatrixSelector _ ->
                    indent + line;
        };
    }

    private static String number(Expr.NumberLiteral number) {
        return number.duration()
                ? new DurationExpr.Literal(number.value(), true).text()
                : GoNumber.plain(number.value());
    }

    private static String list(List<Expr> exprs) {
        return exprs.stream().map(Printer::print).collect(Collectors.joining(", "));
    }

    private static String head(Expr.Aggregate aggregate) {
        String op = aggregate.op().text();
        if (!aggregate.without() && aggregate.grouping().isEmpty()) {
            return op;
        }
        return op
                + (aggregate.without() ? " without " : " by ")
                + labels(aggregate.grouping())
                + " ";
    }

    private static String labels(List<String> labels) {
        return labels.stream().map(Quoting::labelName).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String operator(Expr.Binary binary) {
        Expr.Matching matching = binary.matching();
        var text = new StringBuilder(binary.op().text());
        if (binary.bool()) {
            text.append(" bool");
        }
        boolean grouped = matching.group() != Expr.Group.NONE;
        if (!matching.labels().isEmpty() || matching.on() || grouped) {
            text.append(matching.on() ? " on " : " ignoring ").append(labels(matching.labels()));
        }
        if (grouped) {
            text.append(matching.group() == Expr.Group.LEFT ? " group_left " : " group_right ")
                    .append(labels(matching.include()));
        }
        Double left = matching.fillLeft();
        Double right = matching.fillRight();
        if (left != null && left.equals(right)) {
            return text.append(" fill (").append(GoNumber.value(left)).append(")").toString();
        }
        if (left != null) {
            text.append(" fill_left (").append(GoNumber.value(left)).append(")");
        }
        if (right != null) {
            text.append(" fill_right (").append(GoNumber.value(right)).append(")");
        }
        return text.toString();
    }

    private static String selector(Expr.VectorSelector vector) {
        List<String> matchers =
                vector.matchers().stream()
                        .filter(matcher -> !isName(vector, matcher))
                        .map(Matcher::toString)
                        .sorted()
                        .toList();
        return matchers.isEmpty() && !vector.name().isEmpty()
                ? vector.name()
                : vector.name() + "{" + String.join(",", matchers) + "}";
    }

    private static boolean isName(Expr.VectorSelector vector, Matcher matcher) {
        return matcher.name().equals("__name__")
                && matcher.type() == Matcher.Type.EQUAL
                && !matcher.value().isEmpty()
                && matcher.value().equals(vector.name());
    }

    private static String extension(Expr.VectorSelector vector) {
        return vector.extension() == Expr.Extension.NONE
                ? ""
                : " " + vector.extension().name().toLowerCase(Locale.ROOT);
    }

    private static String suffix(Expr.Subquery subquery) {
        DurationExpr step = subquery.step();
        return "["
                + subquery.range().text()
                + ":"
                + (step == null ? "" : step.text())
                + "]"
                + when(subquery.when());
    }

    private static String when(Expr.When when) {
        String at =
                switch (when.edge()) {
                    case START -> " @ start()";
                    case END -> " @ end()";
                    case NONE ->
                            when.atMillis() == null
                                    ? ""
                                    : String.format(
                                            Locale.ROOT, " @ %.3f", when.atMillis() / 1000.0);
                };
        boolean none =
                when.offset() instanceof DurationExpr.Literal literal && literal.seconds() == 0;
        return none ? at : at + " offset " + when.offset().text();
    }
}
