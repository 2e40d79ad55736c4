package dev.firn.engine;

import static dev.firn.engine.OpenWindows.BASE_UNKNOWN;
import static dev.firn.engine.OpenWindows.BY_SQL;
import static dev.firn.engine.OpenWindows.HAS_WINDOW;
import static dev.firn.engine.OpenWindows.UNWRITTEN;
import static dev.firn.engine.RollupMark.WINDOW_SECONDS;

import dev.firn.engine.RollupFirsts.First;
import dev.firn.engine.RollupMark.By;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Points;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The rollups' short way: each cut's points, once they are stored, are taken into their series'
/// open windows, and rows come from there. What is not simple is left to the statements that
/// compute from stored points, by marks: a series' points out of order or of equal time, a baseline
/// from before this process, a window that it has not seen from its start. Guarded by [RollupGate].
final class RollupWindows {
    /// More marks of series than this in one cut become marks of all series.
    private static final int SERIES_MARKS_MAX = 10_000;

    /// More series than this that wait for the closing of one window, too.
    private static final int WAITING_MAX = 20_000;

    private static final long IDLE_MINUTES = 60;

    private final OpenWindows[] cells = new OpenWindows[Points.Kind.values().length + 1];
    private final RollupRows[] pending = new RollupRows[cells.length];
    private final WindowFold fold;
    private final long unitNanos;
    private final int seriesMax;

    /// Windows of series that are computed from stored points once they are closed.
    private final Set<RollupMark> waiting = new HashSet<>();

    /// Times before which stored points may be unknown here, by kind; and by series where these are
    /// later. In the engine's precision.
    private final long[] horizon = new long[cells.length];

    private final Map<Long, Long> later = new HashMap<>();
    private final Map<Long, RollupMark> laterWindows = new HashMap<>();
    private boolean blind = true;

    /// First points that counted zero although they have a start.
    private List<First> firsts = new ArrayList<>();

    /// Start of the earliest closed window that points came into since the last look.
    private long behind = Long.MAX_VALUE;

    /// What marks of kind OPEN cover, by kind.
    private final long[] openFrom = new long[cells.length];

    private final long[] openTo = new long[cells.length];
    private List<Stored> open = new ArrayList<>();

    private byte[] verdicts = new byte[64];
    private int verdictCount;
    private @Nullable Object planned;
    private long minute;

    /// A mark that stands in the engine.
    record Stored(RollupMark mark, long version) {}

    /// What is to be written: rows and marks, then the deletion of marks.
    record Taken(List<RollupRows> rows, List<RollupMark> marks, List<Stored> done) {
        static final Taken NONE = new Taken(List.of(), List.of(), List.of());
    }

    /// @param seriesMax that have a cell, of each kind; others are left to the statements
    RollupWindows(TimePrecision precision, long firstPointAgeMaxMillis, int seriesMax) {
        this.fold = new WindowFold(precision, firstPointAgeMaxMillis);
        this.unitNanos = precision.unitNanos();
        this.seriesMax = seriesMax;
        for (Points.Kind kind : Points.Kind.values()) {
            boolean buckets =
                    kind == Points.Kind.HISTOGRAMS || kind == Points.Kind.EXPONENTIAL_HISTOGRAMS;
            cells[kind.code()] = new OpenWindows(buckets);
            pending[kind.code()] = new RollupRows(kind);
        }
    }

    /// Series that have a cell.
    int size() {
        int size = 0;
        for (Points.Kind kind : Points.Kind.values()) {
            size += cells[kind.code()].size();
        }
        return size;
    }

    /// Bytes of the cells.
    long bytes() {
        long bytes = 0;
        for (Points.Kind kind : Points.Kind.values()) {
            bytes += cells[kind.code()].bytes();
        }
        return bytes;
    }

    int pendingRows() {
        int rows = 0;
        for (Points.Kind kind : Points.Kind.values()) {
            rows += pending[kind.code()].size();
        }
        return rows;
    }

    /// Whether closed windows have points that only this memory speaks for.
    boolean hasOpenMarks() {
        return !open.isEmpty();
    }

    /// Whether a cut was looked at that may be stored in part. Rows must not speak for windows
    /// then: the cut may be given up.
    boolean cutOutstanding() {
        return planned != null;
    }

    /// True until [#begin]: what is stored is not known.
    boolean blind() {
        return blind;
    }

