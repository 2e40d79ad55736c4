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

    /// Days so new that their rollups may wait for late points.
    private static final int OPEN_DAYS = 3;

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

    /// Weights of partitions whose rows have not changed since, by table and partition.
    private final Map<String, Known> known = new HashMap<>();

    private record Known(long rows, Weights weights) {}

    /// @param team attribute that names a team; empty for none
    StoredBytes(Queries queries, String team) {
        this.queries = queries;
        this.team = team;
    }

    /// Divides the engine's bytes. Parts that were merged into others and wait to be deleted are of
    /// whom the rows of their partition are; of a partition that has none left, they are nobody's.
    ///
    /// @param now seconds since 1970
    Quantities engine(long now) throws InterruptedException {
        var bytes = new Quantities();
        Answer parts = ask("read_parts", Map.of());
        var names = new HashSet<String>();
        for (int row = 0; row < parts.size(); row++) {
            String table = parts.text(row, 0);
            String partition = parts.text(row, 1);
            long whole = parts.number(row, 2);
            long rows = parts.number(row, 3);
            names.add(table + "/" + partition);
            if (rows == 0 || !POINT_TABLES.containsKey(table) && !ROW_TABLES.contains(table)) {
                bytes.add(Meter.ENGINE_BYTE_HOURS, Group.OVERHEAD, whole);
                continue;
            }
            Weights weights = weights(table, partition, rows, now);
            long rest = whole;
            String[] columns = parts.text(row, 5).split(",", -1);
            String[] sizes = parts.text(row, 6).split(",", -1);
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

    private Weights weights(String table, String partition, long rows, long now)
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
            LocalDate month =
                    LocalDate.of(
                            Integer.parseInt(partition.substring(0, 4)),
                            Integer.parseInt(partition.substring(4)),
                            1);
            long from = month.toEpochDay() * DAY;
            long to = month.plusMonths(1).toEpochDay() * DAY;
            weights = points(from, to, now).only(row -> types.contains(row.type()));
        }
        known.put(name, new Known(rows, weights));
        return weights;
    }

    private Weights rows(String table, String partition) throws InterruptedException {
        return Weights.of(
                ask(
                        "read_row_weights",
                        Map.of("table", table, "partition", partition, "team", team)));
    }

    /// Rows of a range of whole days.
    private Weights points(long from, long to, long now) throws InterruptedException {
        boolean open = to > now - OPEN_DAYS * DAY;
        return Weights.of(
                ask(
                        "read_point_weights",
                        Map.of(
                                "rollup",
                                open ? "rollup_1d_now" : "rollup_1d",
                                "from",
                                seconds(from),
                                "to",
                                seconds(to),
                                "team",
                                team)));
    }

    /// ClickHouse's times end in 2106.
    private static String seconds(long seconds) {
        return Long.toString(Math.clamp(seconds, 0, 0xffff_ffffL));
    }

    /// Divides the lake's bytes.
    Quantities lake(LakeSizes.Sizes sizes, long now) throws InterruptedException {
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
            Weights weights = day(day.getKey(), day.getValue(), now);
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

    private Weights day(long day, List<LakeSizes.Partition> partitions, long now)
            throws InterruptedException {
        long size = partitions.stream().mapToLong(LakeSizes.Partition::bytes).sum();
        Known before = known.get("lake/" + day);
        if (before != null && before.rows == size) {
            return before.weights;
        }
        Weights weights = day < 0 ? Weights.NONE : points(day * DAY, (day + 1) * DAY, now);
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

    private Answer ask(String file, Map<String, String> parameters) throws InterruptedException {
        return queries.ask(new Question("cost/" + file, parameters, UserClass.SCHEDULED, false));
    }

    /// What is paid for and not used.
    static void addIdle(Quantities to, Prices prices, Meter meter) {
        @Nullable Long paid = prices.capacity().get(meter);
        if (paid != null) {
            to.add(meter, Group.IDLE, Math.max(0, paid - to.total(meter)));
        }
    }
}
