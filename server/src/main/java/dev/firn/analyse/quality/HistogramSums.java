package dev.firn.analyse.quality;

import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;

/// Whether a histogram's sum can be that of its events, where none of them is negative, as OTLP
/// demands of those that have a sum: each lies within its bucket. A negative sum is not judged.
final class HistogramSums {
    /// Senders round, and add up many events.
    private static final double SLACK = 1e-3;

    private HistogramSums() {}

    static boolean isWrong(Histograms points, int row) {
        LongLists counts = points.counts;
        if ((points.has[row] & Histograms.HAS_SUM) == 0 || counts.length(row) == 0) {
            return false;
        }
        long[] inBucket = counts.values();
        long[] bounds = points.bounds.values();
        int bound = points.bounds.from(row);
        int end = points.bounds.to(row);
        double from = 0;
        double least = 0;
        double most = 0;
        for (int at = counts.from(row); at < counts.to(row); at++, bound++) {
            double to = bound < end ? Double.longBitsToDouble(bounds[bound]) : Double.MAX_VALUE;
            if (inBucket[at] != 0 && to < 0) {
                return false;
            }
            if (inBucket[at] != 0) {
                least += inBucket[at] * from;
                most += inBucket[at] * Math.max(0, to);
            }
            from = Math.max(0, to);
        }
        return isOutside(points.sum[row], least, most);
    }

    static boolean isWrong(ExponentialHistograms points, int row) {
        if ((points.has[row] & Histograms.HAS_SUM) == 0 || !isEmpty(points.negative, row)) {
            return false;
        }
        double zeros = points.zeroCount[row] * points.zeroThreshold[row];
        LongLists counts = points.positive;
        long[] inBucket = counts.values();
        int first = counts.from(row);
        int last = counts.to(row) - 1;
        while (first <= last && inBucket[first] == 0) {
            first++;
        }
        while (last > first && inBucket[last] == 0) {
            last--;
        }
        long events = 0;
        for (int at = first; at <= last; at++) {
            events += inBucket[at];
        }
        if (events == 0) {
            return false;
        }
        int offset = points.positiveOffset[row] - counts.from(row);
        double width = Math.scalb(1.0, -points.scale[row]);
        double least = Math.pow(2, (offset + first) * width);
        double most = Math.pow(2, (offset + last + 1) * width);
        return isOutside(points.sum[row], events * least, events * most + zeros);
    }

    private static boolean isEmpty(LongLists counts, int row) {
        for (int at = counts.from(row); at < counts.to(row); at++) {
            if (counts.values()[at] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOutside(double sum, double least, double most) {
        return sum >= 0 && (sum < least * (1 - SLACK) || sum > most * (1 + SLACK));
    }
}
