package dev.firn.process.state;

import dev.firn.model.Batch;
import dev.firn.model.Fingerprint;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.process.Aggregator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Makes one series of those that a stage has made equal by dropping or overwriting labels, without
/// two points of it ever having the same time and start.
///
/// As long as only one series has become it, its points pass as they are. Of several:
/// - deltas of one time within a request are added up (histograms merged); what comes with a time
///   that is not after the newest point made so far is added up at one nanosecond after that, so
///   that nothing is lost and nothing collides;
/// - cumulative monotonic sums and histograms: what each has grown by is added to a running total,
///   resets seen through; a point is made for each time that is after the newest so far, what comes
///   late is in the next. A series that joins counts in full if it began after the whole did, else
///   from its first point on;
/// - other cumulative sums: the sum of the newest values of those that have not ended;
/// - gauges, summaries and what has no temporality: the newest value wins, in a request the later
///   row among equal times.
///
/// One for each stage of each pipeline. Members are remembered for a day, those of sums that may
/// fall for ten minutes after their last point.
public final class Reaggregation implements Aggregator {
    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final long LEVEL_NANOS = 600_000_000_000L;

    /// How points of several series become one.
    enum Way {
        NEWEST,
        DELTA,
        RUNNING,
        LEVEL;

        static Way of(Metric metric) {
            if (metric.type() == MetricType.GAUGE || metric.type() == MetricType.SUMMARY) {
                return NEWEST;
            }
            return switch (metric.temporality()) {
                case UNSPECIFIED -> NEWEST;
                case DELTA -> DELTA;
                case CUMULATIVE ->
                        metric.type() == MetricType.SUM && !metric.monotonic() ? LEVEL : RUNNING;
            };
        }
    }

    /// A point that came in.
    record Row(Points points, int row, StreamKey member) {
        long time() {
            return points.time[row];
        }

        long start() {
            return points.start[row];
        }

        int flags() {
            return points.flags[row];
        }

        boolean isMarker() {
            return (flags() & Points.NO_RECORDED_VALUE) != 0;
        }
    }

    /// What became of rows: their exemplars follow them.
    private record Made(Row from, int row) {}

    /// The rows of one series to be made.
    static final class Group {
        final Series as;
        final StreamKey key;
        final List<Row> rows = new ArrayList<>();

        private Group(Series as, StreamKey key) {
            this.as = as;
            this.key = key;
        }
    }

    private final StateRoom room;
    final StreamStore<Aggregate> aggregates;
    final StreamStore<Member> members;
    final StreamStore<Member> levels;
    private final Set<Fingerprint> gathered = ConcurrentHashMap.newKeySet();

    /// @param name unique, the same after a restart: pipeline and stage
    public Reaggregation(String name, StateRoom room) {
        this.room = room;
        long max = Long.MAX_VALUE;
        aggregates = room.store(name + "/aggregates", Aggregate.CODEC, DAY_NANOS, max);
        members = room.store(name + "/members", Member.CODEC, DAY_NANOS, max);
        levels = room.store(name + "/levels", Member.CODEC, LEVEL_NANOS, max);
        aggregates.onRestored((key, aggregate) -> gathered.add(key.fingerprint()));
        aggregates.onStale((key, aggregate) -> gathered.remove(key.fingerprint()));
        members.onStale((key, member) -> leave(member, Way.RUNNING));
        levels.onStale((key, member) -> leave(member, Way.LEVEL));
    }

    /// A member was not seen for long.
    private void leave(Member member, Way way) {
        Aggregate aggregate = aggregates.get(member.of());
        if (aggregate != null) {
            aggregates.put(member.of(), left(aggregate, member, way));
        }
    }

    /// The aggregate without a member.
    static Aggregate left(Aggregate aggregate, Member member, Way way) {
        Aggregate after = aggregate.withLive(aggregate.live() - (member.ended() ? 0 : 1));
        if (way == Way.RUNNING) {
            return after.withFloor(member.time());
        }
        return member.ended() ? after : Merging.without(after, member.value());
    }

