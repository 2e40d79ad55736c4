package dev.firn.analyse.cost;

import dev.firn.query.Answer;
import dev.firn.query.LakeSizes;
import dev.firn.query.Queries;
import dev.firn.query.Queries.Question;
import dev.firn.query.Queries.UserClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Divides the bytes on disk among groups: each partition's, column by column, by the rows that the
/// group has in it, lists by their values. The parts add up to what the disk has, whatever merges,
/// compaction and expiry make of it. Rows are taken from rollups, which know them without reading
/// points. Not thread-safe.
final class StoredBytes {
    private static final long DAY = 86_400;

    /// So many series are asked for at a time: what a question holds in memory is by series.
    private static final int SERIES_MAX = 1 << 17;

    private static final int PARTS_MAX = 1 << 10;

    private static final Map<String, Set<String>> POINT_TABLES =
            Map.of(
                    "samples", Set.of("gauge", "sum"),
                    "histograms", Set.of("histogram"),
                    "exponential_histograms", Set.of("exponential_histogram"),
                    "summaries", Set.of("summary"));

    private static final Set<String> ROW_TABLES =
            Set.of("series", "exemplars", "rollup_5m", "rollup_1h", "rollup_1d");

    /// Columns of lists, in the engine and in the lake.
    private static final Set<String> LISTS =
            Set.of(
                    "bounds",
                    "bucket_counts",
                    "explicit_bounds",
                    "positive_counts",
                    "negative_counts",
                    "quantiles",
                    "quantile_values",
                    "buckets",
                    "positive_buckets",
                    "negative_buckets",
                    "last_bounds",
                    "last_buckets",
                    "last_positive_buckets",
                    "last_negative_buckets");

    /// Columns of the lake that points of some types leave empty: which have them.
    private static final Map<String, Set<String>> LAKE_TYPES =
            Map.ofEntries(
                    Map.entry("value", Set.of("gauge", "sum")),
                    Map.entry("value_int", Set.of("gauge", "sum")),
                    Map.entry("bucket_counts", Set.of("histogram")),
                    Map.entry("explicit_bounds", Set.of("histogram")),
                    Map.entry("scale", Set.of("exponential_histogram")),
                    Map.entry("zero_count", Set.of("exponential_histogram")),
                    Map.entry("zero_threshold", Set.of("exponential_histogram")),
                    Map.entry("positive_offset", Set.of("exponential_histogram")),
                    Map.entry("positive_counts", Set.of("exponential_histogram")),
                    Map.entry("negative_offset", Set.of("exponential_histogram")),
                    Map.entry("negative_counts", Set.of("exponential_histogram")),
                    Map.entry("quantiles", Set.of("summary")),
                    Map.entry("quantile_values", Set.of("summary")));

    private static final Set<String> COUNTED = Set.of("count", "sum", "min", "max");

    private final Queries queries;
    private final String team;
    private final int seriesMax;
    private int parts = 1;

    /// Weights of partitions whose rows have not changed since, by table and partition.
    private final Map<String, Known> known = new HashMap<>();

    private record Known(long rows, Weights weights) {}

    /// @param team attribute that names a team; empty for none
    StoredBytes(Queries queries, String team) {
        this(queries, team, SERIES_MAX);
    }

    /// @param seriesMax that a question asks for, about
    StoredBytes(Queries queries, String team, int seriesMax) {
        this.queries = queries;
        this.team = team;
        this.seriesMax = seriesMax;
    }

    /// Divides the engine's bytes. Parts that were merged into others and wait to be deleted are of
    /// whom the rows of their partition are; of a partition that has none left, they are nobody's.
    Quantities engine() throws InterruptedException {
        var bytes = new Quantities();
        Answer tables = queries.ask(question("read_parts", Map.of()));
        divideSeries(tables);
        var months = new HashMap<String, Weights>();
        var names = new HashSet<String>();
        for (int row = 0; row < tables.size(); row++) {
            String table = tables.text(row, 0);
            String partition = tables.text(row, 1);
            long whole = tables.number(row, 2);
            long rows = tables.number(row, 3);
            names.add(table + "/" + partition);
            if (rows == 0 || !POINT_TABLES.containsKey(table) && !ROW_TABLES.contains(table)) {
                bytes.add(Meter.ENGINE_BYTE_HOURS, Group.OVERHEAD, whole);
                continue;
            }
            Weights weights = weights(table, partition, rows, months);
            long rest = whole;
            String[] columns = tables.text(row, 5).split(",", -1);
            String[] sizes = tables.text(row, 6).split(",", -1);
            for (int i = 0; i < columns.length; i++) {
                if (!columns[i].isEmpty() && LISTS.contains(columns[i])) {
                    long size = Long.parseLong(sizes[i]);
                    weights.divide(bytes, Meter.ENGINE_BYTE_HOURS, size, Weights.Row::elements);
                    rest -= size;
                }
            }
            weights.divide(bytes, Meter.ENGINE_BYTE_HOURS, rest, Weights.Row::rows);
        }
        known.keySet().removeIf(name -> !name.startsWith("lake/") && !names.contains(name));
        return bytes;
    }

    /// Asks for so many parts of the series that none has too many.
    private void divideSeries(Answer tables) {
        long series = 0;
        for (int row = 0; row < tables.size(); row++) {
            series += tables.text(row, 0).equals("series") ? tables.number(row, 3) : 0;
        }
        parts = 1;
        while (parts < PARTS_MAX && series > (long) parts * seriesMax) {
            parts *= 2;
        }
    }

