package dev.firn.analyse.quality;

import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Series;
import dev.firn.model.Temporality;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is remembered of a series: its newest point, its interval, its resets of the last hour.
final class Stream {
    private static final int RESETS_MAX = 64;
    private static final int[] NONE = new int[0];

    final Group group;
    final int metricId;
    final long id;

    /// A smaller value means that it began anew.
    final boolean counter;

    /// Its points are increases.
    final boolean delta;

    /// It cannot be negative.
    final boolean monotonic;

    final Cadence cadence = new Cadence();

    /// Minute when it came as a new one; 0 if it was there before.
    final int born;

    /// An attribute that it should have; null if it has all.
    final @Nullable String lacks;

    /// Minute when it was last seen.
    int touched;

    /// It is not among those of the watch any more.
    boolean retired;

    /// The newest point is a stale marker.
    boolean ended;

    /// Newest point: nanoseconds since 1970 (0 for none), start, and what it says.
    long time;

    long start;
    long value;
    long second;

    /// Points that were taken for left out and have not come since.
    long missed;

    /// Hash of a histogram's bounds.
    int bounds;

    /// Minutes of resets, the oldest first.
    private int[] resets = NONE;

    private int resetsSize;

    Stream(Series series, Group group, int born) {
        Metric metric = series.metric();
        boolean number = metric.type() == MetricType.GAUGE || metric.type() == MetricType.SUM;
        this.metricId = series.metricId();
        this.id = series.id();
        this.monotonic = metric.monotonic();
        this.delta = metric.temporality() == Temporality.DELTA;
        this.counter = !delta && (!number || metric.type() == MetricType.SUM && monotonic);
        this.group = group;
        this.born = born;
        this.lacks = group.lacks(series);
    }

    void reset(int minute) {
        forgetResets(minute - StreamWatch.HOUR_MINUTES);
        if (resetsSize == RESETS_MAX) {
            return;
        }
        if (resetsSize == resets.length) {
            resets = Arrays.copyOf(resets, Math.max(4, resetsSize * 2));
        }
        resets[resetsSize++] = minute;
    }

    /// Resets since a minute, at most 64.
    int resets(int since) {
        if (resetsSize > 0) {
            forgetResets(since);
        }
        return resetsSize;
    }

    private void forgetResets(int before) {
        int gone = 0;
        while (gone < resetsSize && resets[gone] < before) {
            gone++;
        }
        System.arraycopy(resets, gone, resets, 0, resetsSize - gone);
        resetsSize -= gone;
        if (resetsSize == 0) {
            resets = NONE;
        }
    }
}
