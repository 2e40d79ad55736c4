package dev.firn.lake;

import dev.firn.model.LongLists;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// The columns of one row group of table `points`, found by their field ids, as arrays. A column
/// that the file lacks is absent in every row.
final class PointsChunk {
    /// A column of at most one value a row.
    ///
    /// @param values integers, or raw bits of doubles
    /// @param present which rows have one; null: all
    @SuppressWarnings("ArrayRecordComponent") // columns, never compared
    record Flat(long[] values, boolean @Nullable [] present) {
        boolean has(int row) {
            return present == null || present[row];
        }

        long at(int row) {
            return values[row];
        }

        int intAt(int row) {
            return (int) values[row];
        }

        double realAt(int row) {
            return Double.longBitsToDouble(values[row]);
        }
    }

    /// A column of texts, dictionary-coded.
    @SuppressWarnings("ArrayRecordComponent") // columns, never compared
    record Texts(int[] codes, List<String> texts) {
        String at(int row) {
            return texts.get(codes[row]);
        }
    }

    private static final LongLists NO_LISTS = new LongLists();

    private final Map<Integer, ColumnDescriptor> columns = new HashMap<>();
    private final ColumnReadStoreImpl store;
    final int rows;

    PointsChunk(PageReadStore pages, MessageType schema, @Nullable String createdBy) {
        this.rows = Math.toIntExact(pages.getRowCount());
        this.store = new ColumnReadStoreImpl(pages, new Nowhere(schema), schema, createdBy);
        for (ColumnDescriptor column : schema.getColumns()) {
            Type.ID id = column.getPrimitiveType().getId();
            if (id != null) {
                columns.put(id.intValue(), column);
            }
        }
    }

    private @Nullable ColumnReader reader(int id) {
        ColumnDescriptor column = columns.get(id);
        return column == null ? null : store.getColumnReader(column);
    }

    private ColumnDescriptor column(int id) {
        return Objects.requireNonNull(columns.get(id));
    }

    /// A column of numbers.
    Flat flat(int id) {
        ColumnReader in = reader(id);
        if (in == null) {
            return new Flat(new long[rows], new boolean[rows]);
        }
        var values = new long[rows];
        int max = column(id).getMaxDefinitionLevel();
        boolean @Nullable [] present = max == 0 ? null : new boolean[rows];
        Value value = value(column(id));
        for (int row = 0; row < rows; row++) {
            if (present == null) {
                values[row] = value.of(in);
            } else if (in.getCurrentDefinitionLevel() == max) {
                values[row] = value.of(in);
                present[row] = true;
            }
            in.consume();
        }
        return new Flat(values, present);
    }

    /// A column of lists of numbers; an absent list is empty.
    LongLists lists(int id) {
        ColumnReader in = reader(id);
        if (in == null) {
            return NO_LISTS;
        }
        var lists = new LongLists();
        int max = column(id).getMaxDefinitionLevel();
        Value value = value(column(id));
        long left = in.getTotalValueCount();
        boolean any = false;
        for (boolean first = true; left > 0; left--, first = false) {
            if (in.getCurrentRepetitionLevel() == 0 && !first) {
                lists.endRow();
            }
            if (in.getCurrentDefinitionLevel() == max) {
                lists.push(value.of(in));
                any = true;
            }
            in.consume();
        }
        lists.endRow();
        return any ? lists : NO_LISTS;
    }

    /// Pushes a row of what [#lists] gave.
    static void push(LongLists lists, int row, LongLists to) {
        if (lists != NO_LISTS) {
            to.push(lists, row);
        }
    }

    /// A column of texts that repeat.
    Texts texts(int id) {
        ColumnReader in = Objects.requireNonNull(reader(id), "points has this column");
        var codes = new int[rows];
        var known = new HashMap<Binary, Integer>();
        var texts = new java.util.ArrayList<String>();
        @Nullable Binary last = null;
        int code = 0;
        for (int row = 0; row < rows; row++) {
            Binary text = in.getBinary();
            if (text != last) { // a dictionary gives the same object again
                Integer found = known.get(text);
                if (found == null) {
                    found = texts.size();
                    texts.add(text.toStringUsingUTF8());
                    known.put(text.copy(), found);
                }
                code = found;
                last = text;
            }
            codes[row] = code;
            in.consume();
        }
        return new Texts(codes, texts);
    }

