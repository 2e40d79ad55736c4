package dev.firn.process.state;

import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.process.Aggregator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes one series of those that a stage has made equal, without two points of it ever having the
/// same time and start.
///
/// As long as only one series has become it, its points pass as they are. One that lost nothing on
/// its way is noted by [Claims]; of one that did, others are to be expected: a first stage notes
/// once who it is, since [Sources] knows what it has come to when another joins it. Of several:
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
    private static final long SECOND = 1_000_000_000L;

    /// How often a series that only one has become is noted anew, so that it is not forgotten.
    private static final long REFRESH_SECONDS = DAY_NANOS / SECOND / 4;

    /// How points of several series become one.
    enum Way {
        NEWEST,
        DELTA,
        RUNNING,
        LEVEL;

        /// Whether the total of its members goes on from point to point.
        boolean keepsValue() {
            return this == RUNNING || this == LEVEL;
        }

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
    private final Claims claims = new Claims();
    private final String name;
    private final boolean first;

    /// Under the room's lock: changed by who has it alone, read by who shares it.
    private final Map<StreamKey, Single> singles = new HashMap<>();

    /// Series whose singles are to be looked at when the request has ended.
    private final Set<StreamKey> unsettled = new LinkedHashSet<>();

    /// Series that are forgotten unless the request is undone.
    private final Set<StreamKey> stale = new LinkedHashSet<>();

    /// A series that only one has become.
    private static final class Single implements Passage {
        private final Source source;
        private final long refreshSeconds;
        private volatile boolean open = true;

        private Single(Source source, long refreshSeconds) {
            this.source = source;
            this.refreshSeconds = refreshSeconds;
        }

        @Override
        public boolean isOpen(long nowSeconds) {
            return open && nowSeconds < refreshSeconds;
        }
    }

    /// One that keeps what it must remember for each point in the log.
    ///
    /// @param name unique, the same after a restart: pipeline and stage
    public Reaggregation(String name, StateRoom room) {
        this(name, room, false);
    }

    /// @param name unique, the same after a restart: pipeline and stage
    /// @param first whether it sees the points as they came in, and changes identities only
    public Reaggregation(String name, StateRoom room, boolean first) {
        this.room = room;
        this.name = name;
        this.first = first;
        long max = Long.MAX_VALUE;
        aggregates = room.store(name + "/aggregates", Aggregate.CODEC, DAY_NANOS, max);
        members = room.store(name + "/members", Member.CODEC, DAY_NANOS, max);
        levels = room.store(name + "/levels", Member.CODEC, LEVEL_NANOS, max);
        room.stage(name, this);
        aggregates.onRestored(this::restored);
        aggregates.onStale((key, aggregate) -> {
            claims.forget(key.fingerprint());
            stale.add(key);
            unsettled.add(key);
        });
        members.onStale((key, member) -> leave(member, Way.RUNNING));
        levels.onStale((key, member) -> leave(member, Way.LEVEL));
    }

    private void restored(StreamKey key, Aggregate aggregate) {
        claims.gather(key.fingerprint());
        StreamKey only = aggregate.only();
        if (first && only != null) {
            Source source = room.sources.at(only);
            source.observe(
                    aggregate.lastTime(),
                    aggregate.valueTime(),
                    aggregate.start(),
                    aggregate.total());
            open(key, source);
        }
    }

    private void open(StreamKey key, Source source) {
        source.users++;
        singles.put(key, new Single(source, aggregates.seenNanos(key) / SECOND + REFRESH_SECONDS));
    }

    /// After a request that had the room to itself, kept or not: what passes is what the aggregates
    /// say.
    void settle() {
        for (StreamKey key : unsettled) {
            Single before = singles.remove(key);
            if (before != null) {
                before.open = false;
                before.source.users--;
            }
            Aggregate aggregate = aggregates.peek(key);
            StreamKey only = aggregate == null ? null : aggregate.only();
            if (first && only != null) {
                open(key, room.sources.at(only));
            }
            if (before != null) {
                room.sources.dropUnused(before.source.key);
            }
        }
        unsettled.clear();
        for (StreamKey key : stale) {
            if (aggregates.peek(key) == null) {
                claims.end(key.fingerprint());
            }
        }
        stale.clear();
    }

    /// The one source of a series that has left this stage; null if there are several. Itself where
    /// no other has become it.
    @Nullable StreamKey only(StreamKey key) {
        Aggregate aggregate = aggregates.peek(key);
        return aggregate == null ? key : aggregate.only();
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
    public String name() {
        return name;
    }

    @Override
    public boolean asks(Batch from) {
        return first && room.asks(name, from);
    }

    @Override
    public Aggregator.Claim claim(Series from, Series as, boolean lossy) {
        return claims.claim(from, as, lossy);
    }

    @Override
    public void hold() {
        room.share();
    }

    @Override
    public Pass begin(Batch from, Batch out) {
        Passing passing = first ? room.passing(from) : null;
        return new Pass() {
            private final Map<StreamKey, Group> groups = new LinkedHashMap<>();

            @Override
            public @Nullable Passage passage(Series source, Series as) {
                Single single = passing == null ? null : singles.get(StreamKey.of(as));
                return single != null && single.source.key.equals(StreamKey.of(source))
                        ? single
                        : null;
            }

            @Override
            public void claim(Series as) {
                room.enter();
                var key = StreamKey.of(as);
                unsettled.add(key);
                Single single = singles.get(key);
                if (single != null) {
                    single.open = false;
                }
            }

            @Override
            public void pass(Points points, int row, Passage passage) {
                if (passing != null) {
                    passing.note(points, row, ((Single) passage).source, isWitness());
                }
            }

            @Override
            public void keep(Points points, int row) {
                if (passing != null && isWitness()) {
                    passing.hold(points, row);
                }
            }

            private boolean isWitness() {
                return passing != null && passing.witness().equals(name);
            }

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
                    var made = new ArrayList<Made>();
                    groups.values().forEach(group -> aggregate(group, out, made, passing));
                    exemplars(from, made, out);
                }
            }
        };
    }

    private void aggregate(Group group, Batch out, List<Made> made, @Nullable Passing passing) {
        Aggregate before = aggregates.get(group.key);
        Claims.Claim founder = before == null ? claims.founder(group.as.fingerprint()) : null;
        if (founder != null) {
            before = founder.founded();
        }
        StreamKey only = before == null ? group.rows.getFirst().member : before.only();
        boolean single = only != null;
        for (Row row : group.rows) {
            single &= row.member.equals(only);
        }
        if (passing != null) {
            unsettled.add(group.key);
        }
        if (single && only != null && passing != null) {
            if (founder != null) {
                room.sources.at(only).observe(founder);
            }
            introduce(group, only, out, made, passing);
        } else if (single && only != null) {
            pass(group, before, only, out, made);
        } else {
            boolean ofSource = passing != null && only != null && founder == null;
            Aggregate now = ofSource && only != null ? alone(group, only) : before;
            new Merging(this, group, now, out, (row, to) -> made.add(new Made(row, to))).run();
        }
    }

    /// What the one source has come to.
    private @Nullable Aggregate alone(Group group, StreamKey only) {
        return aggregates.peek(group.key) == null
                ? null
                : room.sources.at(only).alone(Way.of(group.as.metric()).keepsValue());
    }

    /// The points of the only member pass; who it is is noted.
    private void introduce(
            Group group, StreamKey only, Batch out, List<Made> made, Passing passing) {
        if (!aggregates.put(group.key, new Aggregate(only, 0, 0, 0, 0, 0, null, 0))) {
            group.rows.forEach(row -> drop("limit"));
            return;
        }
        Source source = room.sources.at(only);
        for (Row row : group.rows) {
            passing.note(row.points, row.row, source, passing.witness().equals(name));
            made.add(new Made(row, out.copyRow(row.points, row.row, group.as)));
        }
    }

    /// The only member's points pass as they are; what it has come to is noted for when another
    /// joins it.
    private void pass(
            Group group, @Nullable Aggregate before, StreamKey only, Batch out, List<Made> made) {
        boolean keepsValue = Way.of(group.as.metric()).keepsValue();
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
