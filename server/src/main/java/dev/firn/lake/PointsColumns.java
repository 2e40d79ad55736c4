package dev.firn.lake;

import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.Numbers;
import dev.firn.model.WellKnown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// Turns the rows of a [PointsSlice] into the column chunks of table `points`, a column at a time,
/// in the order of the schema. Mutable buffers, for the hot path that `LakeWriteBench` measures.
final class PointsColumns {
    private static final double BLOOM_FALSE_POSITIVES = 0.01;
    static final int BLOOM_BYTES_MAX = 1 << 20;
    private static final long MICRO = 1000;

    /// Bounds are kept where they prune; JSON texts and measured values would only cost room.
    private static final Set<Integer> NO_BOUNDS =
            Set.of(
                    PointsTable.UNIT,
                    PointsTable.TEMPORALITY,
                    PointsTable.RESOURCE,
                    PointsTable.SCOPE,
                    PointsTable.ATTRIBUTES);

    private final List<ColumnDescriptor> columns;
    private final ParquetFileWriter file;
    private final PageWriter pages;
    private final ScopeTexts scopes;
    private final Leaf leaf = new Leaf();
    private int[] runCodes = new int[0];

    PointsColumns(MessageType schema, ParquetFileWriter file, PageWriter pages, ScopeTexts scopes) {
        this.columns = schema.getColumns();
        this.file = file;
        this.pages = pages;
        this.scopes = scopes;
    }

    /// Writes one row group.
    void write(PointsSlice slice) throws IOException {
        file.startBlock(slice.size());
        for (ColumnDescriptor column : columns) {
            write(column, slice);
        }
        file.endBlock();
    }

    private void write(ColumnDescriptor column, PointsSlice slice) throws IOException {
        switch (column.getPrimitiveType().getId().intValue()) {
            case PointsTable.METRIC_NAME -> metric(column, slice, Metric::name);
            case PointsTable.METRIC_TYPE -> metric(column, slice, m -> m.type().label());
            case PointsTable.UNIT -> metric(column, slice, Metric::unit);
            case PointsTable.TEMPORALITY -> metric(column, slice, m -> m.temporality().label());
            case PointsTable.IS_MONOTONIC -> monotonic(column, slice);
            case PointsTable.SERVICE_NAME -> known(column, slice, WellKnown::serviceName);
            case PointsTable.ENVIRONMENT -> known(column, slice, WellKnown::environment);
            case PointsTable.DATA_PLANE_ID -> known(column, slice, WellKnown::dataPlaneId);
            case PointsTable.CLUSTER_ID -> known(column, slice, WellKnown::clusterId);
            case PointsTable.REGION -> known(column, slice, WellKnown::region);
            case PointsTable.HTTP_METHOD -> known(column, slice, WellKnown::httpMethod);
            case PointsTable.HTTP_ROUTE -> known(column, slice, WellKnown::httpRoute);
            case PointsTable.HTTP_STATUS_CODE -> known(column, slice, WellKnown::httpStatusCode);
            case PointsTable.RESOURCE -> metric(column, slice, m -> m.resource().attributes());
            case PointsTable.SCOPE -> metric(column, slice, m -> scopes.of(m.scope()));
            case PointsTable.ATTRIBUTES -> attributes(column, slice);
            case PointsTable.SERIES_ID -> seriesIds(column, slice);
            case PointsTable.PLANE -> plane(column, slice);
            case PointsTable.SRC -> writers(column, slice);
            case PointsTable.SEQ -> sequences(column, slice);
            case PointsTable.TIME -> times(column, slice);
            case PointsTable.TIME_NANOS -> timeNanos(column, slice);
            case PointsTable.START_TIME -> starts(column, slice, false);
            case PointsTable.START_TIME_NANOS -> starts(column, slice, true);
            case PointsTable.FLAGS -> flags(column, slice);
            case PointsTable.VALUE -> values(column, slice, Numbers.DOUBLE);
            case PointsTable.VALUE_INT -> values(column, slice, Numbers.INT);
            default -> writeShape(column, slice);
        }
    }

