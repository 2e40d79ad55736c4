package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import dev.firn.lake.compact.ManifestRewrite;
import dev.firn.lake.keep.Expiry;
import dev.firn.lake.keep.KeepMetrics;
import dev.firn.lake.keep.RetentionRules;
import dev.firn.model.Batch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/// Thirty days of points in a lake of its own on local disk, with fsync: written in so many
/// commits, compacted and expired on the way as `firn serve` does, and read. Prints how commits,
/// files and planning fare as the table grows, bytes a point by column, the rate and memory of
/// compaction, and how large the same points are in other forms. One thread does all.
///
/// ```
/// java -Xmx1g -cp 'bench/target/classes:bench/target/lib/*' dev.firn.lake.LakeScaleBench 100000000 10000
/// ```
///
/// Arguments: points in all, commits, minutes after which no more are written. Memory of compaction
/// is its garbage's, too: `-Xmx` bounds it.
public final class LakeScaleBench {
    private static final long DAYS = 30;
    private static final long DAY = 86_400_000_000_000L;
    private static final int EACH = 10; // points of a series in a commit
    private static final int COMPACT_EVERY = 40;
    private static final int EXPIRE_EVERY = 60;
    private static final int SNAPSHOTS_KEPT = 1_440;
    private static final long MEMORY_MAX = 128L << 20;

    /// Two hours ahead: snapshots must be an hour old to expire.
    private static final Clock LATER =
            new Clock() {
                @Override
                public long nanos() {
                    return Clock.system().nanos() + 7_200_000_000_000L;
                }

                @Override
                public long ticks() {
                    return Clock.system().ticks();
                }
            };

    private final int commits;
    private final long span; // nanoseconds of a commit's points
    private final ScalePoints points;
    private final Path folder = Files.createTempDirectory("firn-scale-bench");
    private final Random random = new Random(1);
    private final List<Long> commitNanos = new ArrayList<>();
    private final List<Long> commitMillis = new ArrayList<>();
    private long written;
    private long merged;
    private long mergeCpu;
    private long mergeHeap;
    private final long began = System.nanoTime();
    private final long until;

    private LakeScaleBench(long points, int commits, long minutes) throws IOException {
        this.commits = commits;
        this.until = began + minutes * 60_000_000_000L;
        this.span = DAYS * DAY / commits;
        this.points = new ScalePoints((int) Math.max(10, points / commits / EACH));
    }

    public static void main(String[] arguments) throws Exception {
        long points = arguments.length > 0 ? Long.parseLong(arguments[0]) : 100_000_000;
        int commits = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        long minutes = arguments.length > 2 ? Long.parseLong(arguments[2]) : 1_440;
        new LakeScaleBench(points, commits, minutes).run();
    }

    private void run() throws Exception {
        try (LakeCatalog catalog = LakeCatalog.sqlite(folder, new NioDisk());
                var others = new ScaleOthers(folder)) {
            catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
            var compaction =
                    new Compaction(
                            catalog,
                            new Compaction.Settings(128 << 20, MEMORY_MAX),
                            new CompactionMetrics(new OwnMetrics()),
                            new Backoff(random, 0, 0),
                            Clock.system(),
                            new RetentionRules(List.of()));
            var manifests = new ManifestRewrite(catalog, Duration.ofMinutes(30), 40);
            var expiry = new Expiry(catalog, LATER, random, new KeepMetrics(new OwnMetrics()));
            for (int i = 0; i < commits && System.nanoTime() - until < 0; i++) {
                Batch batch = points.batch(ScalePoints.EPOCH + i * span, EACH, span / EACH);
                if (i < Math.max(1, commits / 30)) { // a day
                    others.add(batch);
                }
                commit(catalog, batch, i);
                if ((i + 1) % COMPACT_EVERY == 0 || i + 1 == commits) {
                    compact(compaction);
                    manifests.run(LakePace.unlimited());
                }
                if ((i + 1) % EXPIRE_EVERY == 0 && i >= SNAPSHOTS_KEPT) {
                    expire(expiry, i);
                }
                if ((i + 1) % Math.max(1, commits / 10) == 0) {
                    report(catalog, i + 1);
                }
            }
            compact(compaction);
            System.out.printf("%,d points in %,d commits%n", written, commitNanos.size());
            System.out.printf(
                    "compaction: %,d rows, %.2f M rows/s of CPU, %.1f times each row; heap at most"
                            + " %d MiB (lake.compact.memory_max %d MiB, -Xmx %d MiB)%n",
                    merged,
                    merged * 1e3 / mergeCpu,
                    merged / (double) written,
                    mergeHeap >> 20,
                    MEMORY_MAX >> 20,
                    Runtime.getRuntime().maxMemory() >> 20);
            double bytes = columns(catalog);
            read(catalog);
            others.report(bytes);
        } finally {
            delete();
        }
    }

    private void commit(LakeCatalog catalog, Batch batch, int i) {
        PointsRun run = new Runs(Runs.Settings.DEFAULT, new OwnMetrics()).start();
        run.add(batch, "writer", i + 1);
        Table table = catalog.load(LakePaths.POINTS);
        List<DataFile> files = run.writePoints(table);
        long from = System.nanoTime();
        new LakeCommit(new Backoff(random, 0, 0), 1)
                .commit(table, "writer", i == 0 ? null : "at-" + i, "at-" + (i + 1), files);
        commitNanos.add(System.nanoTime() - from);
        commitMillis.add(System.currentTimeMillis());
        written += batch.size();
    }

