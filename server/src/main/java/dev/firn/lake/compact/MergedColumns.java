package dev.firn.lake.compact;

import dev.firn.base.WorldException;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakeParquet;
import dev.firn.lake.Leaf;
import dev.firn.lake.PageWriter;
import dev.firn.lake.PointsTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// Turns the rows of a [RowOrder] into the column chunks of one row group, a column at a time, as
/// the sink writes fresh ones: the same encodings, statistics and bloom filter. A column is read
/// from all files, put in order and written before the next, so that memory is that of the widest.
/// Mutable buffers, for the hot path that `LakeCompactBench` measures.
final class MergedColumns {
    private final List<ColumnDescriptor> columns;
    private final ColumnScan scan = new ColumnScan();
    private final ColumnRows rows = new ColumnRows();
    private final Leaf leaf = new Leaf();
    private int[] runCodes = new int[1024];
    private int[] runLengths = new int[1024];
    private int runs;

    MergedColumns(MessageType columns) {
        this.columns = columns.getColumns();
    }

    /// Writes one row group.
    void write(RowOrder order, ParquetFileWriter file, PageWriter pages, LakePace pace)
            throws IOException, InterruptedException {
        int[] places = order.places();
        file.startBlock(order.size());
        for (ColumnDescriptor column : columns) {
            long before = file.getPos();
            read(column, order);
            write(column, places, file, pages);
            long bytes = file.getPos() - before;
            for (SourceFile source : order.files()) {
                bytes += source.takeBytesRead();
            }
            pace.step(bytes);
        }
        file.endBlock();
    }

    private void read(ColumnDescriptor column, RowOrder order) {
        rows.begin(column, order.rowsRead());
        for (int i = 0; i < order.files().size(); i++) {
            long from = order.from(i);
            long to = order.to(i);
            if (from == to) {
                continue;
            }
            SourceFile file = order.files().get(i);
            @Nullable ColumnDescriptor own = file.column(id(column));
            if (own == null) {
                missing(column, file, from, to);
            } else {
                refuseOther(column, own, file);
                scan.read(file, own, from, to, rows);
            }
        }
        rows.end();
    }

    private static int id(ColumnDescriptor column) {
        return column.getPrimitiveType().getId().intValue();
    }

    private static void refuseOther(
            ColumnDescriptor wanted, ColumnDescriptor own, SourceFile file) {
        boolean same =
                own.getPrimitiveType().getPrimitiveTypeName()
                                == wanted.getPrimitiveType().getPrimitiveTypeName()
                        && own.getMaxRepetitionLevel() == wanted.getMaxRepetitionLevel()
                        && (own.getMaxDefinitionLevel() == wanted.getMaxDefinitionLevel()
                                || own.getMaxDefinitionLevel() == 0
                                        && wanted.getMaxDefinitionLevel() == 1);
        if (!same) {
            throw new WorldException(
                    "cannot compact lake file \""
                            + file.file().location()
                            + "\": its column \""
                            + String.join(".", own.getPath())
                            + "\" is "
                            + own
                            + ", the table's is "
                            + wanted
                            + "; the file stays as it is");
        }
    }

    /// A column that is younger than the file: without a value in each of its rows.
    private void missing(ColumnDescriptor column, SourceFile file, long from, long to) {
        int count = (int) (to - from);
        if (column.getMaxDefinitionLevel() == 0) {
            throw new WorldException(
                    "cannot compact lake file \""
                            + file.file().location()
                            + "\": it lacks the required column \""
                            + String.join(".", column.getPath())
                            + "\"; the file stays as it is");
        }
        if (!rows.repeated) {
            rows.reserveValues(rows.rows + count);
            rows.reserveDefinition(rows.rows + count);
            Arrays.fill(rows.definition, rows.rows, rows.rows + count, (byte) 0);
            rows.rows += count;
            return;
        }
        @Nullable ColumnDescriptor beside = beside(column, file);
        if (beside != null) {
            besideOf(column, beside, file, from, to);
            return;
        }
        rows.reserveEntries(rows.entries + count);
        for (int i = 0; i < count; i++) {
            rows.row();
            rows.repetition[rows.entries] = 0;
            rows.definition[rows.entries++] = 0;
        }
    }

    /// A field of the same list of structs that the file has.
    private @Nullable ColumnDescriptor beside(ColumnDescriptor column, SourceFile file) {
        for (ColumnDescriptor other : columns) {
            if (other.getPath()[0].equals(column.getPath()[0])) {
                ColumnDescriptor own = file.column(id(other));
                if (own != null) {
                    return own;
                }
            }
        }
        return null;
    }

    /// The list has as many elements as its other fields say; the new field has no value in them.
    private void besideOf(
            ColumnDescriptor column, ColumnDescriptor beside, SourceFile file, long from, long to) {
        var other = new ColumnRows();
        other.begin(beside, (int) (to - from));
        scan.read(file, beside, from, to, other);
        other.end();
        int struct = column.getMaxDefinitionLevel() - 1;
        rows.reserveEntries(rows.entries + other.entries);
        for (int i = 0; i < other.entries; i++) {
            if (other.repetition[i] == 0) {
                rows.row();
            }
            rows.repetition[rows.entries] = other.repetition[i];
            rows.definition[rows.entries++] = (byte) Math.min(struct, other.definition[i]);
        }
    }

