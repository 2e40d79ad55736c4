package dev.firn.export.debug;

import dev.firn.export.otlp.GoNumbers;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.core.io.JsonStringEncoder;

/// Values as the Collector shows them.
final class ValueText {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private ValueText() {}

    /// With its type: `Str(a)`.
    static String typed(AttributeValue value) {
        String type =
                switch (value) {
                    case AttributeValue.Empty() -> "Empty";
                    case AttributeValue.Text text -> "Str";
                    case AttributeValue.Bool bool -> "Bool";
                    case AttributeValue.Int number -> "Int";
                    case AttributeValue.Real number -> "Double";
                    case AttributeValue.Binary bytes -> "Bytes";
                    case AttributeValue.Array list -> "Slice";
                    case AttributeValue.Nested map -> "Map";
                };
        return type + "(" + plain(value) + ")";
    }

    /// Without it.
    static String plain(AttributeValue value) {
        return switch (value) {
            case AttributeValue.Empty() -> "";
            case AttributeValue.Text(String text) -> text;
            case AttributeValue.Binary(byte[] bytes) -> Base64.getEncoder().encodeToString(bytes);
            case AttributeValue other -> json(other);
        };
    }

    private static String json(AttributeValue value) {
        return switch (value) {
            case AttributeValue.Empty() -> "null";
            case AttributeValue.Text(String text) -> quoted(text);
            case AttributeValue.Bool(boolean bool) -> Boolean.toString(bool);
            case AttributeValue.Int(long number) -> Long.toString(number);
            case AttributeValue.Real(double number) -> GoNumbers.plainJson(number);
            case AttributeValue.Binary(byte[] bytes) ->
                    quoted(Base64.getEncoder().encodeToString(bytes));
            case AttributeValue.Array(List<AttributeValue> values) ->
                    values.stream().map(ValueText::json).collect(Collectors.joining(",", "[", "]"));
            case AttributeValue.Nested(Attributes map) ->
                    map.entries().stream()
                            .map(entry -> quoted(entry.key()) + ":" + json(entry.value()))
                            .collect(Collectors.joining(",", "{", "}"));
        };
    }

    private static String quoted(String text) {
        return "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
    }

    /// `2020-02-11 20:26:12.000000321 +0000 UTC`
    static String time(long nanos) {
        long part = Math.floorMod(nanos, 1_000_000_000L);
        String fraction =
                part == 0
                        ? ""
                        : "." + String.format(Locale.ROOT, "%09d", part).replaceAll("0+$", "");
        return SECONDS.format(Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L)))
                + fraction
                + " +0000 UTC";
    }
}
