package dev.firn.analyse.anomaly.live;

import dev.firn.base.InputException;
import dev.firn.query.Answer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Bands as `/api/firn/v1/anomalies` gives them: each series' arrays, for charts.
final class BandAnswer {
    private static final List<String> COLUMNS =
            List.of("time", "actual", "expected", "expected_low", "expected_high");

    private BandAnswer() {}

    /// @param rows time, keys, values; a series' rows follow each other
    /// @param max rows that are answered at most
    static Map<String, Object> of(Answer rows, int max) {
        var series = new ArrayList<Map<String, Object>>();
        SignalKey before = null;
        List<List<@Nullable Object>> columns = List.of();
        for (int row = 0; row < rows.size(); row++) {
            var key =
                    new SignalKey(
                            rows.text(row, 1),
                            rows.text(row, 2),
                            rows.text(row, 3),
                            rows.text(row, 4),
                            rows.text(row, 5));
            if (!key.equals(before)) {
                before = key;
                var one = new LinkedHashMap<String, Object>();
                one.put("signal", key.signal());
                one.put("subject", key.labels());
                columns = new ArrayList<>();
                for (String name : COLUMNS) {
                    var column = new ArrayList<@Nullable Object>();
                    columns.add(column);
                    one.put(name, column);
                }
                series.add(one);
            }
            columns.get(0).add(rows.number(row, 0));
            for (int i = 1; i < COLUMNS.size(); i++) {
                double value = rows.real(row, 5 + i);
                columns.get(i).add(Double.isFinite(value) ? (Double) value : null);
            }
        }
        var body = new LinkedHashMap<String, Object>();
        body.put("series", series);
        body.put("complete", rows.size() < max);
        return body;
    }

    /// A time of the parameters in seconds since 1970.
    static long seconds(Map<String, String> parameters, String name, long otherwise) {
        String text = parameters.getOrDefault(name, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Math.clamp(Instant.parse(text).getEpochSecond(), 0, 4_294_967_295L);
        } catch (DateTimeParseException e) {
            throw new InputException(
                    name + " \"" + text + "\" is no time like 2026-11-01T12:00:00Z");
        }
    }
}
