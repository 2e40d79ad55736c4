package dev.firn.web.page;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineClient.Row;
import dev.firn.engine.EngineSql;
import dev.firn.query.StoreViews;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `GET /api/firn/v1/requests`: rate, errors and duration of HTTP servers from the rollups, and
/// `latencies`: how many took how long; with the statement that gave them. The range decides which
/// rollup is read.
final class RequestRates {
    private static final List<String> LABELS =
            List.of(
                    "environment",
                    "data_plane_id",
                    "service_name",
                    "http_route",
                    "http_status_code");

    private static final int ROWS_MAX = 20_000;
    private static final int CELLS_MAX = 100_000;
    private static final int EXEMPLARS_MAX = 20;
    private static final long EXEMPLARS_SECONDS_MAX = 7 * 86_400;
    private static final int VALUE_CHARS_MAX = 1_000;
    private static final long RANGE_SECONDS_MAX = 10L * 366 * 86_400;

    /// The rollups by the longest range that is read from them: some 600 to 1500 windows; up to an
    /// hour points.
    private enum Rollup {
        SECONDS("distributions_fine", 10, 3_660),
        MINUTES("distributions_5m", 300, 2 * 86_400),
        HOURS("distributions_1h", 3_600, 62 * 86_400),
        DAYS("distributions_1d", 86_400, Long.MAX_VALUE);

        private final String rows;
        private final long seconds;
        private final long rangeMax;

        Rollup(String rows, long seconds, long rangeMax) {
            this.rows = rows;
            this.seconds = seconds;
            this.rangeMax = rangeMax;
        }

        static Rollup of(long range) {
            for (Rollup rollup : values()) {
                if (range <= rollup.rangeMax) {
                    return rollup;
                }
            }
            throw new IllegalStateException();
        }
    }

    private final EngineClient client;
    private final String database;
    private final long now;
    private final boolean past;

    RequestRates(EngineClient client, String database, Clock clock) {
        this(client, database, clock.millis() / 1_000, false);
    }

    private RequestRates(EngineClient client, String database, long now, boolean past) {
        this.client = client;
        this.database = database;
        this.now = now;
        this.past = past;
    }

    /// Of a database that has points of a moment, and no rollups.
    static RequestRates past(EngineClient client, String database, Instant moment) {
        return new RequestRates(client, database, moment.getEpochSecond(), true);
    }

    /// What is asked for, in windows of how long.
    ///
    /// @param first start of the first window, seconds since 1970
    record Range(Rollup rollup, long first, long to) {}

    /// @param now end of a question that names none
    static Range range(Map<String, String> parameters, long now) {
        long from = seconds(parameters, "from", now - 3_600);
        long to = seconds(parameters, "to", now);
        if (from >= to || to - from > RANGE_SECONDS_MAX) {
            throw new InputException(
                    "cannot read requests: from is to lie before to, by ten years at most");
        }
        Rollup rollup = Rollup.of(to - from);
        return new Range(rollup, Math.floorDiv(from, rollup.seconds) * rollup.seconds, to);
    }

    /// Where a question's rows are.
    ///
    /// @param first start of the first window, seconds since 1970
    /// @param view with its windows
    /// @param where condition on its rows `d`
    private record Asked(long now, long first, long to, Rollup rollup, String view, String where) {}

    private Asked asked(Map<String, String> parameters) {
        Range range = range(parameters, now);
        boolean stored = parameters.getOrDefault("windows", "").equals("stored");
        return new Asked(
                now,
                range.first,
                range.to,
                range.rollup,
                view(range.rollup, range.first, range.to, stored),
                where(parameters, range.first, range.to));
    }

    private String view(Rollup rollup, long first, long to, boolean stored) {
        if (past || rollup == Rollup.SECONDS) {
            return "%s(from = %d, to = %d, window = %d)"
                    .formatted(Rollup.SECONDS.rows, first, to, rollup.seconds);
        }
        return stored ? rollup.rows + "_stored" : rollup.rows;
    }

    Map<String, Object> answer(Map<String, String> parameters) throws InterruptedException {
        Asked asked = asked(parameters);
        List<String> keys = keys(parameters);
        String columns = String.join(", ", keys);
        String sql =
                EngineSql.read(
                        "web/read_requests",
                        Map.of(
                                "keys",
                                columns,
                                "merged",
                                StoreViews.merged(database, asked.view, columns, asked.where),
                                "rows_max",
                                "" + ROWS_MAX));
        var rows = new ArrayList<List<@Nullable Object>>();
        for (Row row : client.query(sql)) {
            rows.add(values(row, keys));
        }
        Map<String, Object> answer = answer(asked, sql, rows, ROWS_MAX);
        answer.put("keys", keys);
        return answer;
    }

