package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Streams of all kinds as senders make them, seeded: counters that grow and start anew with and
/// without saying so, stale markers, NaN, infinities, changing buckets.
final class StreamMaker {
    private static final long SECOND = 1_000_000_000L;

    /// A point to be stored: its time, and how it goes into a batch.
    record Event(int stream, long time, Consumer<Batch> add) {}

    private record Form(MetricType type, Temporality temporality, boolean monotonic) {}

    private static final List<Form> FORMS =
            List.of(
                    new Form(MetricType.GAUGE, Temporality.UNSPECIFIED, false),
                    new Form(MetricType.SUM, Temporality.CUMULATIVE, true),
                    new Form(MetricType.SUM, Temporality.CUMULATIVE, false),
                    new Form(MetricType.SUM, Temporality.DELTA, true),
                    new Form(MetricType.SUM, Temporality.DELTA, false),
                    new Form(MetricType.HISTOGRAM, Temporality.CUMULATIVE, false),
                    new Form(MetricType.HISTOGRAM, Temporality.DELTA, false),
                    new Form(MetricType.EXPONENTIAL_HISTOGRAM, Temporality.CUMULATIVE, false),
                    new Form(MetricType.EXPONENTIAL_HISTOGRAM, Temporality.DELTA, false),
                    new Form(MetricType.SUMMARY, Temporality.UNSPECIFIED, false));

    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000_000);
    private final Random random;

    StreamMaker(long seed) {
        random = new Random(seed);
    }

    private Series series(int number, Form form) {
        var metric =
                new Metric(
                        new Resource("{\"service.name\":\"shop\"}", "", 0, ""),
                        new Scope("scope", "1", "{}", "", 0),
                        // no two of thirty have a name in common
                        form.type().label()
                                + form.temporality().label()
                                + (form.monotonic() ? "_total" : "")
                                + number % 3,
                        "s",
                        form.type(),
                        form.temporality(),
                        form.monotonic(),
                        "",
                        "");
        return registry.intern(
                metric,
                Attributes.of(List.of(new Attributes.Entry("n", new AttributeValue.Int(number)))));
    }

    /// Events of some streams, each in the order of its times.
    List<List<Event>> streams(int count, long from, long span) {
        var streams = new ArrayList<List<Event>>();
        for (int i = 0; i < count; i++) {
            streams.add(stream(i, from, span));
        }
        return streams;
    }

    private List<Event> stream(int number, long from, long span) {
        Form form = FORMS.get(number % FORMS.size());
        Series series = series(number, form);
        var events = new ArrayList<Event>();
        long time = from + random.nextLong(span / 3);
        long start = random.nextInt(4) == 0 ? 0 : time - random.nextLong(1_200 * SECOND);
        var state = new State(form.temporality() == Temporality.DELTA);
        while (time < from + span) {
            if (random.nextInt(25) == 0) { // starts anew
                state.zero();
                start =
                        switch (random.nextInt(4)) {
                            case 0 -> start;
                            case 1 -> 0;
                            case 2 -> time;
                            default -> time - random.nextLong(15 * SECOND);
                        };
            }
            state.grow();
            int flags = random.nextInt(20) == 0 ? 1 : 0;
            events.add(event(number, series, form, time, start, flags, state));
            if (random.nextInt(60) == 0) { // sent twice, otherwise sometimes
                if (random.nextBoolean()) {
                    state.grow();
                }
                events.add(event(number, series, form, time, start, flags, state));
            }
            time += random.nextInt(30) == 0 ? random.nextLong(1_500 * SECOND) : 10 * SECOND;
            time += random.nextInt(1_000_000);
        }
        return events;
    }

    /// What a stream has counted.
    private final class State {
        private final boolean delta;
        double value;
        long[] counts = new long[40]; // by power of two, from 2^-20
        long zeros;
        double sum;
        int boundsForm = random.nextInt(16);
        int scale = random.nextInt(3);

        State(boolean delta) {
            this.delta = delta;
        }

        void zero() {
            value = 0;
            counts = new long[40];
            zeros = 0;
            sum = 0;
        }

        void grow() {
            if (delta) {
                zero();
            }
            value += random.nextDouble() * 10 - (random.nextInt(30) == 0 ? 20 : 0);
            for (int i = random.nextInt(5); i > 0; i--) {
                counts[12 + random.nextInt(10)] += 1 + random.nextInt(3);
                sum += random.nextDouble();
            }
            zeros += random.nextInt(2);
            if (random.nextInt(25) == 0) {
                boundsForm = random.nextInt(16);
            }
            if (random.nextInt(25) == 0) {
                scale = random.nextInt(4) - 1;
            }
        }

        long total() {
            long total = zeros;
            for (long one : counts) {
                total += one;
            }
            return total;
        }
    }

    private Event event(
            int number, Series series, Form form, long time, long start, int flags, State state) {
        return new Event(
                number,
                time,
                switch (form.type()) {
                    case GAUGE, SUM -> number(series, time, start, flags, state.value);
                    case HISTOGRAM -> explicit(series, time, start, flags, state);
                    case EXPONENTIAL_HISTOGRAM -> exponential(series, time, start, flags, state);
                    case SUMMARY -> summary(series, time, start, flags, state);
                });
    }

    private Consumer<Batch> number(Series series, long time, long start, int flags, double grown) {
        boolean integer = random.nextInt(4) == 0;
        double value =
                switch (random.nextInt(60)) {
                    case 0 -> Double.NaN;
                    case 1 -> Double.POSITIVE_INFINITY;
                    case 2 -> Double.NEGATIVE_INFINITY;
                    case 3 -> -0.0;
                    default -> grown;
                };
        byte form = integer ? Numbers.INT : Numbers.DOUBLE;
        long bits = integer ? (long) grown : Double.doubleToRawLongBits(value);
        return batch -> batch.numbers.add(series, time, start, flags, form, bits);
    }

    private Consumer<Batch> explicit(Series series, long time, long start, int flags, State state) {
        double[] all = {0.25, 1, 2, 16};
        var bounds = new ArrayList<Double>();
        for (int i = 0; i < all.length; i++) {
            if ((state.boundsForm >> i & 1) == 1) {
                bounds.add(all[i]);
            }
        }
        long[] counts = new long[bounds.size() + 1];
        for (int i = 0; i < state.counts.length; i++) {
            double value = Math.pow(2, i - 20);
            int bucket = 0;
            while (bucket < bounds.size() && value > bounds.get(bucket)) {
                bucket++;
            }
            counts[bucket] += state.counts[i];
        }
        counts[0] += state.zeros;
        boolean bare = bounds.isEmpty() && random.nextBoolean();
        long count = state.total();
        double sum = state.sum;
        byte has = (byte) random.nextInt(8);
        double min = random.nextDouble();
        return batch -> {
            for (double bound : bounds) {
                batch.histograms.bounds.push(Double.doubleToRawLongBits(bound));
            }
            for (long one : bare ? new long[0] : counts) {
                batch.histograms.counts.push(one);
            }
            batch.histograms.add(series, time, start, flags, count, has, sum, min, min + 1);
        };
    }

    private Consumer<Batch> exponential(
            Series series, long time, long start, int flags, State state) {
        int scale = state.scale;
        var buckets = new TreeMap<Integer, Long>();
        for (int i = 0; i < state.counts.length; i++) {
            if (state.counts[i] > 0) {
                int index = scale >= 0 ? (i - 20 << scale) - 1 : Math.floorDiv(i - 21, 1 << -scale);
                buckets.merge(index, state.counts[i], Long::sum);
            }
        }
        int offset = buckets.isEmpty() ? 0 : buckets.firstKey();
        int end = buckets.isEmpty() ? 0 : buckets.lastKey() + 1;
        long zeros = state.zeros;
        long count = state.total();
        double sum = state.sum;
        byte has = (byte) random.nextInt(8);
        double max = random.nextDouble();
        double threshold = random.nextInt(5) * 0.125;
        boolean twoSided = random.nextInt(3) == 0;
        return batch -> {
            for (int i = offset; i < end; i++) {
                batch.exponential.positive.push(buckets.getOrDefault(i, 0L));
                if (twoSided) {
                    batch.exponential.negative.push(buckets.getOrDefault(i, 0L));
                }
            }
            int row = batch.exponential.add(series, time, start, flags);
            batch.exponential.count[row] = count;
            batch.exponential.has[row] = has;
            batch.exponential.sum[row] = sum;
            batch.exponential.min[row] = max - 2;
            batch.exponential.max[row] = max;
            batch.exponential.scale[row] = scale;
            batch.exponential.zeroCount[row] = zeros;
            batch.exponential.zeroThreshold[row] = threshold;
            batch.exponential.positiveOffset[row] = offset;
            batch.exponential.negativeOffset[row] = offset + 1;
        };
    }

    private static Consumer<Batch> summary(
            Series series, long time, long start, int flags, State state) {
        long count = state.total();
        double sum = state.sum;
        return batch -> {
            batch.summaries.quantiles.push(Double.doubleToRawLongBits(0.5));
            batch.summaries.values.push(Double.doubleToRawLongBits(sum));
            batch.summaries.add(series, time, start, flags, count, sum);
        };
    }
}