    private void compact(Compaction compaction) throws InterruptedException {
        List<MemoryPoolMXBean> heap =
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                        .toList();
        heap.forEach(MemoryPoolMXBean::resetPeakUsage);
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (Compaction.Merge merge : compaction.run(Compaction.Scope.ALL, LakePace.unlimited())) {
            merged += merge.rows();
        }
        mergeCpu += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
        mergeHeap =
                Math.max(
                        mergeHeap,
                        heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum());
    }

    private void expire(Expiry expiry, int i) throws InterruptedException {
        long age = System.currentTimeMillis() - commitMillis.get(i - SNAPSHOTS_KEPT);
        expiry.run(
                LakePaths.POINTS, Duration.ofHours(2).plusMillis(age), false, LakePace.unlimited());
    }

    private void report(LakeCatalog catalog, int done) throws IOException {
        int last = Math.max(1, commits / 10);
        long[] nanos =
                commitNanos.subList(done - last, done).stream()
                        .mapToLong(Long::longValue)
                        .toArray();
        Arrays.sort(nanos);
        Table table = catalog.load(LakePaths.POINTS);
        long micros = (ScalePoints.EPOCH + done / 2 * span) / 1_000;
        Expression hour =
                Expressions.and(
                        Expressions.greaterThanOrEqual("time", micros),
                        Expressions.lessThan("time", micros + 3_600_000_000L));
        long best = Long.MAX_VALUE;
        long opened = 0;
        for (int round = 0; round < 5; round++) {
            long from = System.nanoTime();
            try (CloseableIterable<FileScanTask> tasks =
                    catalog.load(LakePaths.POINTS).newScan().filter(hour).planFiles()) {
                opened = count(tasks);
            }
            best = Math.min(best, System.nanoTime() - from);
        }
        System.out.printf(
                "%,6d commits: %,11d points, %5d files, %3d manifests, %4d snapshots; commit median"
                        + " %.0f ms, 95 %% %.0f ms; an hour planned in %.0f ms (%d files); %.0f s%n",
                done,
                written,
                files(catalog).size(),
                table.currentSnapshot().dataManifests(table.io()).size(),
                count(table.snapshots()),
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 95 / 100] / 1e6,
                best / 1e6,
                opened,
                (System.nanoTime() - began) / 1e9);
    }

    private static long count(Iterable<?> all) {
        long count = 0;
        for (var _ : all) {
            count++;
        }
        return count;
    }

    /// Prints bytes a point by column.
    ///
    /// @return of all of the files
    private double columns(LakeCatalog catalog) throws IOException {
        Table table = catalog.load(LakePaths.POINTS);
        List<DataFile> files = files(catalog);
        var bytes = new TreeMap<String, Long>();
        for (DataFile file : files) {
            var input =
                    new ParquetInput(
                            table.io().newInputFile(file.location()), file.fileSizeInBytes(), null);
            try (var reader =
                    ParquetFileReader.open(
                            input,
                            ParquetReadOptions.builder(new PlainParquetConfiguration()).build())) {
                reader.getFooter().getBlocks().stream()
                        .flatMap(block -> block.getColumns().stream())
                        .forEach((ColumnChunkMetaData chunk) ->
                                bytes.merge(
                                        chunk.getPath().toDotString(),
                                        chunk.getTotalSize(),
                                        Long::sum));
            }
        }
        long all = files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        System.out.printf(
                "%d files, %,d bytes, %.2f a point:%n", files.size(), all, all / (double) written);
        long chunks = bytes.values().stream().mapToLong(Long::longValue).sum();
        bytes.put("(footers, indexes, bloom filters)", all - chunks);
        bytes.entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
                .forEach(one ->
                        System.out.printf(
                                "  %-38s %8.4f%n",
                                one.getKey(), one.getValue() / (double) written));
        return all / (double) written;
    }

    /// All values, by Iceberg's own reader.
    private void read(LakeCatalog catalog) throws IOException {
        Table table = catalog.load(LakePaths.POINTS);
        var columns = table.schema().select("value", "value_int", "sum");
        long rows = 0;
        double sum = 0;
        long from = System.nanoTime();
        for (DataFile file : files(catalog)) {
            try (CloseableIterable<Record> read =
                    Parquet.read(table.io().newInputFile(file.location()))
                            .project(columns)
                            .createReaderFunc(
                                    schema -> GenericParquetReaders.buildReader(columns, schema))
                            .build()) {
                for (Record row : read) {
                    rows++;
                    sum += row.getField("value") instanceof Double value ? value : 0;
                }
            }
        }
        System.out.printf(
                "read: %,d rows (%s), sum of value %.2f, %.2f M rows/s by Iceberg's generic"
                        + " reader%n",
                rows,
                rows == written ? "all" : "NOT all",
                sum,
                rows * 1e3 / (System.nanoTime() - from));
    }

    private static List<DataFile> files(LakeCatalog catalog) throws IOException {
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks =
                catalog.load(LakePaths.POINTS).newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        }
        return files;
    }

    private void delete() throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