    private Weights weights(String table, String partition, long rows, Map<String, Weights> months)
            throws InterruptedException {
        String name = table + "/" + partition;
        Known before = known.get(name);
        if (before != null && before.rows == rows) {
            return before.weights;
        }
        Set<String> types = POINT_TABLES.get(table);
        Weights weights;
        if (types == null) {
            weights = rows(table, partition);
        } else {
            Weights month = months.get(partition);
            if (month == null) {
                month = month(partition);
                months.put(partition, month);
            }
            weights = month.only(row -> types.contains(row.type()));
        }
        known.put(name, new Known(rows, weights));
        return weights;
    }

    private Weights month(String partition) throws InterruptedException {
        LocalDate month =
                LocalDate.of(
                        Integer.parseInt(partition.substring(0, 4)),
                        Integer.parseInt(partition.substring(4)),
                        1);
        return points(month.toEpochDay() * DAY, month.plusMonths(1).toEpochDay() * DAY);
    }

    private Weights rows(String table, String partition) throws InterruptedException {
        return ask("read_row_weights", Map.of("table", table, "partition", partition));
    }

    /// Rows of a range of whole days.
    Weights points(long from, long to) throws InterruptedException {
        return ask("read_point_weights", Map.of("from", seconds(from), "to", seconds(to)));
    }

    /// ClickHouse's times end in 2106.
    private static String seconds(long seconds) {
        return Long.toString(Math.clamp(seconds, 0, 0xffff_ffffL));
    }

    /// Divides the lake's bytes.
    Quantities lake(LakeSizes.Sizes sizes) throws InterruptedException {
        var bytes = new Quantities();
        bytes.add(Meter.LAKE_BYTE_HOURS, Group.OVERHEAD, sizes.metadata());
        if (sizes.series() > 0) {
            rows("series", "all")
                    .divide(bytes, Meter.LAKE_BYTE_HOURS, sizes.series(), Weights.Row::rows);
        }
        var days = new HashMap<Long, List<LakeSizes.Partition>>();
        for (LakeSizes.Partition one : sizes.points()) {
            days.computeIfAbsent(one.day(), day -> new ArrayList<>()).add(one);
        }
        for (Map.Entry<Long, List<LakeSizes.Partition>> day : days.entrySet()) {
            Weights weights = day(day.getKey(), day.getValue());
            var planes = new HashSet<String>();
            day.getValue().forEach(one -> planes.add(one.other() ? "" : one.plane()));
            for (LakeSizes.Partition one : day.getValue()) {
                divide(bytes, one, its(weights, one, planes));
            }
        }
        known.keySet()
                .removeIf(name ->
                        name.startsWith("lake/")
                                && !days.containsKey(Long.valueOf(name.substring(5))));
        return bytes;
    }

    private Weights day(long day, List<LakeSizes.Partition> partitions)
            throws InterruptedException {
        long size = partitions.stream().mapToLong(LakeSizes.Partition::bytes).sum();
        Known before = known.get("lake/" + day);
        if (before != null && before.rows == size) {
            return before.weights;
        }
        Weights weights = day < 0 ? Weights.NONE : points(day * DAY, (day + 1) * DAY);
        known.put("lake/" + day, new Known(size, weights));
        return weights;
    }

    /// The rows of a partition. Planes that have none of their own are in that of the others; of
    /// one that got its own during the day, all rows count there.
    private static Weights its(Weights day, LakeSizes.Partition partition, Set<String> planes) {
        Weights its =
                partition.other()
                        ? day.only(row -> !planes.contains(row.group().dataPlaneId()))
                        : day.only(row -> row.group().dataPlaneId().equals(partition.plane()));
        return its.rows().isEmpty() ? day : its;
    }

    private static void divide(Quantities into, LakeSizes.Partition of, Weights weights) {
        for (Map.Entry<String, Long> column : of.columns().entrySet()) {
            String name = column.getKey();
            Set<String> types = LAKE_TYPES.get(name);
            Weights its =
                    types != null
                            ? weights.only(row -> types.contains(row.type()))
                            : COUNTED.contains(name) ? weights.only(row -> !row.number()) : weights;
            (its.rows().isEmpty() ? weights : its) // a column that is empty takes bytes, too
                    .divide(
                            into,
                            Meter.LAKE_BYTE_HOURS,
                            column.getValue(),
                            LISTS.contains(name) ? Weights.Row::elements : Weights.Row::rows);
        }
        weights.divide(into, Meter.LAKE_BYTE_HOURS, of.rest(), Weights.Row::rows);
    }

    /// Asks for each part of the series.
    private Weights ask(String file, Map<String, String> parameters) throws InterruptedException {
        var answers = new ArrayList<Answer>(parts);
        for (int part = 0; part < parts; part++) {
            var all = new HashMap<>(parameters);
            all.put("team", team);
            all.put("part", Integer.toString(part));
            all.put("mask", Integer.toString(parts - 1));
            answers.add(queries.ask(question(file, all)));
        }
        return Weights.of(answers);
    }

    private static Question question(String file, Map<String, String> parameters) {
        return new Question("cost/" + file, parameters, UserClass.SCHEDULED, false);
    }

    /// What is paid for and not used.
    static void addIdle(Quantities to, Prices prices, Meter meter) {
        @Nullable Long paid = prices.capacity().get(meter);
        if (paid != null) {
            to.add(meter, Group.IDLE, Math.max(0, paid - to.total(meter)));
        }
    }
}
