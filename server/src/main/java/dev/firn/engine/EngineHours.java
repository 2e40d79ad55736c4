package dev.firn.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What the engine holds by metric and hour: its side of a comparison with the lake.
public final class EngineHours {
    /// One metric's hour; see the lake's verification for what the numbers mean.
    ///
    /// @param hour hours since 1970
    public record Hour(String metricName, long hour, long points, long measurements, double sum) {}

    private static final Map<Table, String[]> COLUMNS =
            Map.of(
                    Table.SAMPLES, new String[] {"toUInt64(0)", "value"},
                    Table.HISTOGRAMS, new String[] {"count", "if(bitAnd(has, 1) = 1, sum, 0)"},
                    Table.EXPONENTIAL_HISTOGRAMS,
                            new String[] {"count", "if(bitAnd(has, 1) = 1, sum, 0)"},
                    Table.SUMMARIES, new String[] {"count", "sum"});

    private EngineHours() {}

    /// Hands out each metric's hours in `[fromHour, toHour)`, each once.
    ///
    /// @param positions greatest `seq` that counts, by `src`; rows of other writers do not count
    public static void read(
            EngineClient client,
            Schema schema,
            long fromHour,
            long toHour,
            Map<String, Long> positions,
            Consumer<Hour> each)
            throws InterruptedException {
        if (positions.isEmpty()) {
            return;
        }
        // Names of gauges and histograms may be equal: one metric, one hour, one row.
        var hours = new TreeMap<String, Hour>();
        for (var columns : COLUMNS.entrySet()) {
            var parameters =
                    Map.of(
                            "database", schema.database(),
                            "table", columns.getKey().label(),
                            "measured", columns.getValue()[0],
                            "added", columns.getValue()[1],
                            "positions", condition(positions),
                            "from", Long.toString(fromHour),
                            "to", Long.toString(toHour));
            for (var row : client.query(EngineSql.read("engine/verify_hours", parameters))) {
                var hour =
                        new Hour(
                                row.text(0),
                                row.number(1),
                                row.number(2),
                                row.number(3),
                                row.real(4));
                hours.merge(hour.hour() + "\t" + hour.metricName(), hour, EngineHours::plus);
            }
        }
        hours.values().forEach(each);
    }

    private static Hour plus(Hour one, Hour other) {
        return new Hour(
                one.metricName(),
                one.hour(),
                one.points() + other.points(),
                one.measurements() + other.measurements(),
                one.sum() + other.sum());
    }

    private static String condition(Map<String, Long> positions) {
        return positions.entrySet().stream()
                .map(entry ->
                        "(src = '"
                                + EngineSql.quoted(entry.getKey())
                                + "' AND seq <= "
                                + entry.getValue()
                                + ")")
                .collect(Collectors.joining(" OR "));
    }
}