    private void writeShape(ColumnDescriptor column, PointsSlice slice) throws IOException {
        RunRows run = slice.run;
        boolean explicit = slice.rowsOf(RunRows.HISTOGRAM) > 0;
        boolean exponential = slice.rowsOf(RunRows.EXPONENTIAL) > 0;
        boolean summary = slice.rowsOf(RunRows.SUMMARY) > 0;
        int id = column.getPrimitiveType().getId().intValue();
        boolean present =
                switch (id) {
                    case PointsTable.COUNT, PointsTable.SUM -> explicit || exponential || summary;
                    case PointsTable.MIN, PointsTable.MAX -> explicit || exponential;
                    case PointsTable.BUCKET_COUNT, PointsTable.EXPLICIT_BOUND -> explicit;
                    case PointsTable.QUANTILE, PointsTable.QUANTILE_VALUE -> summary;
                    default ->
                            id >= PointsTable.EXEMPLAR_TIME ? run.exemplars.size > 0 : exponential;
                };
        if (!present) {
            pages.absent(column, slice.size());
            return;
        }
        switch (id) {
            case PointsTable.COUNT -> counts(column, slice);
            case PointsTable.SUM -> reals(column, slice, run.sum, Histograms.HAS_SUM);
            case PointsTable.MIN -> reals(column, slice, run.min, Histograms.HAS_MIN);
            case PointsTable.MAX -> reals(column, slice, run.max, Histograms.HAS_MAX);
            case PointsTable.BUCKET_COUNT -> lists(column, slice, run.counts, RunRows.HISTOGRAM);
            case PointsTable.EXPLICIT_BOUND -> lists(column, slice, run.bounds, RunRows.HISTOGRAM);
            case PointsTable.POSITIVE_BUCKET_COUNT ->
                    lists(column, slice, run.positive, RunRows.EXPONENTIAL);
            case PointsTable.NEGATIVE_BUCKET_COUNT ->
                    lists(column, slice, run.negative, RunRows.EXPONENTIAL);
            case PointsTable.QUANTILE -> lists(column, slice, run.quantiles, RunRows.SUMMARY);
            case PointsTable.QUANTILE_VALUE ->
                    lists(column, slice, run.quantileValues, RunRows.SUMMARY);
            case PointsTable.SCALE,
                    PointsTable.ZERO_COUNT,
                    PointsTable.ZERO_THRESHOLD,
                    PointsTable.POSITIVE_OFFSET,
                    PointsTable.NEGATIVE_OFFSET ->
                    exponential(column, slice, id);
            default -> exemplars(column, slice, id);
        }
    }

    private void metric(ColumnDescriptor column, PointsSlice slice, Function<Metric, String> text)
            throws IOException {
        texts(column, slice, slice.metrics, slice.run.series.metrics(), text);
    }

    private void known(ColumnDescriptor column, PointsSlice slice, Function<WellKnown, String> text)
            throws IOException {
        texts(column, slice, slice.wellKnowns, slice.run.series.wellKnowns(), text);
    }

    private <T> void texts(
            ColumnDescriptor column,
            PointsSlice slice,
            PointsSlice.Numbers numbers,
            List<T> all,
            Function<T, String> text)
            throws IOException {
        var distinct = new DistinctTexts();
        int[] codeOfNumber = new int[numbers.numbers.length];
        for (int i = 0; i < codeOfNumber.length; i++) {
            codeOfNumber[i] = distinct.code(text.apply(all.get(numbers.numbers[i])));
        }
        int[] codeOfRun = codes(slice.runs);
        for (int i = 0; i < slice.runs; i++) {
            codeOfRun[i] = codeOfNumber[numbers.ofRun[i]];
        }
        texts(column, slice, distinct, codeOfRun);
    }

    private void attributes(ColumnDescriptor column, PointsSlice slice) throws IOException {
        var distinct = new DistinctTexts();
        int[] codeOfRun = codes(slice.runs);
        for (int i = 0; i < slice.runs; i++) {
            codeOfRun[i] = distinct.code(slice.run.series.at(slice.runSeries[i]).attributes());
        }
        texts(column, slice, distinct, codeOfRun);
    }

