package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.process.ottl.Functions.Converter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// What makes a value of values.
final class Converters {
    private Converters() {}

    static Map<String, Converter> all() {
        var all = new HashMap<String, Converter>();
        all.put(
                "IsMatch",
                new Converter(List.of("target", "pattern"), Type.BOOL, Converters::isMatch));
        all.put(
                "Concat",
                new Converter(List.of("vals", "delimiter"), Type.TEXT, Converters::concat));
        like(all, "Int", value -> wrapped(Values.likeInt(value), Values::integer));
        like(all, "Double", value -> wrapped(Values.likeReal(value), Values::real));
        like(all, "String", value -> wrapped(Values.likeText(value), Values::text));
        ofTime(all, "Year", ZonedDateTime::getYear);
        ofTime(all, "Month", ZonedDateTime::getMonthValue);
        ofTime(all, "Day", ZonedDateTime::getDayOfMonth);
        ofTime(all, "Hour", ZonedDateTime::getHour);
        ofTime(all, "Minute", ZonedDateTime::getMinute);
        ofTime(all, "Second", ZonedDateTime::getSecond);
        ofTime(all, "Nanosecond", ZonedDateTime::getNano);
        ofTime(all, "UnixNano", PointFields::nanos);
        ofTime(all, "UnixMicro", time -> time.toEpochSecond() * 1_000_000 + time.getNano() / 1_000);
        ofTime(all, "UnixMilli", time -> time.toInstant().toEpochMilli());
        ofTime(all, "UnixSeconds", ZonedDateTime::toEpochSecond);
        all.put(
                "Unix",
                new Converter(List.of("seconds", "nanoseconds?"), Type.TIME, Converters::unix));
        all.put(
                "Time",
                new Converter(
                        List.of("time", "format", "location?", "locale?"),
                        Type.TIME,
                        Converters::time));
        all.put(
                "FormatTime",
                new Converter(List.of("time", "format"), Type.TEXT, Converters::formatTime));
        return Map.copyOf(all);
    }

    private interface Conversion {
        @Nullable Object of(@Nullable Object value);
    }

    private static <T> @Nullable Object wrapped(@Nullable T value, Function<T, Object> wrap) {
        return value == null ? null : wrap.apply(value);
    }

    private static void like(Map<String, Converter> all, String name, Conversion conversion) {
        all.put(
                name,
                new Converter(
                        List.of("target"),
                        Type.UNKNOWN,
                        arguments -> {
                            Checked target = arguments.value("target");
                            if (target.constant()) {
                                convertible(target, conversion);
                            }
                            Expression run = target.run();
                            return subject -> conversion.of(run.value(subject));
                        }));
    }

    private static void convertible(Checked literal, Conversion conversion) {
        try {
            @Nullable Object _ = conversion.of(literal.value());
        } catch (EvaluationException e) {
            throw new Mistake(literal.at(), String.valueOf(e.getMessage()));
        }
    }

    private static void ofTime(
            Map<String, Converter> all, String name, ToLongFunction<ZonedDateTime> field) {
        all.put(
                name,
                new Converter(
                        List.of("time"),
                        Type.INT,
                        arguments -> {
                            Expression time = time(arguments, name);
                            return subject ->
                                    Values.integer(
                                            field.applyAsLong(Values.asTime(time.value(subject))));
                        }));
    }

    /// A time; an integer field of nanoseconds, which can never be one, is the classic mistake.
    private static Expression time(Arguments arguments, String function) {
        Checked time = arguments.value("time").mustBe(Type.TIME);
        if (time.path() != null && time.type() == Type.INT) {
            throw Mistake.neverSucceeds(
                    time.at(),
                    function
                            + "() needs a time, and this field is an integer of nanoseconds: the"
                            + " statement fails for every point, in a Collector too");
        }
        return time.run();
    }

    private static Expression isMatch(Arguments arguments) {
        Expression target = arguments.value("target").run();
        Function<Subject, Regex> pattern = Patterns.regex(arguments, "pattern");
        return subject -> {
            Regex regex = pattern.apply(subject);
            String text = Values.likeText(target.value(subject));
            return new AttributeValue.Bool(text != null && regex.finds(text));
        };
    }

    private static Expression concat(Arguments arguments) {
        List<Expression> values = arguments.items("vals");
        Expression delimiter = arguments.text("delimiter");
        return subject -> {
            String between = Values.asText(delimiter.value(subject));
            var out = new StringBuilder();
            for (int i = 0; i < values.size(); i++) {
                String text = Values.likeText(values.get(i).value(subject));
                out.append(i == 0 ? "" : between).append(text == null ? "<nil>" : text);
            }
            return Values.text(out.toString());
        };
    }

    private static Expression unix(Arguments arguments) {
        Expression seconds = arguments.value("seconds").mustBe(Type.INT).run();
        Expression nanos =
                arguments.has("nanoseconds")
                        ? arguments.value("nanoseconds").mustBe(Type.INT).run()
                        : subject -> Values.integer(0);
        ZoneId zone = arguments.zone();
        return subject -> {
            try {
                return Instant.ofEpochSecond(
                                Values.asInt(seconds.value(subject)),
                                Values.asInt(nanos.value(subject)))
                        .atZone(zone);
            } catch (DateTimeException | ArithmeticException e) {
                throw new EvaluationException("the time is out of range");
            }
        };
    }

    private static Expression time(Arguments arguments) {
        Expression text = arguments.text("time");
        TimeFormat format = format(arguments);
        arguments.refuse("locale", "; names of months and days are read in English");
        if (!format.hasYear()) {
            throw arguments.mistake("format", "a format without a year is not supported");
        }
        String written = arguments.literalText("format");
        boolean zulu = written.endsWith("Z") && !written.endsWith("%Z");
        ZoneId zone = zulu ? ZoneOffset.UTC : arguments.zone();
        if (arguments.has("location") && !arguments.literalText("location").isEmpty()) {
            try {
                zone = ZoneId.of(arguments.literalText("location"));
            } catch (DateTimeException e) {
                throw arguments.mistake("location", "there is no such time zone");
            }
        }
        ZoneId location = zone;
        return subject -> format.parse(Values.asText(text.value(subject)), location);
    }

    private static Expression formatTime(Arguments arguments) {
        Expression time = time(arguments, "FormatTime");
        TimeFormat format = format(arguments);
        return subject -> Values.text(format.write(Values.asTime(time.value(subject))));
    }

    private static TimeFormat format(Arguments arguments) {
        String format = arguments.literalText("format");
        if (format.isEmpty()) {
            throw arguments.mistake("format", "the format is empty");
        }
        try {
            return new TimeFormat(format);
        } catch (IllegalArgumentException e) {
            throw arguments.mistake("format", String.valueOf(e.getMessage()));
        }
    }
}
