package dev.firn.lake;

import dev.firn.model.Exemplars;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// Exemplars of a run's rows, in ascending order of row. Ids are kept as the hexadecimal digits
/// that the lake stores.
final class RunExemplars {
    private static final HexFormat HEX = HexFormat.of();

    int size;
    int[] row = new int[0];
    long[] time = new long[0];
    byte[] form = new byte[0];
    long[] bits = new long[0];
    byte[][] traceId = new byte[0][];
    byte[][] spanId = new byte[0][];
    byte[][] attributes = new byte[0][];
    private long textBytes;

    /// @param ofRow no less than that of the call before
    void add(int ofRow, Exemplars from, int index) {
        if (size == row.length) {
            grow(Math.max(64, size * 2));
        }
        row[size] = ofRow;
        time[size] = from.time[index];
        form[size] = from.form[index];
        bits[size] = from.bits[index];
        traceId[size] = hex(from.traceId(index));
        spanId[size] = hex(from.spanId(index));
        attributes[size] = from.attributes(index).getBytes(StandardCharsets.UTF_8);
        textBytes += traceId[size].length + spanId[size].length + attributes[size].length + 48;
        size++;
    }

    private static byte[] hex(byte[] id) {
        return HEX.formatHex(id).getBytes(StandardCharsets.US_ASCII);
    }

    private void grow(int capacity) {
        row = Arrays.copyOf(row, capacity);
        time = Arrays.copyOf(time, capacity);
        form = Arrays.copyOf(form, capacity);
        bits = Arrays.copyOf(bits, capacity);
        traceId = Arrays.copyOf(traceId, capacity);
        spanId = Arrays.copyOf(spanId, capacity);
        attributes = Arrays.copyOf(attributes, capacity);
    }

    /// Number of the row's first exemplar, or -1.
    int first(int ofRow) {
        int low = Arrays.binarySearch(row, 0, size, ofRow);
        if (low < 0) {
            return -1;
        }
        while (low > 0 && row[low - 1] == ofRow) {
            low--;
        }
        return low;
    }

    long bytes() {
        return row.length * 45L + textBytes;
    }
}