    private void plane(ColumnDescriptor column, PointsSlice slice) throws IOException {
        var distinct = new DistinctTexts();
        distinct.code(slice.plane);
        int[] codeOfRun = codes(slice.runs);
        Arrays.fill(codeOfRun, 0, slice.runs, 0);
        texts(column, slice, distinct, codeOfRun);
    }

    private void texts(
            ColumnDescriptor column, PointsSlice slice, DistinctTexts distinct, int[] codeOfRun)
            throws IOException {
        pages.texts(
                column,
                distinct.texts,
                codeOfRun,
                slice.runLengths,
                slice.runs,
                slice.size(),
                !NO_BOUNDS.contains(column.getPrimitiveType().getId().intValue()));
    }

    /// Numbers texts 0, 1, 2 … in order of first appearance.
    private static final class DistinctTexts {
        final List<Binary> texts = new ArrayList<>();
        private final Map<String, Integer> codes = new HashMap<>();
        private @Nullable String last;
        private int lastCode;

        int code(String text) {
            if (text != last) { // the same object: no need to look at its characters
                Integer known = codes.putIfAbsent(text, texts.size());
                if (known == null) {
                    known = texts.size();
                    texts.add(Binary.fromConstantByteArray(text.getBytes(StandardCharsets.UTF_8)));
                }
                lastCode = known;
                last = text;
            }
            return lastCode;
        }
    }

    private int[] codes(int size) {
        if (runCodes.length < size) {
            runCodes = new int[size * 2];
        }
        return runCodes;
    }

    private void monotonic(ColumnDescriptor column, PointsSlice slice) throws IOException {
        var values = new boolean[slice.runs];
        for (int i = 0; i < values.length; i++) {
            values[i] = slice.run.series.at(slice.runSeries[i]).metric().monotonic();
        }
        pages.booleans(column, values, slice.runLengths, slice.runs, slice.size());
    }

    private void seriesIds(ColumnDescriptor column, PointsSlice slice) throws IOException {
        leaf.begin(0, 0, slice.size());
        var bloom = new BlockSplitBloomFilter(bloomBytes(slice.runs), BLOOM_BYTES_MAX);
        int at = 0;
        for (int i = 0; i < slice.runs; i++) {
            long id = slice.run.series.at(slice.runSeries[i]).id();
            bloom.insertHash(bloom.hash(id));
            Arrays.fill(leaf.values, at, at + slice.runLengths[i], id);
            at += slice.runLengths[i];
        }
        leaf.size = at;
        leaf.entries = at;
        pages.numbers(column, leaf, slice.size(), true);
        file.addBloomFilter(String.join(".", column.getPath()), bloom);
    }

    static int bloomBytes(int values) {
        int bits = BlockSplitBloomFilter.optimalNumOfBits(values, BLOOM_FALSE_POSITIVES);
        return Math.min(BLOOM_BYTES_MAX, bits / 8);
    }

    private void writers(ColumnDescriptor column, PointsSlice slice) throws IOException {
        var distinct = new DistinctTexts();
        int[] codeOfSource = new int[slice.run.sources.size()];
        for (int i = 0; i < codeOfSource.length; i++) {
            codeOfSource[i] = distinct.code(slice.run.sources.get(i).src());
        }
        int[] codes = new int[64];
        int[] lengths = new int[64];
        int runs = 0;
        for (int i = 0; i < slice.size(); i++) {
            int code = codeOfSource[slice.at.source[i]];
            if (runs == 0 || codes[runs - 1] != code) {
                if (runs == codes.length) {
                    codes = Arrays.copyOf(codes, runs * 2);
                    lengths = Arrays.copyOf(lengths, runs * 2);
                }
                codes[runs++] = code;
                lengths[runs - 1] = 0;
            }
            lengths[runs - 1]++;
        }
        pages.texts(column, distinct.texts, codes, lengths, runs, slice.size(), true);
    }

