package dev.firn.ops.load;

import java.util.Arrays;

/// The state of one instance's HTTP streams: flat arrays, one entry (or one run of buckets) a
/// stream. A hot path: `LoadBenchmark` in bench/.
final class HttpStreams {
    private static final int EXEMPLAR_ODDS = 8;
    private static final byte[][] EXEMPLAR_ATTRIBUTES = {
        Attributes.of("user.tier", "gold").encode(7),
        Attributes.of("user.tier", "silver", "cart.items", 3L).encode(7),
        Attributes.of("user.tier", "none", "cart.items", 0L).encode(7),
    };

    private final ServicePlan plan;
    private final int layoutIndex;
    private final Layout layout;
    private final Latency.Table[] usual;
    private final long[] counts;
    private final long[] ticks;
    private final long[] countsExported;
    private final long[] ticksExported;
    private final long[] zeros;
    private final long[] buckets;
    private final int[] shortest;
    private final int[] longest;
    private final int[] latest;

    HttpStreams(ServicePlan plan, int layoutIndex) {
        this.plan = plan;
        this.layoutIndex = layoutIndex;
        layout = plan.layouts.get(layoutIndex);
        int size = plan.streams.length;
        usual = new Latency.Table[size];
        for (int i = 0; i < size; i++) {
            usual[i] = plan.table(i, layoutIndex, 1);
        }
        counts = new long[size];
        ticks = new long[size];
        countsExported = new long[size];
        ticksExported = new long[size];
        zeros = new long[size];
        buckets = new long[size * layout.size()];
        shortest = new int[size];
        longest = new int[size];
        latest = new int[size];
        Arrays.fill(shortest, Integer.MAX_VALUE);
    }

    int size() {
        return counts.length;
    }

    /// A process starts, or a delta was collected: everything from zero.
    void clear() {
        Arrays.fill(counts, 0);
        Arrays.fill(ticks, 0);
        Arrays.fill(countsExported, 0);
        Arrays.fill(ticksExported, 0);
        Arrays.fill(zeros, 0);
        Arrays.fill(buckets, 0);
        Arrays.fill(shortest, Integer.MAX_VALUE);
        Arrays.fill(longest, 0);
    }

    boolean used(int stream) {
        return counts[stream] > 0;
    }

    long countPending(int stream) {
        return counts[stream] - countsExported[stream];
    }

    long ticksPending(int stream) {
        return ticks[stream] - ticksExported[stream];
    }

    void markExported(int stream) {
        countsExported[stream] = counts[stream];
        ticksExported[stream] = ticks[stream];
    }

    /// Serves `requests`; answers the sum of their durations in ticks.
    long serve(int stream, long requests, double latencyFactor, Chance chance) {
        Latency.Table table =
                latencyFactor == 1 ? usual[stream] : plan.table(stream, layoutIndex, latencyFactor);
        int[] durations = table.ticks();
        short[] bucketOf = table.buckets();
        int base = stream * layout.size();
        long sum = 0;
        int low = shortest[stream];
        int high = longest[stream];
        int duration = 0;
        long bits = 0;
        for (long i = 0; i < requests; i++) {
            bits = i % 5 == 0 ? chance.next() : bits >>> 12; // five draws of 12 bits from 64
            int sample = (int) bits & (Latency.SAMPLES - 1);
            duration = durations[sample];
            sum += duration;
            low = Math.min(low, duration);
            high = Math.max(high, duration);
            int bucket = bucketOf[sample];
            if (bucket == Layout.ZERO) {
                zeros[stream]++;
            } else {
                buckets[base + bucket]++;
            }
        }
        counts[stream] += requests;
        ticks[stream] += sum;
        shortest[stream] = low;
        longest[stream] = high;
        latest[stream] = duration;
        return sum;
    }

    /// A histogram point as field 1 of its metric's data.
    void writeHistogram(ProtobufWriter out, int stream, long start, long time, Chance chance) {
        int mark = out.size();
        switch (layout) {
            case Layout.Explicit explicit ->
                    writeExplicit(out, explicit, stream, start, time, chance);
            case Layout.Exponential exponential ->
                    writeExponential(out, exponential, stream, start, time, chance);
        }
        out.message(1, mark);
    }

