package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.PointSource.Point;
import dev.firn.analyse.slo.PointSource.SeriesPoints;
import dev.firn.analyse.slo.SloWindow.Span;
import dev.firn.model.Temporality;
import dev.firn.query.Answer;
import dev.firn.query.Queries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Reads points of metrics from the engine's tables, whole series over a range of minutes, each
/// with what came before it. What is read at once is bounded: a range with more points than
/// [#POINTS_MAX] is read in parts, each with all series of some streams.
final class EnginePoints {
    /// Of one answer.
    static final int POINTS_MAX = 50_000;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<LinkedHashMap<String, String>> LABELS =
            new TypeReference<>() {};
    private static final long MINUTE_MILLIS = 60_000;
    private static final long PARTS_MAX = 1 << 16;

    /// `SampleFlags.START_EQUALS_TIME`.
    private static final long START_EQUALS_TIME = 1 << 26;

    /// Column of the first value.
    private static final int VALUES = 8;

    private final Queries queries;

    EnginePoints(Queries queries) {
        this.queries = queries;
    }

    /// Takes one series.
    interface Taker {
        void take(String metric, SeriesPoints points);
    }

    /// Which metrics there are, by table.
    record Metrics(Map<EngineTable, TreeSet<Long>> ids) {
        boolean isEmpty() {
            return ids.isEmpty();
        }
    }

    private record Key(long metric, long series) {}

    private record Stream(long metric, long hash) {}

    private record Labels(
            String metric,
            String unit,
            Temporality temporality,
            Stream stream,
            Map<String, String> labels) {}

    /// One series while it is read.
    private static final class Rows {
        final List<Point> before = new ArrayList<>();
        final List<Point> points = new ArrayList<>();
    }

    /// Finds metrics by name.
    Metrics metrics(Collection<String> names) throws InterruptedException {
        Answer answer = ask("read_metrics", Map.of("metrics", texts(names)));
        var ids = new EnumMap<EngineTable, TreeSet<Long>>(EngineTable.class);
        for (int row = 0; row < answer.size(); row++) {
            @Nullable EngineTable table = EngineTable.of(answer.text(row, 2));
            if (table != null) {
                ids.computeIfAbsent(table, _ -> new TreeSet<>()).add(answer.number(row, 0));
            }
        }
        return new Metrics(ids);
    }

    /// Points in a range of minutes.
    long count(Metrics metrics, Span span) throws InterruptedException {
        long points = 0;
        for (var table : metrics.ids.entrySet()) {
            points +=
                    ask("count_points", range(table.getKey(), table.getValue(), span)).number(0, 0);
        }
        return points;
    }

    /// The minute of the first point in a range; its end if there is none.
    long first(Metrics metrics, Span span) throws InterruptedException {
        long first = span.to();
        for (var table : metrics.ids.entrySet()) {
            long millis =
                    ask("read_first", range(table.getKey(), table.getValue(), span)).number(0, 0);
            if (millis > 0) {
                first = Math.min(first, Math.floorDiv(millis, MINUTE_MILLIS));
            }
        }
        return first;
    }

    /// Hands over all series that have points in a range of minutes.
    void read(Metrics metrics, Span span, Taker taker) throws InterruptedException {
        long points = count(metrics, span);
        long parts = Math.max(1, Long.highestOneBit(points / POINTS_MAX) * 2);
        for (long part = 0; part < Math.min(parts, PARTS_MAX); part++) {
            for (var table : metrics.ids.entrySet()) {
                readPart(
                        table.getKey(),
                        table.getValue(),
                        span,
                        Math.min(parts, PARTS_MAX) - 1,
                        part,
                        taker);
            }
        }
    }

    private void readPart(
            EngineTable table, Collection<Long> ids, Span span, long mask, long part, Taker taker)
            throws InterruptedException {
        Map<String, String> which = new HashMap<>(range(table, ids, span));
        which.remove("table");
        which.put("mask", Long.toString(mask));
        which.put("part", Long.toString(part));
        Map<Key, Rows> rows = rows(table, ask("points_" + table.table(), which));
        rows.values().removeIf(one -> one.points.isEmpty() && one.before.isEmpty());
        if (rows.values().stream().allMatch(one -> one.points.isEmpty())) {
            return;
        }
        which.remove("from");
        which.remove("to");
        Map<Key, Labels> labels = labels(ask("read_series", which));
        var watch = new Watch(table, ids, span);
        rows.forEach((key, one) -> watch.saw(labels.get(key), one));
        watch.lookBack(rows, labels);
        rows.forEach((key, one) -> {
            Labels of = labels.get(key);
            if (of != null && !one.points.isEmpty()) {
                taker.take(
                        of.metric,
                        new SeriesPoints(
                                of.labels,
                                of.unit,
                                of.temporality,
                                one.before,
                                one.points,
                                watch.of(of.stream)));
            }
        });
    }

    /// Whether streams were watched at some time: what their points in hand say, and their last
    /// ones before the range.
    private final class Watch {
        private final EngineTable table;
        private final Collection<Long> ids;
        private final Span span;
        private final Map<Stream, TreeSet<Long>> times = new HashMap<>();

        Watch(EngineTable table, Collection<Long> ids, Span span) {
            this.table = table;
            this.ids = ids;
            this.span = span;
        }

