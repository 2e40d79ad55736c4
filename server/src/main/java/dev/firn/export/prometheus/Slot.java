package dev.firn.export.prometheus;

import dev.firn.export.prometheus.Targets.Target;
import dev.firn.model.Exemplars;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Temporality;

/// The last point of a series, deltas added up to a cumulative one: metrics/data-model.md, "Sums:
/// Delta-to-Cumulative". Locked for the moment of an update or of printing it into memory.
abstract sealed class Slot permits NumberSlot, HistogramSlot, ExponentialSlot, SummarySlot {
    /// What became of a point.
    enum Outcome {
        /// The point is shown.
        TAKEN(""),
        /// The slot has left the page; its series must be looked up anew.
        GONE(""),
        /// Its time is before that of the point that is shown, or a delta's is not after it.
        OLDER("older"),
        /// Its numbers contradict each other, or Prometheus has no form for them.
        SHAPE("shape"),
        /// An exponential histogram with a scale below -4.
        SCALE("scale"),
        /// An exponential histogram without a sum.
        NO_SUM("no_sum");

        private final String reason;

        Outcome(String reason) {
            this.reason = reason;
        }

        /// Label of the counter of dropped points.
        String reason() {
            return reason;
        }
    }

    private Series owner;
    private Target target;
    private long time = Long.MIN_VALUE;
    private long start;
    private long updatedTicks;
    private boolean hidden = true;
    private boolean changed;
    private boolean gone;

    Slot(Series owner, Target target) {
        this.owner = owner;
        this.target = target;
    }

    /// Stores a point's values if they are good.
    ///
    /// @param adding the point goes on from the one stored; to be added where it fits, else stored
    /// @return TAKEN or the reason why nothing changed
    abstract Outcome put(Points points, int row, boolean adding);

    /// Whether the last [#put] added, so that the start stays.
    abstract boolean added();

    /// Keeps an exemplar of the point that is stored.
    abstract void keep(Exemplar exemplar);

    /// Takes a point.
    final synchronized Outcome take(Points points, int row, Target from, long nowTicks) {
        if (gone) {
            return Outcome.GONE;
        }
        Series series = points.series[row];
        long pointTime = points.time[row];
        if ((points.flags[row] & Points.NO_RECORDED_VALUE) != 0) {
            return hide(pointTime, nowTicks);
        }
        boolean delta = series.metric().temporality() == Temporality.DELTA;
        if (delta ? pointTime <= time : pointTime < time) {
            return Outcome.OLDER;
        }
        long pointStart = points.start[row];
        boolean adding = delta && !hidden && time > 0 && (pointStart == 0 || pointStart >= time);
        Outcome outcome = put(points, row, adding);
        if (outcome != Outcome.TAKEN) {
            return outcome;
        }
        if (!adding || !added()) {
            start = pointStart == pointTime ? 0 : pointStart; // equal: the start is not known
        }
        changed = !hidden && owner != series && !sameIdentity(owner, series);
        time = pointTime;
        owner = series;
        target = from;
        updatedTicks = nowTicks;
        hidden = false;
        return Outcome.TAKEN;
    }

    private static boolean sameIdentity(Series one, Series other) {
        return one.fingerprint().equals(other.fingerprint());
    }

    /// Once true after a point came from another stream than the one before.
    final synchronized boolean takeChange() {
        boolean was = changed;
        changed = false;
        return was;
    }

    private Outcome hide(long markerTime, long nowTicks) {
        if (markerTime < time) {
            return Outcome.OLDER;
        }
        time = markerTime;
        updatedTicks = nowTicks; // remembered, so that a late point does not bring the series back
        hidden = true;
        return Outcome.TAKEN;
    }

    /// Keeps an exemplar, if its point is the one that is shown.
    final synchronized void offer(Exemplars exemplars, int index, Series from, long pointTime) {
        if (!hidden && !gone && from == owner && pointTime == time) {
            keep(new Exemplar(exemplars, index));
        }
    }

    /// Whether the page has it.
    final synchronized boolean shown(long oldestTicks) {
        return visible(oldestTicks);
    }

    /// The same for who holds the lock.
    final boolean visible(long oldestTicks) {
        return !hidden && !gone && updatedTicks - oldestTicks >= 0;
    }

    /// Leaves the page for good if it was not updated since.
    final synchronized boolean leave(long oldestTicks) {
        if (updatedTicks - oldestTicks < 0) {
            gone = true;
        }
        return gone;
    }

    /// Whether it has left the page.
    final synchronized boolean left() {
        return gone;
    }

    /// Leaves the page for one of another shape.
    final synchronized void giveUp() {
        gone = true;
    }

    /// A slot without a point yet counts as updated when it was made.
    final synchronized void begin(long nowTicks) {
        updatedTicks = nowTicks;
    }

    /// The series whose point is stored.
    final synchronized Series owner() {
        return owner;
    }

    final synchronized Target target() {
        return target;
    }

    /// Under the lock: the point's time in nanoseconds.
    final long time() {
        return time;
    }

    /// Under the lock: when the series began, 0 if unknown.
    final long start() {
        return start;
    }
}
