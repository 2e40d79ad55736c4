package dev.firn.analyse.cost;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.query.CostBook;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Counts what was acknowledged: a sink of the log, whose counts and place in the log are written
/// together, so that each cut counts once whatever happens to the process. The hour of a point is
/// that in which its cut is read, a second or so after it was acknowledged; it never falls, so that
/// hours that are over stay as they are.
public final class CutMeter implements Worker.Duty {
    /// As the log knows it.
    public static final String SINK = "cost";

    /// Series that are remembered.
    private static final int SERIES_MAX = 4_000_000;

    private static final long WAIT_MILLIS = 1_000;
    private static final long WRITE_MILLIS = 10_000;
    private static final int HOUR_MILLIS = 3_600_000;
    private static final int HOUR_SECONDS = 3_600;

    private final CutLog log;
    private final CostBook book;
    private final BatchMeter meter;
    private final @Nullable AdmittedTally tally;
    private final Clock clock;
    private final Counter missedCuts;
    private final Counter points;
    private final Counter leftOut;
    private CostBook.Place written;
    private long cut;
    private long missed;
    private long unknownTo;
    private int hour;
    private long writtenTicks;

    /// @param teamAttribute empty for none
    /// @param groupsMax groups that are told apart
    /// @param tallies whether to tell what each cut admitted
    public CutMeter(
            CutLog log,
            CostBook book,
            String teamAttribute,
            int groupsMax,
            boolean tallies,
            Clock clock,
            OwnMetrics metrics) {
        this.log = log;
        this.book = book;
        this.clock = clock;
        this.tally = tallies ? new AdmittedTally() : null;
        this.missedCuts =
                metrics.counter(
                        "firn_cost_missed_cuts",
                        "Cuts of the log that were gone before they were metered.");
        this.points = metrics.counter("firn_cost_points", "Points that were metered.");
        this.leftOut =
                metrics.counter(
                        "firn_cost_series_left_out",
                        "Sightings of series that were not metered as active or new, because too many are.");
        written = book.place(log.writer());
        cut = Math.min(written.cut(), log.newest()); // less: the log is older than the book
        missed = written.missed();
        unknownTo = book.unknownTo(log.writer(), cut);
        hour = written.hour();
        var series = new MeteredSeries(SERIES_MAX);
        book.series(
                hourNow() - BatchMeter.NEW_AFTER_HOURS,
                (id, seen) -> {
                    if (!series.full()) {
                        series.add(id, seen);
                    }
                });
        meter = new BatchMeter(series, teamAttribute, groupsMax);
        log.release(SINK, cut);
    }

    private int hourNow() {
        return (int) (clock.millis() / HOUR_MILLIS);
    }

    @Override
    public void run() throws InterruptedException {
        long oldest = log.oldest();
        if (oldest > cut + 1) {
            if (cut > 0) { // else it is the first start, and what went was never to be metered
                missed += oldest - cut - 1;
                missedCuts.inc(oldest - cut - 1);
            }
            cut = oldest - 1;
            unknownTo = cut;
        }
        Cut next = log.next(cut, WAIT_MILLIS);
        if (next != null) {
            take(next);
        }
        if (clock.ticks() - writtenTicks >= WRITE_MILLIS * 1_000_000) {
            write();
        }
    }

    private void take(Cut next) {
        int now = Math.max(hour, hourNow());
        if (now > hour) {
            write();
            hour = now;
        }
        boolean whole = false;
        try {
            next.read(batch -> {
                meter.take(batch, hour);
                if (tally != null) {
                    tally.take(batch);
                }
            });
            if (tally != null) {
                tally.cut(next.sequence());
            }
            whole = true;
        } finally {
            if (!whole) { // from the last place that was written
                meter.undo();
                clearTally();
                cut = written.cut();
            }
        }
        cut = next.sequence();
        points.inc(next.points());
    }

    /// Writes what was counted.
    void write() {
        writtenTicks = clock.ticks();
        if (cut == written.cut() && missed == written.missed()) {
            return;
        }
        List<CostBook.Entry> entries =
                entries(meter.counted(), hour * (long) HOUR_SECONDS, HOUR_SECONDS);
        var place = new CostBook.Place(cut, hour, missed);
        book.add(
                log.writer(),
                place,
                entries,
                meter.touched(),
                tally == null ? List.of() : tally.admitted(),
                tally == null ? cut : unknownTo);
        leftOut.inc(meter.seriesLeftOut());
        meter.clear();
        clearTally();
        written = place;
        log.release(SINK, cut);
    }

    private void clearTally() {
        if (tally != null) {
            tally.clear();
        }
    }

    /// Quantities as they are written.
    static List<CostBook.Entry> entries(Quantities quantities, long period, long seconds) {
        var entries = new ArrayList<CostBook.Entry>();
        for (Map.Entry<Quantities.Key, Long> one : quantities.all().entrySet()) {
            Group group = one.getKey().group();
            entries.add(
                    new CostBook.Entry(
                            period,
                            seconds,
                            one.getKey().meter().label(),
                            group.dataPlaneId(),
                            group.environment(),
                            group.serviceName(),
                            group.team(),
                            group.metric(),
                            group.source(),
                            one.getValue()));
        }
        return entries;
    }

    @Override
    public void onClose() {
        write();
    }
}
