package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/// Parts of a date in UTC: of seconds since 1970, or of the step's time.
final class DateFunctions {
    private DateFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        put(functions, "year", LocalDateTime::getYear);
        put(functions, "month", LocalDateTime::getMonthValue);
        put(functions, "day_of_month", LocalDateTime::getDayOfMonth);
        put(functions, "day_of_week", time -> time.getDayOfWeek().getValue() % 7);
        put(functions, "day_of_year", LocalDateTime::getDayOfYear);
        put(functions, "days_in_month", time -> time.toLocalDate().lengthOfMonth());
        put(functions, "hour", LocalDateTime::getHour);
        put(functions, "minute", LocalDateTime::getMinute);
    }

    private static void put(
            Map<String, VectorFunction> functions, String name, ToIntFunction<LocalDateTime> part) {
        functions.put(name, arguments -> apply(arguments, part));
    }

    private static List<Column> apply(Arguments arguments, ToIntFunction<LocalDateTime> part) {
        if (arguments.count() == 0) {
            return arguments.each(
                    i -> part.applyAsInt(time(Math.floorDiv(arguments.grid().at(i), 1000L))));
        }
        return MathFunctions.map(arguments, (seconds, _) -> part.applyAsInt(time((long) seconds)));
    }

    private static LocalDateTime time(long seconds) {
        long least = Instant.MIN.getEpochSecond();
        long most = Instant.MAX.getEpochSecond();
        return LocalDateTime.ofEpochSecond(
                Math.max(least, Math.min(most, seconds)), 0, ZoneOffset.UTC);
    }
}
