package dev.firn.engine;

import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.StoredBatch;
import dev.firn.model.Summaries;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One cut, gathered from its batches into columns: what a block per table and month is written
/// from. Points too old for the engine are left out here, exemplars with them. Reused, because it
/// grows to the size of the largest cut; belongs to the sink's thread. A hot path:
/// `IngestBenchmark` in bench/ covers it.
final class CutRows {
    private static final long DAY_MILLIS = 86_400_000L;

    /// The points kept. `flags` are the engine's ([SampleFlags]).
    final Batch points = new Batch();

    final CutSeries series = new CutSeries();

    /// Slot in [#series] of each kept point, by kind.
    private final int[][] slots = new int[Points.Kind.values().length + 1][0];

    /// Of each kept number: the bits of its value as a double, and its value as an integer or 0.
    long[] valueBits = new long[0];

    long[] valueInt = new long[0];

    /// Of each kept exemplar: its point's slot, time and start, its flags, its values as above, and
    /// its place within its point.
    int[] exemplarSlot = new int[0];

    long[] exemplarTime = new long[0];
    long[] exemplarStart = new long[0];
    int[] exemplarFlags = new int[0];
    long[] exemplarValueBits = new long[0];
    long[] exemplarValueInt = new long[0];
    int[] exemplarOrdinal = new int[0];

    /// Cut of each kept point by kind, and of each kept exemplar; of use while [#stored] is not
    /// null.
    private final long[][] seqs = new long[Points.Kind.values().length + 1][0];

    long[] exemplarSeq = new long[0];

    /// What was gathered last, if it came from the lake.
    @Nullable StoredBatch stored;

    /// Points left out because of their age.
    private long pastTtl;

    private long borderMillis;
    private long retentionMax;
    private Retention retention = Retention.days(Retention.DEFAULT_DAYS);

    /// Row in [#points] of each row of the batch being read, by kind; -1 if left out.
    private final int[][] keptRow = new int[Points.Kind.values().length + 1][0];

    int[] slots(Points.Kind kind) {
        return slots[kind.code()];
    }

    /// Cuts of the points of a kind, where each point has its own; null: all are of one cut.
    long @Nullable [] seqs(Points.Kind kind) {
        return stored == null ? null : seqs[kind.code()];
    }

    long pastTtl() {
        return pastTtl;
    }

    /// Points whose series is left out.
    long countLeftOut() {
        long count = 0;
        for (Points.Kind kind : Points.Kind.values()) {
            for (int row = 0; row < points.points(kind).size(); row++) {
                count += series.rank[slots(kind)[row]] < 0 ? 1 : 0;
            }
        }
        return count;
    }

    /// Reads a cut.
    ///
    /// @param border milliseconds: points that expire before are left out
    /// @param daysMax of retention that count for that
    void gather(Cut cut, Retention days, long border, long daysMax) {
        stored = null;
        begin(days, border, daysMax);
        cut.read(this::add);
    }

    /// Takes points that were read back from the lake, as if they came with a cut.
    void gather(StoredBatch batch, Retention days, long border) {
        stored = batch;
        begin(days, border, Integer.MAX_VALUE);
        add(batch.batch);
    }

    private void begin(Retention days, long border, long daysMax) {
        points.clear();
        series.clear();
        pastTtl = 0;
        borderMillis = border;
        retentionMax = daysMax;
        retention = days;
    }

    private void add(Batch batch) {
        addNumbers(batch.numbers);
        addHistograms(batch.histograms);
        addExponential(batch.exponential);
        addSummaries(batch.summaries);
        addExemplars(batch.exemplars);
    }

    /// Decides about a row of a batch: its slot, or -1 if it is left out.
    private int place(Points from, int row, int target) {
        int code = from.kind().code();
        int slot = series.slot(from.series[row], retention);
        long expires =
                Math.floorDiv(from.time[row], 1_000_000L)
                        + Math.min(series.retentionDays[slot], retentionMax) * DAY_MILLIS;
        if (expires < borderMillis) {
            pastTtl++;
            keptRow[code][row] = -1;
            return -1;
        }
        series.see(slot, from.time[row]);
        if (slots[code].length == target) {
            slots[code] = Arrays.copyOf(slots[code], Math.max(64, target * 2));
        }
        slots[code][target] = slot;
        if (stored != null) {
            seqs[code] = with(seqs[code], target, stored.seq(from.kind())[row]);
        }
        keptRow[code][row] = target;
        return slot;
    }

    private static long[] with(long[] column, int row, long value) {
        long[] to = row < column.length ? column : Arrays.copyOf(column, Math.max(64, row * 2));
        to[row] = value;
        return to;
    }

    private void begin(Points from) {
        int code = from.kind().code();
        if (keptRow[code].length < from.size()) {
            keptRow[code] = new int[from.size() * 2];
        }
    }

    private static int flags(Points from, int row) {
        return SampleFlags.of(from.flags[row], from.time[row], from.start[row]);
    }

    private void addNumbers(Numbers from) {
        begin(from);
        Numbers to = points.numbers;
        for (int row = 0; row < from.size(); row++) {
            if (place(from, row, to.size()) < 0) {
                continue;
            }
            byte form = from.form[row];
            int kept =
                    to.add(
                            from.series[row],
                            from.time[row],
                            from.start[row],
                            flags(from, row) | formFlags(form),
                            form,
                            from.bits[row]);
            if (kept >= valueBits.length) {
                valueBits = Arrays.copyOf(valueBits, to.bits.length);
                valueInt = Arrays.copyOf(valueInt, to.bits.length);
            }
            valueBits[kept] = valueBits(form, from.bits[row]);
            valueInt[kept] = form == Numbers.INT ? from.bits[row] : 0;
        }
    }