    private void sequences(ColumnDescriptor column, PointsSlice slice) throws IOException {
        long[] seqOfSource = slice.run.sources.stream().mapToLong(RunRows.Source::seq).toArray();
        leaf.begin(0, 0, slice.size());
        int[] source = slice.at.source;
        for (int i = 0; i < slice.size(); i++) {
            leaf.required(seqOfSource[source[i]]);
        }
        pages.numbers(column, leaf, slice.size(), true);
    }

    private void times(ColumnDescriptor column, PointsSlice slice) throws IOException {
        leaf.begin(0, 0, slice.size());
        long[] time = slice.at.time;
        for (int i = 0; i < slice.size(); i++) {
            leaf.required(time[i] / MICRO);
        }
        pages.numbers(column, leaf, slice.size(), true);
    }

    private void timeNanos(ColumnDescriptor column, PointsSlice slice) throws IOException {
        leaf.begin(0, 0, slice.size());
        long[] time = slice.at.time;
        for (int i = 0; i < slice.size(); i++) {
            leaf.required(time[i] % MICRO);
        }
        pages.numbers(column, leaf, slice.size(), false);
    }

    private void starts(ColumnDescriptor column, PointsSlice slice, boolean nanos)
            throws IOException {
        leaf.begin(1, 0, slice.size());
        long[] starts = slice.at.start;
        for (int i = 0; i < slice.size(); i++) {
            long start = starts[i];
            if (start == 0) {
                leaf.absent();
            } else {
                leaf.present(nanos ? start % MICRO : start / MICRO);
            }
        }
        pages.numbers(column, leaf, slice.size(), false);
    }

    private void flags(ColumnDescriptor column, PointsSlice slice) throws IOException {
        leaf.begin(0, 0, slice.size());
        int[] flags = slice.at.flags;
        for (int i = 0; i < slice.size(); i++) {
            leaf.required(flags[i]);
        }
        pages.numbers(column, leaf, slice.size(), false);
    }

    private void values(ColumnDescriptor column, PointsSlice slice, byte form) throws IOException {
        if (slice.rowsOf(form) == 0) {
            pages.absent(column, slice.size());
            return;
        }
        leaf.begin(1, 0, slice.size());
        long[] bits = slice.at.bits;
        shaped(slice, one -> one == form, (from, to) -> leaf.present(bits, from, to));
        pages.numbers(column, leaf, slice.size(), false);
    }

    /// Writes rows `[from..to)` of a slice.
    private interface Rows {
        void write(int from, int to);
    }

    /// Hands the rows whose form has the column to `present`; the others have no value.
    private void shaped(PointsSlice slice, IntPredicate has, Rows present) {
        int from = 0;
        for (int run = 0; run < slice.formRuns; run++) {
            int to = from + slice.formLengths[run];
            if (has.test(slice.formOfRun[run])) {
                present.write(from, to);
            } else if (leaf.repeated) {
                leaf.nullLists(to - from);
            } else {
                leaf.absent(to - from);
            }
            from = to;
        }
    }

    private void counts(ColumnDescriptor column, PointsSlice slice) throws IOException {
        leaf.begin(1, 0, slice.size());
        long[] bits = slice.at.bits;
        long[] count = slice.run.count;
        shaped(
                slice,
                form -> form >= RunRows.HISTOGRAM,
                (from, to) -> {
                    for (int i = from; i < to; i++) {
                        leaf.present(count[(int) bits[i]]);
                    }
                });
        pages.numbers(column, leaf, slice.size(), false);
    }

    private void reals(ColumnDescriptor column, PointsSlice slice, double[] values, byte bit)
            throws IOException {
        leaf.begin(1, 0, slice.size());
        long[] bits = slice.at.bits;
        byte[] has = slice.run.has;
        shaped(
                slice,
                form -> form >= RunRows.HISTOGRAM,
                (from, to) -> {
                    for (int i = from; i < to; i++) {
                        int shape = (int) bits[i];
                        if ((has[shape] & bit) != 0) {
                            leaf.present(Double.doubleToRawLongBits(values[shape]));
                        } else {
                            leaf.absent();
                        }
                    }
                });
        pages.numbers(column, leaf, slice.size(), false);
    }

