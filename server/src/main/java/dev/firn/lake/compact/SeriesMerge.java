package dev.firn.lake.compact;

import dev.firn.base.WorldException;
import dev.firn.lake.Discard;
import dev.firn.lake.LakePace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/// Merges files of table `series`, through Iceberg's record reader and writer: a series comes once,
/// its points for months. Of the rows of one (fingerprint, revision), which each restart of a
/// writer repeats, it keeps the one with the highest (`src`, `seq`), as readers do.
final class SeriesMerge implements FileMerge {
    private static final int STEP_ROWS = 500;

    /// A row in memory, with its maps, when a file has to be sorted.
    private static final int ROW_BYTES = 8_192;

    private record Key(ByteBuffer fingerprint, long revision) {}

    private static final class Cursor implements AutoCloseable {
        final DataFile file;
        private final CloseableIterator<Record> rows;
        Record row;
        private byte[] name = new byte[0];
        private long series = Long.MIN_VALUE;
        private long number = -1;

        Cursor(Table table, DataFile file) {
            this.file = file;
            rows = rows(table, file).iterator();
            row = rows.next();
            key();
        }

        /// Goes to the next row; false after the last.
        boolean next() {
            if (!rows.hasNext()) {
                return false;
            }
            row = rows.next();
            key();
            return true;
        }

        private void key() {
            byte[] nextName =
                    ((String) row.getField("metric_name")).getBytes(StandardCharsets.UTF_8);
            long nextSeries = (Long) row.getField("series_id");
            int order = Arrays.compareUnsigned(name, nextName);
            number++;
            if (order > 0 || order == 0 && series > nextSeries) {
                throw new UnsortedFile(file, number);
            }
            name = nextName;
            series = nextSeries;
        }

        boolean sameSeries(byte[] otherName, long otherSeries) {
            return series == otherSeries && Arrays.equals(name, otherName);
        }

        @Override
        public void close() {
            try {
                rows.close();
            } catch (IOException e) {
                throw SourceFile.unreadable(file, e);
            }
        }
    }

    private static final Comparator<Cursor> BY_KEY =
            Comparator.<Cursor, byte[]>comparing(cursor -> cursor.name, Arrays::compareUnsigned)
                    .thenComparingLong(cursor -> cursor.series);

    private final long targetBytes;
    private final long memoryMax;

    SeriesMerge(long targetBytes, long memoryMax) {
        this.targetBytes = targetBytes;
        this.memoryMax = memoryMax;
    }

    private static CloseableIterable<Record> rows(Table table, DataFile file) {
        return Parquet.read(table.io().newInputFile(file.location()))
                .project(table.schema())
                .createReaderFunc(
                        schema -> GenericParquetReaders.buildReader(table.schema(), schema))
                .build();
    }

    @Override
    public List<DataFile> merge(Table table, CompactionPlan.Group group, LakePace pace)
            throws InterruptedException {
        var output = new Output(table, pace);
        boolean done = false;
        try {
            if (group.sort()) {
                sort(table, group.files().getFirst(), output);
            } else {
                merge(table, group.files(), output);
            }
            output.close();
            done = true;
            return output.files;
        } catch (IOException e) {
            throw new WorldException(
                    "cannot write lake table " + table.name() + ": " + e.getMessage(), e);
        } finally {
            if (!done) {
                output.discard();
            }
        }
    }

    private static void merge(Table table, List<DataFile> files, Output output)
            throws IOException, InterruptedException {
        var queue = new PriorityQueue<>(BY_KEY);
        var opened = new ArrayList<Cursor>();
        try {
            for (DataFile file : files) {
                if (file.recordCount() > 0) {
                    var cursor = new Cursor(table, file);
                    opened.add(cursor);
                    queue.add(cursor);
                }
            }
            while (!queue.isEmpty()) {
                oneSeries(queue, output);
            }
        } finally {
            opened.forEach(Cursor::close);
        }
    }