    private void writeExplicit(
            ProtobufWriter out,
            Layout.Explicit explicit,
            int stream,
            long start,
            long time,
            Chance chance) {
        if (counts[stream] > 0) {
            out.float64(12, explicit.unit().of(longest[stream]));
            out.float64(11, explicit.unit().of(shortest[stream]));
        }
        out.raw(plan.streams[stream].histogramAttributes());
        writeExemplar(out, 8, stream, start, time, chance);
        out.raw(explicit.encodedBounds());
        int size = explicit.size();
        int mark = out.size();
        for (int i = size - 1; i >= 0; i--) {
            out.fixed64(buckets[stream * size + i]);
        }
        out.message(6, mark);
        out.float64(5, explicit.unit().of(ticks[stream]));
        out.count64(4, counts[stream]);
        out.fixed64(3, time);
        out.fixed64(2, start);
    }

    private void writeExponential(
            ProtobufWriter out,
            Layout.Exponential exponential,
            int stream,
            long start,
            long time,
            Chance chance) {
        if (counts[stream] > 0) {
            out.float64(13, exponential.unit().of(longest[stream]));
            out.float64(12, exponential.unit().of(shortest[stream]));
        }
        writeExemplar(out, 11, stream, start, time, chance);
        int scale = writePositive(out, exponential, stream);
        out.count64(7, zeros[stream]);
        out.zigzag(6, scale);
        out.float64(5, exponential.unit().of(ticks[stream]));
        out.count64(4, counts[stream]);
        out.fixed64(3, time);
        out.fixed64(2, start);
        out.raw(plan.streams[stream].histogramAttributes());
    }

    /// Field 8, at the finest scale whose buckets in use are few enough; answers the scale.
    private int writePositive(ProtobufWriter out, Layout.Exponential exponential, int stream) {
        int from = stream * exponential.size();
        int low = 0;
        int high = exponential.size() - 1;
        while (low <= high && buckets[from + low] == 0) {
            low++;
        }
        if (low > high) {
            return Layout.Exponential.SCALE;
        }
        while (buckets[from + high] == 0) {
            high--;
        }
        int lowest = exponential.lowest();
        int shift = 0;
        while (((lowest + high) >> shift) - ((lowest + low) >> shift)
                >= Layout.Exponential.POINT_BUCKETS) {
            shift++;
        }
        int mark = out.size();
        int at = high;
        for (int index = (lowest + high) >> shift; index >= (lowest + low) >> shift; index--) {
            long count = 0;
            while (at >= low && (lowest + at) >> shift == index) {
                count += buckets[from + at--];
            }
            out.varint(count);
        }
        out.message(2, mark);
        out.zigzag(1, (lowest + low) >> shift);
        out.message(8, mark);
        return Layout.Exponential.SCALE - shift;
    }

    /// Now and then, the latest request since the last export.
    private void writeExemplar(
            ProtobufWriter out, int field, int stream, long start, long time, Chance chance) {
        if (countPending(stream) == 0 || !chance.oneIn(EXEMPLAR_ODDS)) {
            return;
        }
        int mark = out.size();
        out.raw(EXEMPLAR_ATTRIBUTES[(int) chance.below(EXEMPLAR_ATTRIBUTES.length)]);
        int trace = out.size();
        out.fixed64(chance.next());
        out.fixed64(chance.next() | 1); // an id of zeros is invalid
        out.message(5, trace);
        int span = out.size();
        out.fixed64(chance.next() | 1);
        out.message(4, span);
        out.float64(3, layout.unit().of(latest[stream]));
        out.fixed64(2, Math.max(start, time - chance.below(LoadOptions.SECOND)));
        out.message(field, mark);
    }

    /// A counter point as field 1 of `Sum`.
    void writeCounter(ProtobufWriter out, int stream, long start, long time) {
        int mark = out.size();
        out.raw(plan.streams[stream].counterAttributes());
        out.fixed64(6, counts[stream]);
        out.fixed64(3, time);
        out.fixed64(2, start);
        out.message(1, mark);
    }
}