        void saw(@Nullable Labels labels, Rows rows) {
            if (labels != null) {
                TreeSet<Long> seen = times.computeIfAbsent(labels.stream, _ -> new TreeSet<>());
                rows.before.forEach(point -> seen.add(point.time()));
                rows.points.forEach(point -> seen.add(point.time()));
            }
        }

        /// Asks for streams of which a series shows up that nothing in hand explains.
        void lookBack(Map<Key, Rows> rows, Map<Key, Labels> labels) throws InterruptedException {
            var unknown = new TreeSet<Long>();
            long from = span.from() * MINUTE_MILLIS * 1_000_000;
            rows.forEach((key, one) -> {
                Labels of = labels.get(key);
                if (of != null
                        && of.temporality == Temporality.CUMULATIVE
                        && one.before.isEmpty()
                        && java.util.Objects.requireNonNull(times.get(of.stream)).lower(from)
                                == null) {
                    unknown.add(of.stream.hash);
                }
            });
            var all = new ArrayList<>(unknown);
            for (int i = 0; i < all.size(); i += 500) {
                var some = all.subList(i, Math.min(all.size(), i + 500));
                var which = new HashMap<>(range(table, ids, span));
                which.put("streams", unsigned(some));
                Answer answer = ask("read_watched", which);
                for (int row = 0; row < answer.size(); row++) {
                    var stream = new Stream(answer.number(row, 0), answer.number(row, 1));
                    times.computeIfAbsent(stream, _ -> new TreeSet<>()).add(answer.number(row, 2));
                }
            }
        }

        dev.firn.analyse.slo.PointSource.Watched of(Stream stream) {
            TreeSet<Long> seen = java.util.Objects.requireNonNull(times.get(stream));
            return (start, time) -> {
                Long last = seen.lower(time);
                return last != null && last >= start;
            };
        }
    }

    private static Map<Key, Rows> rows(EngineTable table, Answer answer) {
        var ranks = new TreeMap<String, Long>(); // writers in the order in which conflicts are won
        for (int row = 0; row < answer.size(); row++) {
            ranks.put(answer.text(row, 6), 0L);
        }
        long rank = 0;
        for (var entry : ranks.entrySet()) {
            entry.setValue(rank++);
        }
        var rows = new LinkedHashMap<Key, Rows>();
        for (int row = 0; row < answer.size(); row++) {
            Rows series =
                    rows.computeIfAbsent(
                            new Key(answer.number(row, 1), answer.number(row, 2)), _ -> new Rows());
            Point point =
                    point(
                            table,
                            answer,
                            row,
                            java.util.Objects.requireNonNull(ranks.get(answer.text(row, 6))));
            (answer.number(row, 0) == 1 ? series.before : series.points).add(point);
        }
        return rows;
    }

    private static Point point(EngineTable table, Answer answer, int row, long rank) {
        long time = answer.number(row, 3);
        long start = answer.number(row, 4);
        long flags = answer.number(row, 5);
        if ((flags & START_EQUALS_TIME) != 0) {
            start = time;
        } else if (start == time) {
            time++; // they differ by less than what is kept of a time
        }
        return new Point(
                time, start, rank, answer.number(row, 7), table.value(answer, row, VALUES, flags));
    }

    private static Map<Key, Labels> labels(Answer answer) {
        var all = new HashMap<Key, Labels>();
        for (int row = 0; row < answer.size(); row++) {
            String temporality = answer.text(row, 4).toUpperCase(Locale.ROOT);
            long metric = answer.number(row, 0);
            all.put(
                    new Key(metric, answer.number(row, 1)),
                    new Labels(
                            answer.text(row, 2),
                            answer.text(row, 3),
                            switch (temporality) {
                                case "CUMULATIVE" -> Temporality.CUMULATIVE;
                                case "DELTA" -> Temporality.DELTA;
                                default -> Temporality.UNSPECIFIED;
                            },
                            new Stream(metric, answer.number(row, 5)),
                            MAPPER.readValue(answer.text(row, 6), LABELS)));
        }
        return all;
    }

    /// Asks as a scheduled task.
    Answer ask(String file, Map<String, String> parameters) throws InterruptedException {
        return queries.ask(
                new Queries.Question(
                        "slo/" + file, parameters, Queries.UserClass.SCHEDULED, false));
    }

    /// Parameters of a range of minutes in a table.
    static Map<String, String> range(EngineTable table, Collection<Long> ids, Span span) {
        return Map.of(
                "table",
                table.table(),
                "metrics",
                unsigned(ids),
                "from",
                Long.toString(span.from() * MINUTE_MILLIS),
                "to",
                Long.toString(span.to() * MINUTE_MILLIS));
    }

    /// ClickHouse's form of an array.
    static String unsigned(Collection<Long> ids) {
        return ids.stream()
                .map(Long::toUnsignedString)
                .collect(java.util.stream.Collectors.joining(",", "[", "]"));
    }

    /// ClickHouse's form of an array of texts.
    static String texts(Collection<String> texts) {
        return texts.stream()
                .map(text -> "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'")
                .collect(java.util.stream.Collectors.joining(",", "[", "]"));
    }
}