    /// Forgets everything: points were deleted, or it is not certain what was stored.
    void forget() {
        for (Points.Kind kind : Points.Kind.values()) {
            cells[kind.code()].retain(number -> false);
            pending[kind.code()] = new RollupRows(kind);
            openFrom[kind.code()] = 0;
            openTo[kind.code()] = 0;
        }
        waiting.clear();
        firsts.clear(); // their windows are computed from stored points
        later.clear();
        laterWindows.clear();
        blind = true;
        planned = null;
    }

    /// Marks of kind OPEN that [#forget] left: they mean stored points now.
    List<Stored> takeOpen() {
        List<Stored> left = open;
        open = new ArrayList<>();
        return left;
    }

    /// What is stored when nothing is known of it here: the newest time by kind.
    void begin(Map<Points.Kind, Long> newest) {
        newest.forEach((kind, time) -> horizon[kind.code()] = time);
        blind = false;
    }

    /// A series that has points after the newest time of [#begin].
    ///
    /// @param after that time
    void beginLater(Points.Kind kind, int metricId, long id, long newest, long after) {
        later.put(id, newest);
        long from = seconds(after);
        long to = RollupMark.window(seconds(newest)) + WINDOW_SECONDS;
        laterWindows.put(
                id, new RollupMark(kind, metricId, id, RollupMark.window(from), to, By.CLOSED));
    }

    /// Up to where stored points may be unknown here, seconds.
    long horizonSeconds(Points.Kind kind) {
        return seconds(horizon[kind.code()]);
    }

    private long seconds(long units) {
        return Math.floorDiv(units, 1_000_000_000L / unitNanos);
    }

    // ---- before a cut is stored

    /// Looks at a cut before it is stored.
    ///
    /// @param token names the cut: the same again if it is tried again
    /// @param closed windows that end until then are closed, seconds
    /// @return marks that must be durable before its points are
    List<RollupMark> plan(CutRows rows, RowOrder[] orders, Object token, long closed) {
        if (planned != null && !planned.equals(token)) {
            forget(); // the cut before was given up, in part perhaps
        }
        planned = token;
        verdictCount = 0;
        var marks = new HashSet<RollupMark>();
        var needed = new ArrayList<RollupMark>();
        for (Points.Kind kind : Points.Kind.values()) {
            long[] range = {Long.MAX_VALUE, Long.MIN_VALUE};
            SeriesRuns.forEach(
                    rows,
                    kind,
                    orders,
                    (order, from, to) -> plan(rows, kind, order, from, to, closed, marks, range));
            if (range[0] < range[1]) {
                open(kind, range, needed);
            }
        }
        if (waiting.size() > WAITING_MAX) {
            RollupMark.coarsen(waiting, Long.MAX_VALUE);
        }
        if (marks.size() > SERIES_MARKS_MAX) {
            RollupMark.coarsen(marks, closed);
        }
        needed.addAll(marks);
        return needed;
    }

    /// Those marks were written.
    void written(List<RollupMark> marks, long version) {
        for (RollupMark mark : marks) {
            if (mark.by() == By.OPEN) {
                openFrom[mark.kind().code()] = mark.from();
                openTo[mark.kind().code()] = mark.to();
                open.add(new Stored(mark, version));
            }
        }
    }

    private void open(Points.Kind kind, long[] range, List<RollupMark> needed) {
        long from = openFrom[kind.code()];
        long to = openTo[kind.code()];
        if (range[0] >= from && range[1] <= to) {
            return;
        }
        // The end at a whole hour, so that a mark serves many cuts; the start as it is, because
        // views read points from there on.
        long low = range[0];
        long high = RollupMark.hour(range[1] + RollupMark.HOUR_SECONDS - 1);
        needed.add(
                RollupMark.all(
                        kind,
                        from == to ? low : Math.min(from, low),
                        from == to ? high : Math.max(to, high),
                        By.OPEN));
    }

    private void plan(
            CutRows rows,
            Points.Kind kind,
            int[] order,
            int from,
            int to,
            long closed,
            Set<RollupMark> marks,
            long[] range) {
        Points points = rows.points.points(kind);
        int number = cell(rows, kind, order[from], true);
        boolean simple =
                number >= 0 && isSimple(cells[kind.code()], number, points, order, from, to);
        verdict(simple);
        long first = window(points.time[order[from]]);
        if (simple) {
            if (first < closed) {
                long last = window(points.time[order[to - 1]]) + WINDOW_SECONDS;
                behind = Math.min(behind, first);
                range[0] = Math.min(range[0], first);
                range[1] = Math.max(range[1], Math.min(last, closed));
            }
            return;
        }
        int slot = rows.slots(kind)[order[from]];
        int metricId = rows.series.metricId[slot];
        long id = rows.series.id[slot];
        long before = Long.MIN_VALUE;
        for (int i = from; i < to; i++) {
            long window = window(points.time[order[i]]);
            if (window != before) {
                mark(kind, metricId, id, window, closed, marks);
                before = window;
            }
        }
        OpenWindows its = cells[kind.code()];
        if (number >= 0 && its.touched(number) != 0) {
            its.flag(number, BY_SQL);
            long window = its.get(number, OpenWindows.WINDOW);
            mark(kind, metricId, id, window, closed, marks);
        }
    }

