package dev.firn.engine.child;

import dev.firn.engine.child.Reading.Condition;
import dev.firn.engine.child.Reading.Operator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Spares a reader's statement the lake's files that it cannot need. The lake's tables stand in a
/// database of their own, with a table of their files and the bounds of these; a statement whose
/// conditions exclude files gets a filter on the file's name for its connection. The filter names
/// what to *leave out*: a file that came after it was made is read, so that no commit between can
/// cost a row.
final class LakeSkipping {
    /// Views whose rows are rows of the lake's `points`.
    private static final String POINTS_VIEW = "lake_points";

    private static final String PARQUET_VIEW = "metric_parquet";

    /// Views of the engine's points that go on in the lake, before a border.
    private static final Set<String> LOCAL_VIEWS = Set.of("metrics_local_v2", "metrics_local");

    private static final Set<String> VIEWS =
            Set.of(POINTS_VIEW, PARQUET_VIEW, "metrics_local_v2", "metrics_local");

    /// Stands for the bounds of what is read from the points before.
    private static final String DISTRIBUTIONS = "metrics_local_v2 of distributions";

    private static final String FAR_FUTURE = "toDateTime64('2299-12-31 00:00:00', 6, 'UTC')";

    /// Tables of the engine that do not lead into the lake's points.
    private static final Set<String> OTHERS =
            Set.of(
                    "series",
                    "samples",
                    "histograms",
                    "exponential_histograms",
                    "summaries",
                    "exemplars",
                    "lake_series",
                    "lake_files");

    /// Columns with bounds in the table of files, under names with `_min` and `_max`.
    private static final Set<String> BOUNDED =
            Set.of(
                    "metric_name",
                    "metric_type",
                    "service_name",
                    "environment",
                    "data_plane_id",
                    "cluster_id",
                    "region",
                    "http_method",
                    "http_route",
                    "http_status_code",
                    "series_id",
                    "time");

    /// Expressions over a file's row that bound a column of a view.
    private record Bounds(String least, String greatest) {
        static Bounds of(String column) {
            return new Bounds(column + "_min", column + "_max");
        }

        static Bounds same(String expression) {
            return new Bounds(expression, expression);
        }
    }

    /// What a statement may leave out.
    ///
    /// @param condition true for files that it cannot need
    /// @param setting value of `additional_table_filters`
    record Skip(String condition, String setting) {}

    /// The location of a file on S3 stands in the path below a server on loopback (`FileServer`).
    private static final String FILE = "replaceRegexpOne(_path, '^/firn-lake/', 's3://')";

    private final String database;
    private final Map<String, Map<String, Bounds>> columns = new HashMap<>();

    /// @param database the engine's; the lake's own has `_lake` behind its name
    LakeSkipping(String database) {
        this.database = database;
        var points = new HashMap<String, Bounds>();
        BOUNDED.forEach(column -> points.put(column, Bounds.of(column)));
        var parquet = new HashMap<>(points);
        parquet.remove("metric_name"); // translated there
        parquet.remove("series_id");
        parquet.remove("time");
        parquet.put("timestamp", Bounds.of("time"));
        // A file's rows are of one day.
        parquet.put("year", Bounds.same("toYear(day)"));
        parquet.put("month", Bounds.same("toMonth(day)"));
        parquet.put("day", Bounds.same("toDayOfMonth(day)"));
        parquet.put("hour", new Bounds("toHour(time_min)", "toHour(time_max)"));
        columns.put(POINTS_VIEW, points);
        columns.put(PARQUET_VIEW, parquet);
        var local = new HashMap<>(points);
        local.remove("metric_name"); // translated there
        local.remove("series_id");
        local.remove("time");
        local.put("timestamp", Bounds.of("time"));
        local.put("date", Bounds.same("day"));
        LOCAL_VIEWS.forEach(view -> columns.put(view, local));
        // A mean needs the point before, which may be in any earlier file.
        var distributions = new HashMap<>(local);
        distributions.put("timestamp", new Bounds("time_min", FAR_FUTURE));
        distributions.put("date", new Bounds("day", "toDate32('2299-12-31')"));
        columns.put(DISTRIBUTIONS, distributions);
    }