    private void exponential(ColumnDescriptor column, PointsSlice slice, int id)
            throws IOException {
        leaf.begin(1, 0, slice.size());
        RunRows run = slice.run;
        shaped(
                slice,
                form -> form == RunRows.EXPONENTIAL,
                (from, to) -> {
                    for (int i = from; i < to; i++) {
                        int shape = run.shapeRow[(int) slice.at.bits[i]];
                        leaf.present(exponential(run, shape, id));
                    }
                });
        pages.numbers(column, leaf, slice.size(), false);
    }

    private static long exponential(RunRows run, int shape, int id) {
        return switch (id) {
            case PointsTable.SCALE -> run.scale[shape];
            case PointsTable.ZERO_COUNT -> run.zeroCount[shape];
            case PointsTable.ZERO_THRESHOLD -> Double.doubleToRawLongBits(run.zeroThreshold[shape]);
            case PointsTable.POSITIVE_OFFSET -> run.positiveOffset[shape];
            default -> run.negativeOffset[shape];
        };
    }

    private void lists(ColumnDescriptor column, PointsSlice slice, LongLists lists, byte form)
            throws IOException {
        leaf.begin(2, 1, slice.size());
        long[] bits = slice.at.bits;
        int[] shapeRow = slice.run.shapeRow;
        shaped(
                slice,
                one -> one == form,
                (from, to) -> {
                    for (int i = from; i < to; i++) {
                        int shape = (int) bits[i];
                        list(lists, form == RunRows.HISTOGRAM ? shape : shapeRow[shape]);
                    }
                });
        pages.numbers(column, leaf, slice.size(), false);
    }

    private void list(LongLists lists, int row) {
        int from = lists.from(row);
        int to = lists.to(row);
        if (from == to) {
            leaf.level(true, 1);
        } else {
            leaf.list(lists.values(), from, to);
        }
    }

    private void exemplars(ColumnDescriptor column, PointsSlice slice, int id) throws IOException {
        RunExemplars exemplars = slice.run.exemplars;
        leaf.begin(column.getMaxDefinitionLevel(), 1, slice.size());
        for (int i = 0; i < slice.size(); i++) {
            int row = slice.row(i);
            int first = exemplars.first(row);
            if (first < 0) {
                leaf.level(true, 0);
                continue;
            }
            for (int at = first; at < exemplars.size && exemplars.row[at] == row; at++) {
                exemplar(exemplars, at, at == first, id);
            }
        }
        boolean text = id >= PointsTable.EXEMPLAR_TRACE_ID;
        if (text) {
            pages.texts(column, leaf, slice.size());
        } else {
            pages.numbers(column, leaf, slice.size(), false);
        }
    }

    private void exemplar(RunExemplars exemplars, int at, boolean first, int id) {
        long time = exemplars.time[at];
        switch (id) {
            case PointsTable.EXEMPLAR_TIME -> field(first, time != 0, time / MICRO);
            case PointsTable.EXEMPLAR_TIME_NANOS -> field(first, time != 0, time % MICRO);
            case PointsTable.EXEMPLAR_VALUE ->
                    field(first, exemplars.form[at] == Numbers.DOUBLE, exemplars.bits[at]);
            case PointsTable.EXEMPLAR_VALUE_INT ->
                    field(first, exemplars.form[at] == Numbers.INT, exemplars.bits[at]);
            case PointsTable.EXEMPLAR_TRACE_ID -> leaf.element(first, exemplars.traceId[at]);
            case PointsTable.EXEMPLAR_SPAN_ID -> leaf.element(first, exemplars.spanId[at]);
            case PointsTable.EXEMPLAR_ATTRIBUTES -> leaf.element(first, exemplars.attributes[at]);
            default -> throw new IllegalStateException("points has no column with id " + id);
        }
    }

    private void field(boolean first, boolean present, long value) {
        if (present) {
            leaf.element(first, value);
        } else {
            leaf.level(first, 2);
        }
    }
}