    private void mark(
            Points.Kind kind,
            int metricId,
            long id,
            long window,
            long closed,
            Set<RollupMark> marks) {
        if (window >= RollupMark.WINDOWS_END) {
            return;
        }
        boolean late = window < closed;
        if (late) {
            behind = Math.min(behind, window);
        }
        var mark =
                new RollupMark(
                        kind,
                        metricId,
                        id,
                        window,
                        window + WINDOW_SECONDS,
                        late ? By.LATE : By.CLOSED);
        (late ? marks : waiting).add(mark);
    }

    private void verdict(boolean simple) {
        if (verdictCount == verdicts.length) {
            verdicts = Arrays.copyOf(verdicts, verdictCount * 2);
        }
        verdicts[verdictCount++] = (byte) (simple ? 1 : 0);
    }

    private boolean isSimple(
            OpenWindows its, int number, Points points, int[] order, int from, int to) {
        long before = its.get(number, OpenWindows.SEEN);
        if (its.has(number, BASE_UNKNOWN)) {
            return false;
        }
        if (its.has(number, BY_SQL)
                && window(points.time[order[from]]) == its.get(number, OpenWindows.WINDOW)) {
            return false;
        }
        for (int i = from; i < to; i++) {
            long time = Math.floorDiv(points.time[order[i]], unitNanos);
            if (time <= before) {
                return false;
            }
            before = time;
        }
        return true;
    }

    private static long window(long nanos) {
        return RollupMark.window(Math.floorDiv(nanos, 1_000_000_000L));
    }

    /// The cell of a row's series; -1 if it has none.
    private int cell(CutRows rows, Points.Kind kind, int row, boolean make) {
        CutSeries series = rows.series;
        int slot = rows.slots(kind)[row];
        OpenWindows its = cells[kind.code()];
        int number = its.find(series.id[slot], series.cell[slot]);
        if (number < 0 && make && !blind && its.size() < seriesMax) {
            number = add(series, slot, kind);
        }
        series.cell[slot] = number;
        return number;
    }

    private int add(CutSeries series, int slot, Points.Kind kind) {
        OpenWindows its = cells[kind.code()];
        long id = series.id[slot];
        int number = its.add(id);
        its.set(
                number,
                OpenWindows.METRIC,
                (long) series.metricId[slot] << 32 | series.retentionDays[slot]);
        Metric metric = series.series[slot].metric();
        boolean delta = metric.temporality() == Temporality.DELTA;
        boolean counts =
                kind != Points.Kind.NUMBERS
                        || metric.type() == MetricType.SUM && (delta || metric.monotonic());
        its.set(
                number,
                OpenWindows.FLAGS,
                (delta ? OpenWindows.DELTA : 0) | (counts ? OpenWindows.COUNTS : 0));
        if (!series.fresh[slot]) {
            // Stored points may be unknown here up to the horizon; the window that it falls into
            // was not seen from its start.
            long seen = later.getOrDefault(id, horizon[kind.code()]);
            its.set(number, OpenWindows.SEEN, seen);
            its.set(number, OpenWindows.WINDOW, RollupMark.window(seconds(seen)));
            its.flag(number, HAS_WINDOW | BY_SQL);
            if (needsBase(its, number)) {
                its.flag(number, BASE_UNKNOWN);
            }
        }
        return number;
    }

    private static boolean needsBase(OpenWindows its, int number) {
        return its.has(number, OpenWindows.COUNTS) && !its.has(number, OpenWindows.DELTA);
    }

    // ---- after a cut is stored

