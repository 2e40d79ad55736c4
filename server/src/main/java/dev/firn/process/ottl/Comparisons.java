package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// OTTL's comparison rules: integers and doubles compare as numbers, nil equals nil; values of
/// other different types are unequal and in no order.
final class Comparisons {
    private Comparisons() {}

    static boolean holds(@Nullable Object left, Relation relation, @Nullable Object right) {
        if (left == null || right == null) {
            return left == null && right == null ? relation.holds(0) : relation == Relation.UNEQUAL;
        }
        return switch (left) {
            case AttributeValue.Int(long a) when right instanceof AttributeValue.Int(long b) ->
                    relation.holds(Long.compare(a, b));
            case AttributeValue.Int(long a) when right instanceof AttributeValue.Real(double b) ->
                    relation.holds((double) a, b);
            case AttributeValue.Real(double a) when right instanceof AttributeValue.Int(long b) ->
                    relation.holds(a, (double) b);
            case AttributeValue.Real(double a)
                    when right instanceof AttributeValue.Real(double b) ->
                    relation.holds(a, b);
            case AttributeValue.Text(String a)
                    when right instanceof AttributeValue.Text(String b) ->
                    relation.holds(order(a, b));
            case AttributeValue.Bool(boolean a)
                    when right instanceof AttributeValue.Bool(boolean b) ->
                    relation.holds(Boolean.compare(a, b));
            case AttributeValue.Binary(byte[] a)
                    when right instanceof AttributeValue.Binary(byte[] b) ->
                    relation.holds(Arrays.compareUnsigned(a, b));
            case ZonedDateTime a when right instanceof ZonedDateTime b ->
                    relation.holds(a.toInstant().compareTo(b.toInstant()));
            case Duration a when right instanceof Duration b -> relation.holds(a.compareTo(b));
            case AttributeValue.Nested a when right instanceof AttributeValue.Nested b ->
                    ofStructures(relation, same(a, b));
            case AttributeValue.Array a when right instanceof AttributeValue.Array b ->
                    ofStructures(relation, same(a, b));
            default -> relation == Relation.UNEQUAL;
        };
    }

    private static boolean ofStructures(Relation relation, boolean same) {
        return switch (relation) {
            case EQUAL -> same;
            case UNEQUAL -> !same;
            default -> false;
        };
    }

    /// Texts are ordered by their UTF-8 bytes.
    private static int order(String a, String b) {
        return a.equals(b)
                ? 0
                : Arrays.compareUnsigned(
                        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    /// Deep equality in which types count and NaN equals nothing.
    private static boolean same(AttributeValue a, AttributeValue b) {
        if (a instanceof AttributeValue.Real(double x)
                && b instanceof AttributeValue.Real(double y)) {
            return x == y;
        }
        if (a instanceof AttributeValue.Array(List<AttributeValue> x)
                && b instanceof AttributeValue.Array(List<AttributeValue> y)) {
            boolean same = x.size() == y.size();
            for (int i = 0; same && i < x.size(); i++) {
                same = same(x.get(i), y.get(i));
            }
            return same;
        }
        if (a instanceof AttributeValue.Nested(Attributes x)
                && b instanceof AttributeValue.Nested(Attributes y)) {
            boolean same = x.size() == y.size();
            for (int i = 0; same && i < x.size(); i++) {
                Attributes.Entry left = x.entries().get(i);
                Attributes.Entry right = y.entries().get(i);
                same = left.key().equals(right.key()) && same(left.value(), right.value());
            }
            return same;
        }
        return a.equals(b);
    }
}
