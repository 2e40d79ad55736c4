package dev.firn.export.prometheus;

import dev.firn.base.ByteWriter;
import dev.firn.model.prometheus.FamilyType;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.SeriesLabels;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Length-delimited messages of `io.prometheus.client.MetricFamily` (prometheus/client_model,
/// metrics.proto), written by hand: generated classes would copy every series.
///
/// A message needs its length first, so a family stands in memory until it is whole; one of more
/// than [#FAMILY_BYTES] goes on in further messages of its name and type, which Prometheus reads as
/// one.
final class ProtobufPage extends PageWriter {
    static final int FAMILY_BYTES = 1 << 20;

    /// Empty buckets between two filled ones that are cheaper to write than to skip.
    private static final int GAP_MAX = 2;

    /// Threshold where the sender set none: specification, "Exponential Histograms".
    private static final double ZERO_THRESHOLD = 1e-128;

    private static final int LENGTH_BYTES_MAX = 5;

    private final boolean timestamps;
    private final ByteWriter out = new ByteWriter(FLUSH_BYTES);
    private final ByteWriter length = new ByteWriter(LENGTH_BYTES_MAX);

    /// The family that goes on in the next message, once it has another sample.
    private @Nullable Family continued;

    ProtobufPage(OutputStream to, boolean timestamps) {
        super(to);
        this.timestamps = timestamps;
    }

    @Override
    void targets(String name, Collection<List<Label>> lines) throws IOException {
        String help = "Target metadata";
        for (List<Label> labels : lines) {
            if (out.size() == 0) {
                family(name, help, FamilyType.GAUGE, "");
                help = "";
            }
            int metric = open(4);
            out.bytes(Label.protobuf(labels));
            int gauge = open(2);
            real(1, 1);
            close(gauge);
            close(metric);
            if (out.size() >= FAMILY_BYTES) {
                flush();
            }
        }
        flush();
    }

    private void family(String name, String help, FamilyType type, String unit) {
        out.u8(1 << 3 | 2).string(name);
        if (!help.isEmpty()) {
            out.u8(2 << 3 | 2).string(help);
        }
        out.u8(3 << 3).varint(type.code());
        if (!unit.isEmpty()) {
            out.u8(5 << 3 | 2).string(unit);
        }
    }

    /// Begins a field that is a message; [#close] puts its length in front.
    private int open(int field) {
        out.varint(field << 3 | 2);
        return out.size();
    }

    private void close(int start) {
        int size = out.size() - start;
        int room = size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x200000 ? 3 : LENGTH_BYTES_MAX;
        for (int i = 0; i < room; i++) {
            out.u8(0);
        }
        byte[] array = out.array();
        System.arraycopy(array, start, array, start + room, size);
        int rest = size;
        for (int i = 0; i < room - 1; i++) {
            array[start + i] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[start + room - 1] = (byte) rest;
    }

    private void real(int field, double value) {
        out.varint(field << 3 | 1).f64(value);
    }

    private void whole(int field, long value) {
        out.varint((long) field << 3).varint(value);
    }

    @Override
    boolean shows(Family family) {
        return true;
    }

    @Override
    byte[] labels(Family.Entry entry, SeriesLabels labels) {
        return entry.protobufLabels(labels);
    }

    @Override
    void begin(Family family) {
        family(family.name, family.help(), family.type, family.unit());
    }

    private int metric(byte[] labels) {
        if (continued != null) {
            family(continued.name, "", continued.type, "");
            continued = null;
        }
        int metric = open(4);
        out.bytes(labels);
        return metric;
    }

    private void end(int metric, Slot slot) {
        if (timestamps) {
            whole(6, slot.time() / 1_000_000);
        }
        close(metric);
    }

    private void created(int field, Slot slot) {
        if (slot.start() > 0) {
            timestamp(field, slot.start());
        }
    }

    /// `google.protobuf.Timestamp`.
    private void timestamp(int field, long nanos) {
        int stamp = open(field);
        whole(1, nanos / 1_000_000_000);
        whole(2, nanos % 1_000_000_000);
        close(stamp);
    }

    private void exemplar(int field, Exemplar exemplar) {
        int start = open(field);
        out.bytes(exemplar.protobuf());
        real(2, exemplar.value);
        if (exemplar.time > 0) {
            timestamp(3, exemplar.time);
        }
        close(start);
    }

    @Override
    void number(Family family, byte[] labels, NumberSlot slot) {
        int metric = metric(labels);
        int field =
                switch (family.type) {
                    case COUNTER -> 3;
                    case UNKNOWN -> 5;
                    case GAUGE, SUMMARY, HISTOGRAM -> 2;
                };
        int number = open(field);
        real(1, slot.value());
        if (family.type == FamilyType.COUNTER) {
            Exemplar exemplar = slot.exemplar();
            if (exemplar != null) {
                exemplar(2, exemplar);
            }
            created(3, slot);
        }
        close(number);
        end(metric, slot);
    }

    @Override
    void histogram(Family family, byte[] labels, HistogramSlot slot) {
        int metric = metric(labels);
        int histogram = open(7);
        whole(1, slot.count());
        if (slot.hasSum()) {
            real(2, slot.sum());
        }
        Boundaries bounds = slot.bounds();
        long cumulative = 0;
        for (int i = 0; i < bounds.size(); i++) {
            cumulative = slot.cumulative(i, cumulative);
            bucket(cumulative, bounds.at(i), slot.exemplar(i));
        }
        bucket(slot.count(), Double.POSITIVE_INFINITY, slot.exemplar(bounds.size()));
        created(15, slot);
        close(histogram);
        end(metric, slot);
    }

    private void bucket(long cumulative, double bound, @Nullable Exemplar exemplar) {
        int bucket = open(3);
        whole(1, cumulative);
        real(2, bound);
        if (exemplar != null) {
            exemplar(3, exemplar);
        }
        close(bucket);
    }

    @Override
    void exponential(Family family, byte[] labels, ExponentialSlot slot) {
        int metric = metric(labels);
        int histogram = open(7);
        whole(1, slot.count());
        real(2, slot.sum());
        out.varint(5 << 3).zigzag(slot.scale());
        real(6, slot.zeroThreshold() == 0 ? ZERO_THRESHOLD : slot.zeroThreshold());
        whole(7, slot.zeroCount());
        side(slot.negative(), 9, 10);
        side(slot.positive(), 12, 13);
        created(15, slot);
        for (Exemplar exemplar : slot.exemplars()) {
            exemplar(16, exemplar);
        }
        close(histogram);
        end(metric, slot);
    }

    /// Spans of buckets and, after all of them, what each has more than the one before. Prometheus
    /// counts buckets by their upper edge, OTLP by their lower one.
    private void side(Buckets buckets, int spanField, int deltaField) {
        long end = 0; // the index after the last span
        for (int i = 0; i < buckets.size(); ) {
            int to = spanEnd(buckets, i);
            int span = open(spanField);
            out.varint(1 << 3).zigzag(buckets.first() + i + 1 - end);
            whole(2, to - i);
            close(span);
            end = buckets.first() + to + 1;
            i = next(buckets, to);
        }
        if (buckets.size() > 0) {
            int deltas = open(deltaField);
            long before = 0;
            for (int i = 0; i < buckets.size(); ) {
                int to = spanEnd(buckets, i);
                for (; i < to; i++) {
                    out.zigzag(buckets.at(i) - before);
                    before = buckets.at(i);
                }
                i = next(buckets, to);
            }
            close(deltas);
        }
    }

    /// Where the span that begins at a filled bucket ends: before a longer run of empty ones.
    private static int spanEnd(Buckets buckets, int from) {
        int end = from + 1;
        for (int i = end; i < buckets.size() && i - end <= GAP_MAX; i++) {
            if (buckets.at(i) != 0) {
                end = i + 1;
            }
        }
        return end;
    }

    private static int next(Buckets buckets, int from) {
        int i = from;
        while (i < buckets.size() && buckets.at(i) == 0) {
            i++;
        }
        return i;
    }

    @Override
    void summary(Family family, byte[] labels, SummarySlot slot) {
        int metric = metric(labels);
        int summary = open(4);
        whole(1, slot.count());
        real(2, slot.sum());
        Boundaries quantiles = slot.quantiles();
        for (int i = 0; i < quantiles.size(); i++) {
            int quantile = open(3);
            real(1, quantiles.at(i));
            real(2, slot.value(i));
            close(quantile);
        }
        created(4, slot);
        close(summary);
        end(metric, slot);
    }

    @Override
    void end(Family family) throws IOException {
        continued = null;
        flush();
    }

    @Override
    void end() {
        // families end by themselves
    }

    @Override
    int mark() {
        return out.size();
    }

    @Override
    void cut(int mark) {
        out.truncate(mark);
    }

    @Override
    void spill(Family family) throws IOException {
        if (out.size() >= FAMILY_BYTES) {
            flush();
            continued = family;
        }
    }

    /// Sends the message with its length before it.
    @Override
    void flush() throws IOException {
        if (out.size() > 0) {
            length.reset().varint(out.size());
            send(length.array(), length.size());
            send(out.array(), out.size());
            out.reset();
        }
    }
}