    private void write(
            ColumnDescriptor column, int[] places, ParquetFileWriter file, PageWriter pages)
            throws IOException {
        boolean bounds = PointsTable.PRUNING.contains(column.getPath()[0]);
        if (rows.absent()) {
            pages.absent(column, places.length);
        } else if (rows.repeated) {
            repeated(column, places, pages);
        } else if (rows.texts) {
            texts(column, places, pages, bounds);
        } else if (column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BOOLEAN) {
            booleans(column, places, pages);
        } else {
            numbers(column, places, pages, bounds);
            if (id(column) == PointsTable.SERIES_ID) {
                bloom(column, file);
            }
        }
    }

    private void numbers(ColumnDescriptor column, int[] places, PageWriter pages, boolean bounds)
            throws IOException {
        leaf.begin(rows.maxDefinition, 0, places.length);
        long[] from = rows.values;
        if (rows.maxDefinition == 0) {
            for (int i = 0; i < places.length; i++) {
                leaf.values[i] = from[places[i]];
            }
            leaf.size = places.length;
        } else {
            int size = 0;
            for (int i = 0; i < places.length; i++) {
                byte level = rows.definition[places[i]];
                leaf.definition[i] = level;
                if (level == rows.maxDefinition) {
                    leaf.values[size++] = from[places[i]];
                }
            }
            leaf.size = size;
        }
        leaf.entries = places.length;
        pages.numbers(column, leaf, places.length, bounds);
    }

    /// Of the ids that [#numbers] has just written.
    private void bloom(ColumnDescriptor column, ParquetFileWriter file) {
        int different = 0;
        for (int i = 0; i < leaf.size; i++) {
            if (i == 0 || leaf.values[i] != leaf.values[i - 1]) {
                different++;
            }
        }
        BlockSplitBloomFilter bloom = LakeParquet.bloom(different);
        for (int i = 0; i < leaf.size; i++) {
            if (i == 0 || leaf.values[i] != leaf.values[i - 1]) {
                bloom.insertHash(bloom.hash(leaf.values[i]));
            }
        }
        file.addBloomFilter(String.join(".", column.getPath()), bloom);
    }

    private void booleans(ColumnDescriptor column, int[] places, PageWriter pages)
            throws IOException {
        if (rows.maxDefinition > 0) {
            throw new WorldException(
                    "cannot compact column \""
                            + String.join(".", column.getPath())
                            + "\": an optional boolean, which this Firn's writer does not know");
        }
        runs = 0;
        for (int place : places) {
            run((int) rows.values[place]);
        }
        boolean[] values = new boolean[runs];
        for (int i = 0; i < runs; i++) {
            values[i] = runCodes[i] != 0;
        }
        pages.booleans(column, values, runLengths, runs, places.length);
    }

    private void run(int code) {
        if (runs > 0 && runCodes[runs - 1] == code) {
            runLengths[runs - 1]++;
            return;
        }
        if (runs == runCodes.length) {
            runCodes = Arrays.copyOf(runCodes, runs * 2);
            runLengths = Arrays.copyOf(runLengths, runs * 2);
        }
        runCodes[runs] = code;
        runLengths[runs++] = 1;
    }

    private void texts(ColumnDescriptor column, int[] places, PageWriter pages, boolean bounds)
            throws IOException {
        if (rows.maxDefinition > 0) {
            optionalTexts(column, places, pages);
            return;
        }
        runs = 0;
        var used = new ArrayList<Binary>(); // in order of first appearance
        int[] numberOf = new int[rows.pool.size()]; // plus 1
        for (int place : places) {
            int code = rows.codes[place];
            if (numberOf[code] == 0) {
                used.add(rows.pool.get(code));
                numberOf[code] = used.size();
            }
            run(numberOf[code] - 1);
        }
        pages.texts(column, used, runCodes, runLengths, runs, places.length, bounds);
    }

    private void optionalTexts(ColumnDescriptor column, int[] places, PageWriter pages)
            throws IOException {
        leaf.begin(rows.maxDefinition, 0, places.length);
        for (int i = 0; i < places.length; i++) {
            byte level = rows.definition[places[i]];
            leaf.definition[i] = level;
            if (level == rows.maxDefinition) {
                leaf.texts.add(rows.pool.get(rows.codes[places[i]]).getBytesUnsafe());
            }
        }
        leaf.entries = places.length;
        pages.texts(column, leaf, places.length);
    }

    private void repeated(ColumnDescriptor column, int[] places, PageWriter pages)
            throws IOException {
        leaf.begin(rows.maxDefinition, 1, places.length);
        for (int place : places) {
            int value = rows.valueFrom[place];
            int values = rows.valueFrom[place + 1] - value;
            int entry = rows.entryFrom[place];
            int end = rows.entryFrom[place + 1];
            if (!rows.texts && values == end - entry) {
                leaf.list(rows.values, value, value + values);
                continue;
            }
            for (int i = entry; i < end; i++) {
                if (rows.definition[i] != rows.maxDefinition) {
                    leaf.level(i == entry, rows.definition[i]);
                } else if (rows.texts) {
                    leaf.element(i == entry, rows.pool.get(rows.codes[value++]).getBytesUnsafe());
                } else {
                    leaf.element(i == entry, rows.values[value++]);
                }
            }
        }
        if (rows.texts) {
            pages.texts(column, leaf, places.length);
        } else {
            pages.numbers(column, leaf, places.length, false);
        }
    }
}