    /// Takes in the points of the cut that was planned last; all of them are stored.
    void fold(CutRows rows, RowOrder[] orders, long closed, long nowMinute) {
        minute = nowMinute;
        int[] next = {0};
        for (Points.Kind kind : Points.Kind.values()) {
            SeriesRuns.forEach(
                    rows,
                    kind,
                    orders,
                    (order, from, to) -> {
                        int number = cell(rows, kind, order[from], false);
                        if (verdicts[next[0]++] == 1) {
                            fold(rows, kind, number, order, from, to);
                        } else if (number >= 0) {
                            pass(rows, kind, number, order, from, to, closed);
                        }
                    });
        }
        planned = null;
    }

    private void fold(CutRows rows, Points.Kind kind, int number, int[] order, int from, int to) {
        OpenWindows its = cells[kind.code()];
        Points points = rows.points.points(kind);
        boolean baseless = needsBase(its, number) && its.get(number, OpenWindows.LAST_TIME) == 0;
        for (int i = from; i < to; i++) {
            int row = order[i];
            long window = window(points.time[row]);
            if (!its.has(number, HAS_WINDOW) || window != its.get(number, OpenWindows.WINDOW)) {
                finish(kind, number);
                WindowFold.begin(its, number, window);
            }
            its.flag(number, UNWRITTEN);
            if (!fold.add(its, number, rows, points, row)) {
                its.flag(number, BY_SQL);
            }
            if (baseless && its.get(number, OpenWindows.LAST_TIME) != 0) {
                baseless = false;
                noteFirst(kind, number, rows.series.retentionDays[rows.slots(kind)[row]]);
            }
        }
        its.set(number, OpenWindows.SEEN, Math.floorDiv(points.time[order[to - 1]], unitNanos));
        its.touch(number, minute);
        int slot = rows.slots(kind)[order[to - 1]];
        long metric = its.get(number, OpenWindows.METRIC) & 0xffff_ffff_0000_0000L;
        its.set(number, OpenWindows.METRIC, metric | rows.series.retentionDays[slot]);
    }

    /// The series' first point with a value was taken in.
    private void noteFirst(Points.Kind kind, int number, int retentionDays) {
        OpenWindows its = cells[kind.code()];
        boolean unknown = its.get(number, OpenWindows.UNKNOWN_RESETS) >>> 32 != 0;
        long time = its.get(number, OpenWindows.LAST_TIME);
        long start = its.get(number, OpenWindows.LAST_START);
        if (unknown && start != 0 && start != time) {
            int metricId = (int) (its.get(number, OpenWindows.METRIC) >>> 32);
            long id = its.get(number, OpenWindows.ID);
            firsts.add(new First(kind, metricId, id, time, start, retentionDays));
        }
    }

    /// Takes the first points that came since the last call.
    List<First> takeFirsts() {
        List<First> taken = firsts;
        firsts = new ArrayList<>();
        return taken;
    }

    /// Takes the start of the earliest closed window that points came into since the last call;
    /// `Long.MAX_VALUE` if none did.
    long takeBehind() {
        long taken = behind;
        behind = Long.MAX_VALUE;
        return taken;
    }

    /// A first point counts after all: its window is computed from stored points.
    ///
    /// @param closed windows that end until then are closed, seconds
    /// @param late takes the marks of closed windows
    void recount(First first, long closed, Set<RollupMark> late) {
        long window = RollupMark.window(seconds(first.time()));
        mark(first.kind(), first.metricId(), first.id(), window, closed, late);
        OpenWindows its = cells[first.kind().code()];
        int number = its.find(first.id(), -1);
        if (number >= 0
                && its.has(number, HAS_WINDOW)
                && its.get(number, OpenWindows.WINDOW) == window) {
            its.flag(number, BY_SQL);
        }
    }

    /// The series goes on to another window: what the one before says is ready.
    private void finish(Points.Kind kind, int number) {
        OpenWindows its = cells[kind.code()];
        if (!its.has(number, HAS_WINDOW)
                || !its.has(number, UNWRITTEN)
                || its.get(number, OpenWindows.WINDOW) >= RollupMark.WINDOWS_END) {
            return;
        }
        if (its.has(number, BY_SQL)) {
            waiting.add(mark(kind, number));
        } else {
            pending[kind.code()].add(its, number);
        }
    }

    private RollupMark mark(Points.Kind kind, int number) {
        OpenWindows its = cells[kind.code()];
        long window = its.get(number, OpenWindows.WINDOW);
        return new RollupMark(
                kind,
                (int) (its.get(number, OpenWindows.METRIC) >>> 32),
                its.get(number, OpenWindows.ID),
                window,
                window + WINDOW_SECONDS,
                By.CLOSED);
    }

