package dev.firn.lake.compact;

import java.util.Arrays;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Rows of one leaf column, of several files one after the other, before they are put in order.
/// Mutable and reused, for the hot path that `LakeCompactBench` measures.
final class ColumnRows {
    boolean texts;
    boolean repeated;
    int maxDefinition;
    int rows;

    /// Integers, or raw bits of doubles. Flat columns have a place for each row, whether or not it
    /// has a value; repeated ones a place for each value.
    long[] values = new long[0];

    /// The same for texts: their numbers in [#pool].
    int[] codes = new int[0];

    final TextPool pool = new TextPool();

    /// Definition level of each row of a flat optional column, of each entry of a repeated one.
    byte[] definition = new byte[0];

    /// Of each entry of a repeated column.
    byte[] repetition = new byte[0];

    /// Where the entries and the values of each row of a repeated column begin.
    int[] entryFrom = new int[0];

    int[] valueFrom = new int[0];
    int entries;
    int size;

    void begin(ColumnDescriptor column, int rowsExpected) {
        texts = column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
        repeated = column.getMaxRepetitionLevel() > 0;
        maxDefinition = column.getMaxDefinitionLevel();
        rows = 0;
        entries = 0;
        size = 0;
        pool.clear();
        if (repeated) {
            reserveRows(rowsExpected + 1);
        } else {
            reserveValues(rowsExpected);
            reserveDefinition(maxDefinition > 0 ? rowsExpected : 0);
        }
    }

    /// No row has a value.
    boolean absent() {
        if (maxDefinition == 0) {
            return false;
        }
        int end = repeated ? entries : rows;
        for (int i = 0; i < end; i++) {
            if (definition[i] != 0) {
                return false;
            }
        }
        return true;
    }

    void reserveValues(int capacity) {
        if (texts) {
            if (codes.length < capacity) {
                codes = Arrays.copyOf(codes, grown(codes.length, capacity));
            }
        } else if (values.length < capacity) {
            values = Arrays.copyOf(values, grown(values.length, capacity));
        }
    }

    void reserveDefinition(int capacity) {
        if (definition.length < capacity) {
            definition = Arrays.copyOf(definition, grown(definition.length, capacity));
        }
    }

    void reserveEntries(int capacity) {
        reserveDefinition(capacity);
        if (repetition.length < capacity) {
            repetition = Arrays.copyOf(repetition, grown(repetition.length, capacity));
        }
    }

    void reserveRows(int capacity) {
        if (entryFrom.length < capacity) {
            entryFrom = Arrays.copyOf(entryFrom, grown(entryFrom.length, capacity));
            valueFrom = Arrays.copyOf(valueFrom, grown(valueFrom.length, capacity));
        }
    }

    private static int grown(int length, int capacity) {
        return Math.max(capacity, length + (length >> 1));
    }

    /// Begins a row of a repeated column.
    void row() {
        reserveRows(rows + 2);
        entryFrom[rows] = entries;
        valueFrom[rows] = size;
        rows++;
    }

    /// Sets the ends of the last row of a repeated column.
    void end() {
        if (repeated) {
            reserveRows(rows + 1);
            entryFrom[rows] = entries;
            valueFrom[rows] = size;
        }
    }
}