    /// Rows of one (metric name, series id): one fingerprint unless ids collide.
    private static void oneSeries(PriorityQueue<Cursor> queue, Output output)
            throws IOException, InterruptedException {
        byte[] name = queue.element().name;
        long series = queue.element().series;
        Map<Key, Record> kept = new LinkedHashMap<>();
        while (!queue.isEmpty() && queue.element().sameSeries(name, series)) {
            Cursor least = queue.remove();
            keep(least.row, kept);
            if (least.next()) {
                queue.add(least);
            }
        }
        for (Record row : kept.values()) {
            output.add(row);
        }
    }

    private static void keep(Record row, Map<Key, Record> kept) {
        kept.merge(
                new Key(fingerprint(row), (Long) row.getField("revision")),
                row,
                (a, b) -> BY_SOURCE.compare(a, b) >= 0 ? a : b);
    }

    private static final Comparator<Record> BY_SOURCE =
            Comparator.<Record, String>comparing(row -> (String) row.getField("src"))
                    .thenComparing(row -> (Long) row.getField("seq"));

    private static ByteBuffer fingerprint(Record row) {
        Object print = row.getField("fingerprint");
        return print instanceof ByteBuffer buffer ? buffer : ByteBuffer.wrap((byte[]) print);
    }

    private void sort(Table table, DataFile file, Output output)
            throws IOException, InterruptedException {
        if (file.recordCount() * ROW_BYTES > memoryMax) {
            throw new WorldException(
                    "cannot sort lake file \""
                            + file.location()
                            + "\": its "
                            + file.recordCount()
                            + " rows do not fit into lake.compact.memory_max; raise it");
        }
        var all = new ArrayList<Record>();
        try (CloseableIterable<Record> rows = rows(table, file)) {
            rows.forEach(all::add);
        }
        all.sort(
                Comparator.<Record, byte[]>comparing(
                                row ->
                                        ((String) row.getField("metric_name"))
                                                .getBytes(StandardCharsets.UTF_8),
                                Arrays::compareUnsigned)
                        .thenComparing(row -> (Long) row.getField("series_id")));
        Map<Key, Record> kept = new LinkedHashMap<>();
        all.forEach(row -> keep(row, kept));
        for (Record row : kept.values()) {
            output.add(row);
        }
    }

    /// Files of the target size, one open at a time.
    private final class Output {
        private final Table table;
        private final LakePace pace;
        final List<DataFile> files = new ArrayList<>();
        private @Nullable DataWriter<Record> writer;
        private String location = "";
        private long rows;
        private long bytes;

        Output(Table table, LakePace pace) {
            this.table = table;
            this.pace = pace;
        }

        void add(Record row) throws IOException, InterruptedException {
            DataWriter<Record> open = writer;
            if (open == null) {
                open = open();
                writer = open;
                bytes = 0;
            }
            open.write(row);
            if (++rows % STEP_ROWS == 0) {
                pace.step(2 * (open.length() - bytes)); // as much was read
                bytes = open.length();
                if (bytes >= targetBytes) {
                    close();
                }
            }
        }

        private DataWriter<Record> open() throws IOException {
            OutputFile output =
                    table.io()
                            .newOutputFile(
                                    table.locationProvider()
                                            .newDataLocation(UUID.randomUUID() + ".parquet"));
            location = output.location();
            return Parquet.writeData(output)
                    .forTable(table)
                    .schema(table.schema())
                    .withSpec(table.spec())
                    .withSortOrder(table.sortOrder())
                    .createWriterFunc(GenericParquetWriter::create)
                    .build();
        }

        void close() throws IOException {
            DataWriter<Record> open = writer;
            if (open != null) {
                open.close();
                files.add(open.toDataFile());
                writer = null;
            }
        }

        void discard() {
            DataWriter<Record> open = writer;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException | RuntimeException e) {
                    // the failure that led here is the one to report
                }
                Discard.file(table, location);
            }
            files.forEach(file -> Discard.file(table, file.location()));
        }
    }
}
