package dev.firn.analyse.anomaly;

import java.util.Arrays;

/// The last few values and their median.
final class Recent {
    private final float[] values;
    private final float[] sorted;
    private int count;
    private int next;

    Recent(int capacity) {
        values = new float[capacity];
        sorted = new float[capacity];
    }

    void push(double value) {
        if (count == values.length) {
            remove(values[next]);
        } else {
            count++;
        }
        values[next] = (float) value;
        next = (next + 1) % values.length;
        insert((float) value);
    }

    /// NaN where there is none.
    double median() {
        if (count == 0) {
            return Double.NaN;
        }
        return (sorted[(count - 1) / 2] + (double) sorted[count / 2]) / 2;
    }

    void clear() {
        count = 0;
        next = 0;
    }

    /// Takes one value out of `sorted`, which then holds `count - 1`.
    private void remove(float value) {
        int at = Arrays.binarySearch(sorted, 0, count, value);
        System.arraycopy(sorted, at + 1, sorted, at, count - at - 1);
    }

    /// Puts one value into `sorted`, which then holds `count`.
    private void insert(float value) {
        int at = count - 1;
        while (at > 0 && Float.compare(sorted[at - 1], value) > 0) {
            sorted[at] = sorted[at - 1];
            at--;
        }
        sorted[at] = value;
    }

    void fields(Fields fields) {
        fields.of(values);
        fields.of(sorted);
        count = fields.of(count);
        next = fields.of(next);
    }
}