    /// Elements of column `exemplars`, in order.
    static final class Exemplars {
        int size;

        /// Row of each.
        int[] row = new int[0];

        final Map<Integer, long[]> numbers = new HashMap<>();
        final Map<Integer, boolean[]> present = new HashMap<>();
        final Map<Integer, String[]> texts = new HashMap<>();

        long number(int id, int index) {
            return Objects.requireNonNull(numbers.get(id))[index];
        }

        boolean has(int id, int index) {
            return Objects.requireNonNull(present.get(id))[index];
        }

        String text(int id, int index) {
            return Objects.requireNonNull(texts.get(id))[index];
        }
    }

    /// The exemplars of all rows.
    Exemplars exemplars() {
        var all = new Exemplars();
        readExemplarTexts(all, PointsTable.EXEMPLAR_TRACE_ID, true);
        if (all.size == 0) {
            return all;
        }
        readExemplarTexts(all, PointsTable.EXEMPLAR_SPAN_ID, false);
        readExemplarTexts(all, PointsTable.EXEMPLAR_ATTRIBUTES, false);
        readExemplarNumbers(all, PointsTable.EXEMPLAR_TIME);
        readExemplarNumbers(all, PointsTable.EXEMPLAR_TIME_NANOS);
        readExemplarNumbers(all, PointsTable.EXEMPLAR_VALUE);
        readExemplarNumbers(all, PointsTable.EXEMPLAR_VALUE_INT);
        return all;
    }

    private void readExemplarTexts(Exemplars all, int id, boolean counting) {
        ColumnReader in = reader(id);
        if (in == null) {
            return;
        }
        int max = column(id).getMaxDefinitionLevel();
        var texts = new String[counting ? 16 : all.size];
        int row = -1;
        int size = 0;
        for (long left = in.getTotalValueCount(); left > 0; left--) {
            row += in.getCurrentRepetitionLevel() == 0 ? 1 : 0;
            if (in.getCurrentDefinitionLevel() == max) {
                if (counting) {
                    if (size == all.row.length) {
                        all.row = Arrays.copyOf(all.row, Math.max(16, size * 2));
                        texts = Arrays.copyOf(texts, all.row.length);
                    }
                    all.row[size] = row;
                }
                texts[size++] = in.getBinary().toStringUsingUTF8();
            }
            in.consume();
        }
        if (counting) {
            all.size = size;
        }
        all.texts.put(id, texts);
    }

    private void readExemplarNumbers(Exemplars all, int id) {
        var numbers = new long[all.size];
        var present = new boolean[all.size];
        all.numbers.put(id, numbers);
        all.present.put(id, present);
        ColumnReader in = reader(id);
        if (in == null) {
            return;
        }
        int max = column(id).getMaxDefinitionLevel();
        Value value = value(column(id));
        int index = 0;
        for (long left = in.getTotalValueCount(); left > 0; left--) {
            int level = in.getCurrentDefinitionLevel();
            if (level == max) {
                numbers[index] = value.of(in);
                present[index] = true;
            }
            index += level >= max - 1 ? 1 : 0; // one below: the element is there, the field not
            in.consume();
        }
    }

    /// Reads a value as a long.
    private interface Value {
        long of(ColumnReader in);
    }

    private static Value value(ColumnDescriptor column) {
        return switch (column.getPrimitiveType().getPrimitiveTypeName()) {
            case INT64 -> ColumnReader::getLong;
            case INT32 -> ColumnReader::getInteger;
            case DOUBLE -> in -> Double.doubleToRawLongBits(in.getDouble());
            case BOOLEAN -> in -> in.getBoolean() ? 1 : 0;
            case FLOAT, INT96, BINARY, FIXED_LEN_BYTE_ARRAY ->
                    throw new IllegalStateException("column " + column + " holds no numbers");
        };
    }

    /// Parquet wants a converter for what is read; nothing is ever sent there.
    private static final class Nowhere extends GroupConverter {
        private final Converter[] fields;

        Nowhere(GroupType type) {
            fields =
                    type.getFields().stream()
                            .map(field ->
                                    field.isPrimitive()
                                            ? new PrimitiveConverter() {}
                                            : new Nowhere(field.asGroupType()))
                            .toArray(Converter[]::new);
        }

        @Override
        public Converter getConverter(int index) {
            return fields[index];
        }

        @Override
        public void start() {}

        @Override
        public void end() {}
    }
}