    Map<String, Object> latencies(Map<String, String> parameters) throws InterruptedException {
        Asked asked = asked(parameters);
        String sql =
                EngineSql.read(
                        "web/read_latencies",
                        Map.of(
                                "spread",
                                StoreViews.spread(database, asked.view, "start", asked.where),
                                "rows_max",
                                "" + CELLS_MAX));
        var rows = new ArrayList<List<@Nullable Object>>();
        for (Row row : client.query(sql)) {
            rows.add(List.of(secondsOf(row.text(0)), row.number(1), row.number(2)));
        }
        return answer(asked, sql, rows, CELLS_MAX);
    }

    /// Traces of the slowest requests of a time, a week at most.
    Object exemplars(Map<String, String> parameters) throws InterruptedException {
        long to = seconds(parameters, "to", now);
        long from = Math.max(seconds(parameters, "from", to - 3_600), to - EXEMPLARS_SECONDS_MAX);
        String sql =
                EngineSql.read(
                        "web/read_exemplars",
                        Map.of(
                                "database",
                                database,
                                "where",
                                StoreViews.http(database).replace("d.metric_id", "e.metric_id")
                                        + "\n    AND e.time >= toDateTime(%d, 'UTC') AND e.time < toDateTime(%d, 'UTC')"
                                                .formatted(from, to)
                                        + labels(parameters),
                                "rows_max",
                                "" + EXEMPLARS_MAX));
        var rows = new ArrayList<Object>();
        for (Row row : client.query(sql)) {
            var shown = new LinkedHashMap<String, Object>();
            shown.put("at", row.number(0));
            for (int i = 0; i < LABELS.size(); i++) {
                shown.put(LABELS.get(i), row.text(i + 1));
            }
            shown.put("seconds", row.real(6));
            shown.put("trace_id", row.text(7));
            shown.put("span_id", row.text(8));
            rows.add(shown);
        }
        return Map.of("sql", sql, "exemplars", rows);
    }

    private static Map<String, Object> answer(
            Asked asked, String sql, List<List<@Nullable Object>> rows, int max) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("from", asked.first);
        answer.put("to", asked.to);
        answer.put("now", asked.now);
        answer.put("resolution", asked.rollup.seconds);
        answer.put("complete", rows.size() < max);
        answer.put("sql", sql);
        answer.put("rows", rows);
        return answer;
    }

    private static List<@Nullable Object> values(Row row, List<String> keys) {
        var values = new ArrayList<@Nullable Object>();
        for (int i = 0; i < keys.size(); i++) {
            String text = row.text(i);
            values.add(keys.get(i).equals("start") ? secondsOf(text) : text);
        }
        int at = keys.size();
        values.add(row.number(at));
        values.add(row.number(at + 1));
        for (int i = at + 2; i < at + 6; i++) {
            double value = row.real(i);
            values.add(Double.isFinite(value) ? value : null);
        }
        return values;
    }

    private static long secondsOf(String start) {
        return LocalDateTime.parse(start.replace(' ', 'T')).toEpochSecond(ZoneOffset.UTC);
    }

    /// The labels to group by, `start` first where the answer is to go over time.
    private static List<String> keys(Map<String, String> parameters) {
        var keys = new ArrayList<String>();
        if (parameters.getOrDefault("over", "").equals("time")) {
            keys.add("start");
        }
        for (String label : parameters.getOrDefault("by", "environment").split(",")) {
            if (!LABELS.contains(label) || keys.contains(label)) {
                throw new InputException(
                        "cannot group requests by \""
                                + label
                                + "\"; use each of "
                                + String.join(", ", LABELS)
                                + " at most once");
            }
            keys.add(label);
        }
        return keys;
    }

    private String where(Map<String, String> parameters, long first, long to) {
        var where = new StringBuilder(StoreViews.http(database));
        where.append("\n        AND d.start >= toDateTime(%d, 'UTC')".formatted(first));
        where.append(" AND d.start < toDateTime(%d, 'UTC')".formatted(to));
        return where.append(labels(parameters)).toString();
    }

    private static String labels(Map<String, String> parameters) {
        var where = new StringBuilder();
        for (String label : LABELS) {
            String value = parameters.get(label);
            if (value != null && value.length() > VALUE_CHARS_MAX) {
                throw new InputException(
                        label + " is longer than " + VALUE_CHARS_MAX + " characters");
            }
            if (value != null) {
                where.append(" AND d.%s = '%s'".formatted(label, EngineSql.quoted(value)));
            }
        }
        return where.toString();
    }

    private static long seconds(Map<String, String> parameters, String name, long otherwise) {
        String value = parameters.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("[0-9]{1,10}")) {
            throw new InputException(
                    "cannot read requests: " + name + " is not in seconds since 1970");
        }
        return Long.parseLong(value);
    }
}
