package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import dev.firn.process.ottl.Syntax.Segment;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Tree → something that runs, in one context. One checker a statement: it remembers what the
/// statement touches.
final class Checker {
    private static final Set<String> MESSAGES =
            Set.of("exemplars", "quantile_values", "positive", "negative", "data_points");

    private final Context context;
    private final boolean contextRequired;
    private final ZoneId zone;
    private boolean touchesPoint;
    private boolean touchesCache;

    /// @param contextRequired whether each path must begin with a context
    /// @param zone of times that say none
    Checker(Context context, boolean contextRequired, ZoneId zone) {
        this.context = context;
        this.contextRequired = contextRequired;
        this.zone = zone;
    }

    /// Whether a field of the point is read or written, so that the series does not decide.
    boolean touchesPoint() {
        return touchesPoint;
    }

    /// Whether `cache` is used, which ties the statements of a group together.
    boolean touchesCache() {
        return touchesCache;
    }

    ZoneId zone() {
        return zone;
    }

    Expression editor(Syntax.Call call) {
        return Functions.editor(this, call);
    }

    Checked value(Syntax syntax) {
        return switch (syntax) {
            case Syntax.Literal(int at, AttributeValue value) -> Checked.constant(at, value);
            case Syntax.Symbol symbol -> Checked.constant(symbol.at(), symbol(symbol));
            case Syntax.Path path -> Checked.path(path.at(), path(path));
            case Syntax.Call call -> converter(call);
            case Syntax.Items items -> items(items);
            case Syntax.Entries entries -> entries(entries);
            case Syntax.Calculation sum -> {
                Expression left = value(sum.left()).run();
                Expression right = value(sum.right()).run();
                Operator operator = sum.operator();
                yield Checked.computed(
                        sum.at(),
                        Type.UNKNOWN,
                        subject ->
                                Calculations.result(
                                        left.value(subject), operator, right.value(subject)));
            }
            case Syntax.Negation negation -> {
                Expression of = value(negation.of()).run();
                yield Checked.computed(
                        negation.at(),
                        Type.UNKNOWN,
                        subject -> Calculations.negated(of.value(subject)));
            }
            case Syntax.Comparison s -> throw noValue(s);
            case Syntax.All s -> throw noValue(s);
            case Syntax.Any s -> throw noValue(s);
            case Syntax.Not s -> throw noValue(s);
        };
    }

    private static Mistake noValue(Syntax syntax) {
        return new Mistake(syntax.at(), "expected a value, found a condition");
    }

    private Object symbol(Syntax.Symbol symbol) {
        Long value = context.symbol(symbol.name());
        if (value == null) {
            throw new Mistake(
                    symbol.at(),
                    "the "
                            + context.label()
                            + " context has no enum symbol \""
                            + symbol.name()
                            + "\"");
        }
        return Values.integer(value);
    }

    private Checked converter(Syntax.Call call) {
        Checked made = Functions.converter(this, call);
        if (call.keys().isEmpty()) {
            return made;
        }
        List<Expression> keys = keys(call.keys());
        Expression run = made.run();
        return Checked.computed(
                call.at(),
                Type.UNKNOWN,
                subject -> Keyed.inner(run.value(subject), keys, 0, subject, true));
    }

    private Checked items(Syntax.Items items) {
        List<Checked> checked = items.items().stream().map(this::value).toList();
        if (checked.stream().allMatch(Checked::constant)) {
            return Checked.constant(
                    items.at(),
                    new AttributeValue.Array(
                            checked.stream().map(one -> Values.held(one.value())).toList()));
        }
        List<Expression> runs = checked.stream().map(Checked::run).toList();
        return Checked.computed(
                items.at(),
                Type.LIST,
                subject -> {
                    var values = new ArrayList<AttributeValue>(runs.size());
                    for (Expression run : runs) {
                        values.add(Values.held(run.value(subject)));
                    }
                    return new AttributeValue.Array(values);
                });
    }

    private Checked entries(Syntax.Entries entries) {
        List<Checked> checked = entries.values().stream().map(this::value).toList();
        if (checked.stream().allMatch(Checked::constant)) {
            return Checked.constant(entries.at(), map(entries.keys(), i -> checked.get(i).value()));
        }
        List<Expression> runs = checked.stream().map(Checked::run).toList();
        return Checked.computed(
                entries.at(),
                Type.MAP,
                subject -> map(entries.keys(), i -> runs.get(i).value(subject)));
    }