    /// Passes points that marks speak for: what is the newest, what the baseline.
    private void pass(
            CutRows rows,
            Points.Kind kind,
            int number,
            int[] order,
            int from,
            int to,
            long closed) {
        OpenWindows its = cells[kind.code()];
        Points points = rows.points.points(kind);
        long seen = its.get(number, OpenWindows.SEEN);
        for (int i = from; i < to; i++) {
            int row = order[i];
            long time = Math.floorDiv(points.time[row], unitNanos);
            boolean usable = WindowFold.usable(rows, points, row);
            if (time > seen) {
                seen = time;
                if (usable) {
                    fold.base(its, number, rows, points, row);
                    its.unflag(number, BASE_UNKNOWN);
                }
            } else if (usable
                    && needsBase(its, number)
                    && time >= its.get(number, OpenWindows.LAST_TIME)) {
                its.flag(number, BASE_UNKNOWN);
            }
        }
        its.set(number, OpenWindows.SEEN, seen);
        its.touch(number, minute);
        long window = RollupMark.window(seconds(seen));
        if (!its.has(number, HAS_WINDOW) || window != its.get(number, OpenWindows.WINDOW)) {
            finish(kind, number);
            WindowFold.begin(its, number, window);
        }
        its.flag(number, BY_SQL);
        if (window >= closed) {
            its.flag(number, UNWRITTEN); // a mark is due when it is closed
        }
    }

    // ---- by the worker

    /// Takes the rows of windows that their series have gone on from.
    Taken takeFinished() {
        return new Taken(takeRows(), List.of(), List.of());
    }

    /// Takes all that is to be said of closed windows, and rows of windows that their series have
    /// gone on from.
    Taken takeClosed(long closed) {
        for (Points.Kind kind : Points.Kind.values()) {
            OpenWindows its = cells[kind.code()];
            for (int number = 0; number < its.size(); number++) {
                long flags = its.get(number, OpenWindows.FLAGS);
                if ((flags & UNWRITTEN) != 0 && its.get(number, OpenWindows.WINDOW) < closed) {
                    finish(kind, number);
                    its.unflag(number, UNWRITTEN);
                }
            }
        }
        var marks = new ArrayList<RollupMark>();
        waiting.removeIf(mark -> {
            boolean due = mark.from() < closed;
            if (due) {
                marks.add(mark);
            }
            return due;
        });
        Arrays.fill(openFrom, 0);
        Arrays.fill(openTo, 0);
        return new Taken(takeRows(), marks, takeOpen());
    }

    /// Windows in a range, closed now, of which points were stored before [#begin].
    List<RollupMark> unseen(long from, long to) {
        var marks = new ArrayList<RollupMark>();
        for (RollupMark mark : laterWindows.values()) {
            long low = Math.max(mark.from(), from);
            long high = Math.min(mark.to(), to);
            for (long at = low; at < high; at += WINDOW_SECONDS) {
                marks.add(
                        new RollupMark(
                                mark.kind(),
                                mark.metricId(),
                                mark.id(),
                                at,
                                at + WINDOW_SECONDS,
                                By.CLOSED));
            }
        }
        return marks;
    }

    /// What [#unseen] told was written.
    boolean forgetLater(long to) {
        return laterWindows.values().removeIf(mark -> mark.to() <= to);
    }

    private List<RollupRows> takeRows() {
        var rows = new ArrayList<RollupRows>();
        for (Points.Kind kind : Points.Kind.values()) {
            if (pending[kind.code()].size() > 0) {
                rows.add(pending[kind.code()]);
                pending[kind.code()] = new RollupRows(kind);
            }
        }
        return rows;
    }

    /// Gives up the cells of series that have been silent for an hour.
    void retire(long closed, long nowMinute) {
        for (Points.Kind kind : Points.Kind.values()) {
            OpenWindows its = cells[kind.code()];
            long latest = horizon[kind.code()];
            int silent = 0;
            for (int number = 0; number < its.size(); number++) {
                if (!isKept(its, number, closed, nowMinute)) {
                    latest = Math.max(latest, its.get(number, OpenWindows.SEEN));
                    silent++;
                }
            }
            if (silent > 0) {
                horizon[kind.code()] = latest;
                its.retain(number -> isKept(its, number, closed, nowMinute));
            }
        }
    }

    private static boolean isKept(OpenWindows its, int number, long closed, long nowMinute) {
        return its.has(number, UNWRITTEN)
                || its.get(number, OpenWindows.WINDOW) >= closed
                || nowMinute - its.touched(number) < IDLE_MINUTES;
    }
}
