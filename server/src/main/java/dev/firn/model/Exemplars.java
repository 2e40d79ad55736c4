package dev.firn.model;

import dev.firn.base.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Exemplars of a batch, each pointing at its point by kind and row. In the order sent: those of a
/// point are together, and rows ascend within a kind, but kinds may alternate.
public final class Exemplars {
    /// [Points.Kind#code] of the point.
    public byte[] pointKind = new byte[0];

    /// Row of the point.
    public int[] pointRow = new int[0];

    /// time_unix_nano; 0 if the sender gave none.
    public long[] time = new long[0];

    /// [Numbers#NONE], [Numbers#DOUBLE] or [Numbers#INT].
    public byte[] form = new byte[0];

    /// The value by `form`.
    public long[] bits = new long[0];

    private int[] traceEnd = new int[0];
    private int[] spanEnd = new int[0];
    private int[] attributesEnd = new int[0];
    private final ByteWriter heap = new ByteWriter(64);
    private int size;

    /// Number of exemplars.
    public int size() {
        return size;
    }

    /// Adds an exemplar. Ids are 16 and 8 bytes by the specification; others are kept as sent.
    ///
    /// @param attributes filtered attributes as canonical JSON
    public void add(
            Points.Kind kind,
            int row,
            long timeNanos,
            byte valueForm,
            long valueBits,
            byte[] traceId,
            byte[] spanId,
            String attributes) {
        if (size == time.length) {
            grow(Math.max(16, size * 2));
        }
        pointKind[size] = (byte) kind.code();
        pointRow[size] = row;
        time[size] = timeNanos;
        form[size] = valueForm;
        bits[size] = valueBits;
        heap.bytes(traceId);
        traceEnd[size] = heap.size();
        heap.bytes(spanId);
        spanEnd[size] = heap.size();
        heap.bytes(attributes.getBytes(StandardCharsets.UTF_8));
        attributesEnd[size] = heap.size();
        size++;
    }

    /// Adds an exemplar of another batch to the point `row` of this one.
    public void copy(Exemplars from, int index, int row) {
        if (size == time.length) {
            grow(Math.max(16, size * 2));
        }
        pointKind[size] = from.pointKind[index];
        pointRow[size] = row;
        time[size] = from.time[index];
        form[size] = from.form[index];
        bits[size] = from.bits[index];
        int begin = heap.size();
        heap.bytes(
                from.heap.array(), from.from(index), from.attributesEnd[index] - from.from(index));
        int shift = begin - from.from(index);
        traceEnd[size] = from.traceEnd[index] + shift;
        spanEnd[size] = from.spanEnd[index] + shift;
        attributesEnd[size] = from.attributesEnd[index] + shift;
        size++;
    }

    private void grow(int capacity) {
        pointKind = Arrays.copyOf(pointKind, capacity);
        pointRow = Arrays.copyOf(pointRow, capacity);
        time = Arrays.copyOf(time, capacity);
        form = Arrays.copyOf(form, capacity);
        bits = Arrays.copyOf(bits, capacity);
        traceEnd = Arrays.copyOf(traceEnd, capacity);
        spanEnd = Arrays.copyOf(spanEnd, capacity);
        attributesEnd = Arrays.copyOf(attributesEnd, capacity);
    }

    /// The trace id's bytes.
    public byte[] traceId(int index) {
        return Arrays.copyOfRange(heap.array(), from(index), traceEnd[index]);
    }

    /// The span id's bytes.
    public byte[] spanId(int index) {
        return Arrays.copyOfRange(heap.array(), traceEnd[index], spanEnd[index]);
    }

    /// Filtered attributes as canonical JSON.
    public String attributes(int index) {
        return new String(
                heap.array(),
                spanEnd[index],
                attributesEnd[index] - spanEnd[index],
                StandardCharsets.UTF_8);
    }

    private int from(int index) {
        return index == 0 ? 0 : attributesEnd[index - 1];
    }

    /// Drops exemplars added after there were `newSize` of them (their point was found bad).
    public void truncate(int newSize) {
        heap.truncate(newSize == 0 ? 0 : attributesEnd[newSize - 1]);
        size = newSize;
    }

    void clear() {
        truncate(0);
    }
}
