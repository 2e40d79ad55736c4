package dev.firn.process.ottl;

import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Summaries;

/// One point: reads fall through to its columns, writes stay here until they are stored into a
/// copy. Only scalars can be written. Reused.
public final class PointView {
    Points points = new Numbers();
    int row;
    long time;
    long start;
    int flags;

    /// By `form`, of numbers.
    long bits;

    byte form;

    /// Of all but numbers.
    long count;

    double sum;
    byte has;
    int scale;
    long zeroCount;
    int positiveOffset;
    int negativeOffset;
    private boolean written;

    /// Looks at a row.
    public void look(Points from, int at) {
        points = from;
        row = at;
        written = false;
        time = from.time[at];
        start = from.start[at];
        flags = from.flags[at];
        switch (from) {
            case Numbers numbers -> {
                form = numbers.form[at];
                bits = numbers.bits[at];
            }
            case Histograms histograms -> {
                count = histograms.count[at];
                sum = histograms.sum[at];
                has = histograms.has[at];
            }
            case ExponentialHistograms exponential -> {
                count = exponential.count[at];
                sum = exponential.sum[at];
                has = exponential.has[at];
                scale = exponential.scale[at];
                zeroCount = exponential.zeroCount[at];
                positiveOffset = exponential.positiveOffset[at];
                negativeOffset = exponential.negativeOffset[at];
            }
            case Summaries summaries -> {
                count = summaries.count[at];
                sum = summaries.sum[at];
            }
        }
    }

    /// Notes that a field was set.
    void touch() {
        written = true;
    }

    /// Whether a field was set since [#look].
    public boolean written() {
        return written;
    }

    /// Puts the fields into the same row of a copy of the batch that was looked at.
    public void store(Batch copy) {
        store(copy.points(points.kind()), row);
    }

    private void store(Points to, int at) {
        to.time[at] = time;
        to.start[at] = start;
        to.flags[at] = flags;
        switch (to) {
            case Numbers numbers -> {
                numbers.form[at] = form;
                numbers.bits[at] = bits;
            }
            case Histograms histograms -> {
                histograms.count[at] = count;
                histograms.sum[at] = sum;
                histograms.has[at] = has;
            }
            case ExponentialHistograms exponential -> {
                exponential.count[at] = count;
                exponential.sum[at] = sum;
                exponential.has[at] = has;
                exponential.scale[at] = scale;
                exponential.zeroCount[at] = zeroCount;
                exponential.positiveOffset[at] = positiveOffset;
                exponential.negativeOffset[at] = negativeOffset;
            }
            case Summaries summaries -> {
                summaries.count[at] = count;
                summaries.sum[at] = sum;
            }
        }
    }
}