    private static AttributeValue map(List<String> keys, IntFunction<@Nullable Object> value) {
        var entries = new ArrayList<Attributes.Entry>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            entries.addFirst( // of equal keys the last counts
                    new Attributes.Entry(keys.get(i), Values.held(value.apply(i))));
        }
        return new AttributeValue.Nested(Attributes.of(entries));
    }

    /// A condition.
    Test test(Syntax syntax) {
        return switch (syntax) {
            case Syntax.All all -> Test.all(all.parts().stream().map(this::test).toList());
            case Syntax.Any any -> Test.any(any.parts().stream().map(this::test).toList());
            case Syntax.Not not -> test(not.of()).negated();
            case Syntax.Comparison comparison -> comparison(comparison);
            case Syntax.Literal(int at, AttributeValue.Bool(boolean value)) -> Test.constant(value);
            default -> {
                Expression run = value(syntax).run();
                yield Test.computed(subject -> Values.asBool(run.value(subject)));
            }
        };
    }

    private Test comparison(Syntax.Comparison comparison) {
        Checked left = value(comparison.left());
        Checked right = value(comparison.right());
        Relation relation = comparison.relation();
        if (left.constant() && right.constant()) {
            return Test.constant(Comparisons.holds(left.value(), relation, right.value()));
        }
        Expression a = left.run();
        Expression b = right.run();
        return Test.computed(
                subject -> Comparisons.holds(a.value(subject), relation, b.value(subject)));
    }

    List<Expression> keys(List<Syntax> keys) {
        return keys.stream().map(key -> value(key).run()).toList();
    }

    private Field path(Syntax.Path path) {
        List<Segment> segments = path.segments();
        Segment first = segments.getFirst();
        Context of =
                segments.size() > 1 && first.keys().isEmpty() ? Context.named(first.name()) : null;
        if (of == null) {
            if (contextRequired) {
                throw new Mistake(
                        path.at(),
                        "the path \""
                                + path.shown()
                                + "\" must begin with its context, "
                                + String.join(" or ", context.labelsSeen())
                                + ": write \""
                                + context.label()
                                + "."
                                + path.shown()
                                + "\"");
            }
            return field(context, path, segments);
        }
        if (!context.sees(of)) {
            throw new Mistake(
                    path.at(),
                    "a statement of the "
                            + context.label()
                            + " context does not see \""
                            + path.shown()
                            + "\"; its context would have to be "
                            + of.label());
        }
        return field(of, path, segments.subList(1, segments.size()));
    }

    private Field field(Context of, Syntax.Path path, List<Segment> segments) {
        Segment first = segments.getFirst();
        Function<Subject, AttributeMap> map = map(of, path, first.name());
        if (map != null) {
            return map(map, path, segments);
        }
        String name = String.join(".", segments.stream().map(Segment::name).toList());
        Field field =
                of == Context.DATAPOINT ? PointFields.find(name) : IdentityFields.find(of, name);
        if (field == null) {
            throw new Mistake(
                    path.at(),
                    MESSAGES.contains(name)
                            ? "the path \"" + path.shown() + "\" is not supported"
                            : "the " + of.label() + " context has no path \"" + name + "\"");
        }
        if (segments.stream().anyMatch(segment -> !segment.keys().isEmpty())) {
            throw new Mistake(path.at(), "\"" + path.shown() + "\" cannot be indexed");
        }
        touchesPoint |= of == Context.DATAPOINT;
        return field;
    }

    private @Nullable Function<Subject, AttributeMap> map(
            Context of, Syntax.Path path, String name) {
        return switch (name) {
            case "attributes" ->
                    switch (of) {
                        case RESOURCE -> subject -> subject.identity.resource;
                        case SCOPE -> subject -> subject.identity.scope;
                        case DATAPOINT -> subject -> subject.identity.attributes;
                        case METRIC -> null;
                    };
            case "metadata" -> of == Context.METRIC ? subject -> subject.identity.metadata : null;
            case "cache" -> {
                if (of != context) {
                    throw new Mistake(
                            path.at(),
                            "each context has its own cache; here it is \""
                                    + context.label()
                                    + ".cache\"");
                }
                touchesCache = true;
                yield subject -> subject.cache;
            }
            default -> null;
        };
    }

    private Field map(
            Function<Subject, AttributeMap> map, Syntax.Path path, List<Segment> segments) {
        if (segments.size() > 1) {
            throw new Mistake(
                    segments.get(1).at(),
                    "\""
                            + segments.get(1).name()
                            + "\" is no field of \""
                            + segments.getFirst().name()
                            + "\"; a key is written in brackets: "
                            + segments.getFirst().name()
                            + "[\""
                            + segments.get(1).name()
                            + "\"]");
        }
        List<Syntax> keys = segments.getFirst().keys();
        if (keys.isEmpty()) {
            return new Field(new WholeMap(map), Type.MAP, "");
        }
        Checked first = value(keys.getFirst());
        if (first.constant() && first.type() != Type.TEXT) {
            throw new Mistake(first.at(), "a map is indexed by text, not by " + first.type().shown);
        }
        return new Field(new Keyed(map, keys(keys)), Type.UNKNOWN, "");
    }
}
