package dev.firn.process.state;

import dev.firn.model.Batch;
import dev.firn.model.ExponentialValue;
import dev.firn.model.HistogramValue;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.process.state.Reaggregation.Group;
import dev.firn.process.state.Reaggregation.Row;
import dev.firn.process.state.Reaggregation.Way;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One request's points of several series that have become one.
final class Merging {
    /// Where a row has gone.
    interface Sink {
        void made(Row from, int row);
    }

    private final Reaggregation owner;
    private final Group group;
    private final Way way;
    private final Batch out;
    private final Sink sink;
    private final boolean founding;
    private final StreamStore<Member> members;
    private Aggregate now;
    private RunningTotal total;
    private boolean someKnown;

    /// Rows whose values are in the total and in no point yet.
    private final List<Row> pending = new ArrayList<>();

    Merging(Reaggregation owner, Group group, @Nullable Aggregate before, Batch out, Sink sink) {
        this.owner = owner;
        this.group = group;
        this.way = Way.of(group.as.metric());
        this.out = out;
        this.sink = sink;
        this.members = way == Way.LEVEL ? owner.levels : owner.members;
        this.founding = before == null;
        this.now = before == null ? founded() : before;
        this.total = new RunningTotal(now.total(), now.low());
    }

    private static boolean isKnown(Row row) {
        return row.start() != 0 && row.start() < row.time();
    }

    /// The series that are there from the beginning count in full; but where some began at a known
    /// time, those that did not count from here on.
    private Aggregate founded() {
        someKnown = group.rows.stream().anyMatch(row -> isKnown(row) && !row.isMarker());
        long start =
                group.rows.stream()
                        .filter(row -> !row.isMarker() && (isKnown(row) || !someKnown))
                        .mapToLong(Row::start)
                        .min()
                        .orElse(0);
        long first = group.rows.stream().mapToLong(Row::time).min().orElse(0);
        return new Aggregate(null, 0, start, start == 0 ? first : start, 0, 0, null, 0);
    }

    void run() {
        if (!owner.aggregates.put(group.key, now)) {
            group.rows.forEach(row -> owner.drop("limit"));
            return;
        }
        StreamKey only = now.only();
        if (only != null) {
            joined(only);
        }
        List<Row> rows = new ArrayList<>(group.rows);
        rows.sort(Comparator.comparingLong(Row::time));
        for (int i = 0; i < rows.size(); ) {
            int from = i;
            long time = at(rows.get(from));
            while (i < rows.size() && at(rows.get(i)) == time) {
                i++;
            }
            take(rows.subList(from, i), time);
        }
        pending.clear();
        owner.aggregates.put(group.key, now.withTotal(total.value(), total.low()));
    }

    /// Late deltas count at the first moment that is free; all others at their own.
    private long at(Row row) {
        return way == Way.DELTA ? Math.max(row.time(), now.lastTime() + 1) : row.time();
    }

    /// Until now there was one member only.
    private void joined(StreamKey only) {
        PointValue value = now.total();
        long live = 0;
        if (value != null) {
            value = withoutExtremes(value);
            var first = new Member(group.key, now.valueTime(), now.start(), false, value);
            live = members.put(only, first) ? 1 : 0;
        }
        long floor = now.start() == 0 ? now.lastTime() : now.start();
        now = new Aggregate(null, now.lastTime(), now.start(), floor, 0, live, value, 0);
        total = new RunningTotal(value, 0);
    }

    private void take(List<Row> rows, long time) {
        switch (way) {
            case NEWEST -> newest(rows, time);
            case DELTA -> deltas(rows, time);
            case RUNNING, LEVEL -> cumulatives(rows, time);
        }
    }

    private void newest(List<Row> rows, long time) {
        Row winner = null;
        for (Row row : rows) {
            if (row.isMarker() || time <= now.lastTime()) {
                owner.drop(row.isMarker() ? "marker" : "older");
            } else {
                if (winner != null) {
                    owner.drop("older");
                }
                winner = row;
            }
        }
        if (winner != null) {
            sink.made(winner, out.copyRow(winner.points(), winner.row(), group.as));
            now = now.withLastTime(time);
        }
    }

    private void deltas(List<Row> rows, long time) {
        PointValue sum = null;
        long start = Long.MAX_VALUE;
        boolean late = false;
        for (Row row : rows) {
            PointValue value = row.isMarker() ? null : valueOf(row);
            if (value == null) {
                owner.drop(row.isMarker() ? "marker" : "no_value");
                continue;
            }
            sum = sum == null ? value : sum.plus(value);
            start = row.start() == 0 ? start : Math.min(start, row.start());
            late |= row.time() != time;
            pending.add(row);
        }
        if (sum != null) {
            long from = late ? now.lastTime() : start == Long.MAX_VALUE ? 0 : start;
            emit(sum, time, from);
        }
    }