    /// The table of files.
    String files() {
        return "`" + database + "_lake`.files";
    }

    /// What a statement may leave out; empty when that is nothing, or nothing is certain.
    ///
    /// @param rendering by `formatQuery`
    /// @param current the request's database, empty for the default
    Optional<Skip> skip(byte[] rendering, String current) {
        boolean own = current.isEmpty() || current.equals("default") || current.equals(database);
        String text = new String(rendering, StandardCharsets.UTF_8);
        if (!own || VIEWS.stream().noneMatch(text::contains)) {
            return Optional.empty();
        }
        return Readings.of(rendering, Set.of(database), VIEWS, OTHERS).flatMap(this::skip);
    }

    private Optional<Skip> skip(List<Reading> readings) {
        var local = readings.stream().filter(one -> LOCAL_VIEWS.contains(one.table())).toList();
        var lake = readings.stream().filter(one -> !LOCAL_VIEWS.contains(one.table())).toList();
        var filters = new LinkedHashMap<String, String>();
        excludes(lake, Reading::table).ifPresent(condition -> filters.put("points", condition));
        excludes(local, Reading::table).ifPresent(condition -> filters.put("cold", condition));
        excludes(local, one -> DISTRIBUTIONS)
                .ifPresent(condition -> filters.put("cold_distributions", condition));
        if (filters.isEmpty()) {
            return Optional.empty();
        }
        String setting =
                filters.entrySet().stream()
                        .map(one ->
                                "'"
                                        + database
                                        + "_lake."
                                        + one.getKey()
                                        + "':'"
                                        + escaped(filter(one.getValue()))
                                        + "'")
                        .collect(Collectors.joining(",", "{", "}"));
        // The others leave out less, but must be sound statements, too.
        String condition =
                filters.values().stream()
                        .skip(1)
                        .map(other -> " AND ((" + other + ") OR 1)")
                        .collect(
                                Collectors.joining(
                                        "", "(" + filters.values().iterator().next() + ")", ""));
        return Optional.of(new Skip(condition, setting));
    }

    private String filter(String condition) {
        return FILE + " NOT IN (SELECT path FROM " + files() + " WHERE " + condition + ")";
    }

    /// A condition that is true for files that none of the readings needs; empty when each may be
    /// needed.
    private Optional<String> excludes(List<Reading> readings, Function<Reading, String> as) {
        var all = new ArrayList<String>();
        for (Reading reading : readings) {
            var bounds = columns.getOrDefault(as.apply(reading), Map.of());
            String condition =
                    reading.conditions().stream()
                            .flatMap(one -> excludes(one, bounds).stream())
                            .collect(Collectors.joining(" OR "));
            if (condition.isEmpty()) {
                return Optional.empty();
            }
            all.add("(" + condition + ")");
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(String.join(" AND ", all));
    }

    /// True for a file none of whose rows satisfies a condition.
    private static Optional<String> excludes(Condition condition, Map<String, Bounds> bounds) {
        Bounds of = bounds.get(condition.column());
        if (of == null) {
            return Optional.empty();
        }
        String first = condition.constants().getFirst();
        Operator operator = condition.operator();
        return Optional.of(
                switch (operator) {
                    case LESS -> of.least + " >= (" + first + ")";
                    case LESS_OR_EQUAL -> of.least + " > (" + first + ")";
                    case GREATER -> of.greatest + " <= (" + first + ")";
                    case GREATER_OR_EQUAL -> of.greatest + " < (" + first + ")";
                    case EQUAL, IN ->
                            condition.constants().stream()
                                    .map(one ->
                                            "(%s < (%s) OR %s > (%s))"
                                                    .formatted(of.greatest, one, of.least, one))
                                    .collect(Collectors.joining(" AND ", "(", ")"));
                });
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("'", "\\'");
    }
}