    private static int formFlags(byte form) {
        return switch (form) {
            case Numbers.INT -> SampleFlags.IS_INT;
            case Numbers.DOUBLE -> 0;
            default -> SampleFlags.NO_VALUE;
        };
    }

    private static long valueBits(byte form, long bits) {
        return switch (form) {
            case Numbers.INT -> Double.doubleToRawLongBits((double) bits);
            case Numbers.DOUBLE -> bits;
            default -> Double.doubleToRawLongBits(Double.NaN);
        };
    }

    private void addHistograms(Histograms from) {
        begin(from);
        Histograms to = points.histograms;
        for (int row = 0; row < from.size(); row++) {
            if (place(from, row, to.size()) < 0) {
                continue;
            }
            to.bounds.push(from.bounds, row);
            to.counts.push(from.counts, row);
            byte has = from.has[row];
            to.add(
                    from.series[row],
                    from.time[row],
                    from.start[row],
                    flags(from, row),
                    from.count[row],
                    has,
                    present(has, Histograms.HAS_SUM, from.sum[row]),
                    present(has, Histograms.HAS_MIN, from.min[row]),
                    present(has, Histograms.HAS_MAX, from.max[row]));
        }
    }

    private void addExponential(ExponentialHistograms from) {
        begin(from);
        ExponentialHistograms to = points.exponential;
        for (int row = 0; row < from.size(); row++) {
            if (place(from, row, to.size()) < 0) {
                continue;
            }
            to.positive.push(from.positive, row);
            to.negative.push(from.negative, row);
            int kept = to.add(from.series[row], from.time[row], from.start[row], flags(from, row));
            byte has = from.has[row];
            to.count[kept] = from.count[row];
            to.has[kept] = has;
            to.sum[kept] = present(has, Histograms.HAS_SUM, from.sum[row]);
            to.min[kept] = present(has, Histograms.HAS_MIN, from.min[row]);
            to.max[kept] = present(has, Histograms.HAS_MAX, from.max[row]);
            to.scale[kept] = from.scale[row];
            to.zeroCount[kept] = from.zeroCount[row];
            to.zeroThreshold[kept] = from.zeroThreshold[row];
            to.positiveOffset[kept] = from.positiveOffset[row];
            to.negativeOffset[kept] = from.negativeOffset[row];
        }
    }

    private void addSummaries(Summaries from) {
        begin(from);
        Summaries to = points.summaries;
        for (int row = 0; row < from.size(); row++) {
            if (place(from, row, to.size()) < 0) {
                continue;
            }
            to.quantiles.push(from.quantiles, row);
            to.values.push(from.values, row);
            to.add(
                    from.series[row],
                    from.time[row],
                    from.start[row],
                    flags(from, row),
                    from.count[row],
                    from.sum[row]);
        }
    }

    private static double present(byte has, byte bit, double value) {
        return (has & bit) != 0 ? value : 0;
    }

    private void addExemplars(Exemplars from) {
        int ordinal = 0;
        for (int i = 0; i < from.size(); i++) {
            boolean samePoint =
                    i > 0
                            && from.pointKind[i] == from.pointKind[i - 1]
                            && from.pointRow[i] == from.pointRow[i - 1];
            ordinal = samePoint ? ordinal + 1 : 0;
            int point = keptRow[from.pointKind[i]][from.pointRow[i]];
            if (point >= 0) {
                addExemplar(from, i, Points.Kind.of(from.pointKind[i]), point, ordinal);
            }
        }
    }

    private void addExemplar(Exemplars from, int i, Points.Kind kind, int point, int ordinal) {
        Exemplars to = points.exemplars;
        to.add(
                kind,
                point,
                from.time[i],
                from.form[i],
                from.bits[i],
                from.traceId(i),
                from.spanId(i),
                from.attributes(i));
        int kept = to.size() - 1;
        if (kept >= exemplarSlot.length) {
            growExemplars(Math.max(16, kept * 2));
        }
        Points owner = points.points(kind);
        exemplarSlot[kept] = slots[kind.code()][point];
        exemplarTime[kept] = owner.time[point];
        exemplarStart[kept] = owner.start[point];
        exemplarFlags[kept] =
                owner.flags[point] & SampleFlags.START_EQUALS_TIME | formFlags(from.form[i]);
        exemplarValueBits[kept] = valueBits(from.form[i], from.bits[i]);
        exemplarValueInt[kept] = from.form[i] == Numbers.INT ? from.bits[i] : 0;
        exemplarOrdinal[kept] = ordinal;
        if (stored != null) {
            exemplarSeq = with(exemplarSeq, kept, seqs[kind.code()][point]);
        }
    }

    private void growExemplars(int capacity) {
        exemplarSlot = Arrays.copyOf(exemplarSlot, capacity);
        exemplarTime = Arrays.copyOf(exemplarTime, capacity);
        exemplarStart = Arrays.copyOf(exemplarStart, capacity);
        exemplarFlags = Arrays.copyOf(exemplarFlags, capacity);
        exemplarValueBits = Arrays.copyOf(exemplarValueBits, capacity);
        exemplarValueInt = Arrays.copyOf(exemplarValueInt, capacity);
        exemplarOrdinal = Arrays.copyOf(exemplarOrdinal, capacity);
    }
}