    @Override
    public void gather(Series as) {
        gathered.add(as.fingerprint());
    }

    @Override
    public boolean gathers(Series as) {
        return !gathered.isEmpty() && gathered.contains(as.fingerprint());
    }

    @Override
    public Pass begin(Batch from, Batch out) {
        return new Pass() {
            private final Map<StreamKey, Group> groups = new LinkedHashMap<>();

            @Override
            public void add(Points points, int row, Series as) {
                var key = StreamKey.of(as);
                groups.computeIfAbsent(key, k -> new Group(as, k))
                        .rows
                        .add(new Row(points, row, StreamKey.of(points.series[row])));
            }

            @Override
            public void end() {
                if (!groups.isEmpty()) {
                    room.enter();
                    groups.values().forEach(group -> gather(group.as));
                    var made = new ArrayList<Made>();
                    groups.values().forEach(group -> aggregate(group, out, made));
                    exemplars(from, made, out);
                }
            }
        };
    }

    private void aggregate(Group group, Batch out, List<Made> made) {
        Aggregate before = aggregates.get(group.key);
        StreamKey only = before == null ? group.rows.getFirst().member : before.only();
        boolean single = only != null;
        for (Row row : group.rows) {
            single &= row.member.equals(only);
        }
        if (single && only != null) {
            pass(group, before, only, out, made);
        } else {
            new Merging(this, group, before, out, (row, to) -> made.add(new Made(row, to))).run();
        }
    }

    /// The only member's points pass as they are; what it has come to is noted for when another
    /// joins it.
    private void pass(
            Group group, @Nullable Aggregate before, StreamKey only, Batch out, List<Made> made) {
        Way way = Way.of(group.as.metric());
        boolean keepsValue = way == Way.RUNNING || way == Way.LEVEL;
        long lastTime = before == null ? 0 : before.lastTime();
        long start = before == null ? 0 : before.start();
        long valueTime = before == null ? 0 : before.valueTime();
        PointValue value = before == null ? null : before.total();
        for (Row row : group.rows) {
            lastTime = Math.max(lastTime, row.time());
            PointValue one = keepsValue && !row.isMarker() ? Merging.valueOf(row) : null;
            if (row.time() >= valueTime && (one != null || !keepsValue && !row.isMarker())) {
                value = one;
                valueTime = row.time();
                start = row.start();
            }
        }
        var after = new Aggregate(only, lastTime, start, 0, valueTime, 0, value, 0);
        if (!aggregates.put(group.key, after)) {
            group.rows.forEach(row -> drop("limit"));
            return;
        }
        for (Row row : group.rows) {
            made.add(new Made(row, out.copyRow(row.points, row.row, group.as)));
        }
    }

    void drop(String reason) {
        room.dropped(aggregates, reason);
    }

    /// Exemplars go to the points that theirs were merged into, those of a point together.
    private static void exemplars(Batch from, List<Made> made, Batch out) {
        if (from.exemplars.size() == 0 || made.isEmpty()) {
            return;
        }
        int[][] rows = new int[Points.Kind.values().length + 1][];
        for (Points.Kind kind : Points.Kind.values()) {
            rows[kind.code()] = new int[from.points(kind).size()];
            java.util.Arrays.fill(rows[kind.code()], -1);
        }
        for (Made one : made) {
            rows[one.from.points.kind().code()][one.from.row] = one.row;
        }
        record Exemplar(int index, int kind, int row) {}
        var moved = new ArrayList<Exemplar>();
        for (int i = 0; i < from.exemplars.size(); i++) {
            int kind = from.exemplars.pointKind[i];
            int row = rows[kind][from.exemplars.pointRow[i]];
            if (row >= 0) {
                moved.add(new Exemplar(i, kind, row));
            }
        }
        moved.sort(Comparator.comparingInt(Exemplar::kind).thenComparingInt(Exemplar::row));
        moved.forEach(one -> out.exemplars.copy(from.exemplars, one.index, one.row));
    }
}