    private void cumulatives(List<Row> rows, long time) {
        boolean changed = false;
        for (Row row : rows) {
            changed |= row.isMarker() ? end(row) : cumulative(row);
        }
        if (time <= now.lastTime() || !changed) {
            return;
        }
        PointValue value = total.value();
        if (now.live() == 0 && rows.getLast().isMarker()) {
            Row marker = rows.getLast();
            out.copyRow(marker.points(), marker.row(), group.as);
            now = now.withLastTime(time);
        } else if (value != null) {
            emit(value, time, now.start());
        }
    }

    private void emit(PointValue value, long time, long start) {
        Row last = pending.isEmpty() ? group.rows.getLast() : pending.getLast();
        int flags = last.flags() & ~Points.NO_RECORDED_VALUE;
        int row = value.addTo(out, group.as, time, start, flags);
        pending.forEach(one -> sink.made(one, row));
        pending.clear();
        now = now.withLastTime(time);
    }

    /// A member's stream has ended. Of a sum that may fall, its value goes; what others have grown
    /// by stays, and the member may come back.
    private boolean end(Row row) {
        Member member = member(row);
        if (member == null || member.ended() || row.time() <= member.time()) {
            owner.drop("marker");
            return false;
        }
        if (way == Way.LEVEL) {
            total.add(((NumberValue) member.value()).negated());
        }
        now = now.withLive(now.live() - 1);
        var ended = new Member(group.key, row.time(), member.start(), true, member.value());
        members.put(row.member(), ended);
        return true;
    }

    private @Nullable Member member(Row row) {
        // what went stale just now changes the aggregate in the store: bring both together
        owner.aggregates.put(group.key, now.withTotal(total.value(), total.low()));
        Member member = members.get(row.member());
        now = Objects.requireNonNull(owner.aggregates.get(group.key));
        total = new RunningTotal(now.total(), now.low());
        return member != null && member.of().equals(group.key) ? member : null;
    }

    private boolean cumulative(Row row) {
        PointValue value = valueOf(row);
        if (value == null) {
            owner.drop("no_value");
            return false;
        }
        value = withoutExtremes(value);
        Member before = member(row);
        if (before != null && row.time() <= before.time()) {
            owner.drop("out_of_order");
            return false;
        }
        var after = new Member(group.key, row.time(), row.start(), false, value);
        if (!members.put(row.member(), after)) {
            owner.drop("limit");
            return false;
        }
        if (before == null || before.ended()) {
            now = now.withLive(now.live() + 1);
        }
        pending.add(row);
        if (way == Way.LEVEL) {
            if (before != null && !before.ended()) {
                total.add(((NumberValue) before.value()).negated());
            }
            total.add(value);
        } else {
            grow(before, row, value);
        }
        return true;
    }

    private void grow(@Nullable Member before, Row row, PointValue value) {
        if (before == null) {
            boolean counts =
                    founding
                            ? isKnown(row) || !someKnown
                            : isKnown(row) && row.start() >= now.floor();
            if (counts) {
                total.add(value);
            }
        } else if (restarted(before, row)) {
            if (isKnown(row)) { // else it begins at an unknown time, and counts from here on
                total.add(value);
            }
        } else if (value.minus(before.value()) == null) {
            total.add(value); // a reset that no start time tells of
        } else {
            total.add(before.value(), value);
        }
    }

    private static boolean restarted(Member before, Row row) {
        return row.start() != 0
                && before.start() != 0
                && row.start() > before.start()
                && row.start() >= before.time();
    }

    /// The value of a row; null if it has none that could be added.
    static @Nullable PointValue valueOf(Row row) {
        PointValue value = PointValue.of(row.points(), row.row());
        return value instanceof NumberValue number && Double.isNaN(number.real()) ? null : value;
    }

    /// Minimum and maximum of a cumulative stream say nothing about what it has grown by.
    private static PointValue withoutExtremes(PointValue value) {
        return switch (value) {
            case NumberValue number -> number;
            case HistogramValue histogram -> histogram.withoutExtremes();
            case ExponentialValue exponential -> exponential.withoutExtremes();
        };
    }

    /// The aggregate with a value taken off its total.
    static Aggregate without(Aggregate aggregate, PointValue value) {
        var total = new RunningTotal(aggregate.total(), aggregate.low());
        total.add(((NumberValue) value).negated());
        return aggregate.withTotal(total.value(), total.low());
    }
}
