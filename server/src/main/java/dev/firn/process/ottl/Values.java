package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What statements calculate with: an [AttributeValue] but never an empty one, a [ZonedDateTime], a
/// [Duration], or null for nil. Conversions are those of the Collector's typed getters: the plain
/// ones insist on a type, the `like` ones convert.
final class Values {
    private Values() {}

    /// What a map or list holds, as a value.
    static @Nullable Object of(@Nullable AttributeValue held) {
        return held instanceof AttributeValue.Empty ? null : held;
    }

    static Type type(@Nullable Object value) {
        return switch (value) {
            case null -> Type.NIL;
            case AttributeValue.Text text -> Type.TEXT;
            case AttributeValue.Int integer -> Type.INT;
            case AttributeValue.Real real -> Type.REAL;
            case AttributeValue.Bool bool -> Type.BOOL;
            case AttributeValue.Binary binary -> Type.BYTES;
            case AttributeValue.Array array -> Type.LIST;
            case AttributeValue.Nested nested -> Type.MAP;
            case Counts counts -> Type.LIST;
            case ZonedDateTime time -> Type.TIME;
            case Duration duration -> Type.DURATION;
            default -> Type.UNKNOWN;
        };
    }

    static Object text(String value) {
        return new AttributeValue.Text(value);
    }

    static Object integer(long value) {
        return new AttributeValue.Int(value);
    }

    static Object real(double value) {
        return new AttributeValue.Real(value);
    }

    static EvaluationException wrong(Type wanted, @Nullable Object found) {
        return new EvaluationException("expected " + wanted.shown + ", got " + type(found).shown);
    }

    static String asText(@Nullable Object value) {
        if (value instanceof AttributeValue.Text(String text)) {
            return text;
        }
        throw wrong(Type.TEXT, value);
    }

    static long asInt(@Nullable Object value) {
        if (value instanceof AttributeValue.Int(long integer)) {
            return integer;
        }
        throw wrong(Type.INT, value);
    }

    static double asReal(@Nullable Object value) {
        if (value instanceof AttributeValue.Real(double real)) {
            return real;
        }
        throw wrong(Type.REAL, value);
    }

    static boolean asBool(@Nullable Object value) {
        if (value instanceof AttributeValue.Bool(boolean bool)) {
            return bool;
        }
        throw wrong(Type.BOOL, value);
    }

    static Attributes asMap(@Nullable Object value) {
        if (value instanceof AttributeValue.Nested(Attributes attributes)) {
            return attributes;
        }
        throw wrong(Type.MAP, value);
    }

    static ZonedDateTime asTime(@Nullable Object value) {
        if (value instanceof ZonedDateTime time) {
            return time;
        }
        throw wrong(Type.TIME, value);
    }

    /// A value as a map or list may hold it.
    static AttributeValue held(@Nullable Object value) {
        return switch (value) {
            case null -> new AttributeValue.Empty();
            case AttributeValue attribute -> attribute;
            default ->
                    throw new EvaluationException(
                            type(value).shown
                                    + " cannot be stored in an attribute; convert it, for example"
                                    + " with UnixNano()");
        };
    }

    /// Any value as text; null for nil.
    static @Nullable String likeText(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case AttributeValue.Text(String text) -> text;
            case AttributeValue.Binary(byte[] bytes) -> HexFormat.of().formatHex(bytes);
            case AttributeValue.Int(long integer) -> Long.toString(integer);
            case AttributeValue.Bool(boolean bool) -> Boolean.toString(bool);
            case AttributeValue.Real(double real) when Double.isFinite(real) ->
                    GoText.marshalled(real);
            case AttributeValue attribute -> GoText.json(attribute);
            case Counts(AttributeValue.Array counts) -> GoText.json(counts);
            case ZonedDateTime time ->
                    "\"" + DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time) + "\"";
            case Duration duration -> Long.toString(duration.toNanos());
            default -> throw wrong(Type.TEXT, value);
        };
    }

    /// A value as an integer; null for nil.
    static @Nullable Long likeInt(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case AttributeValue.Int(long integer) -> integer;
            case AttributeValue.Real(double real) -> (long) real;
            case AttributeValue.Bool(boolean bool) -> bool ? 1L : 0L;
            case AttributeValue.Text(String text) -> {
                Long parsed = Numerals.parseInt(text);
                if (parsed == null) {
                    throw new EvaluationException("\"" + text + "\" is no integer");
                }
                yield parsed;
            }
            default -> throw wrong(Type.INT, value);
        };
    }

    /// A value as a double; null for nil.
    static @Nullable Double likeReal(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case AttributeValue.Real(double real) -> real;
            case AttributeValue.Int(long integer) -> (double) integer;
            case AttributeValue.Bool(boolean bool) -> bool ? 1.0 : 0.0;
            case AttributeValue.Text(String text) -> {
                Double parsed = Numerals.parseReal(text);
                if (parsed == null) {
                    throw new EvaluationException("\"" + text + "\" is no number");
                }
                yield parsed;
            }
            default -> throw wrong(Type.REAL, value);
        };
    }
}
