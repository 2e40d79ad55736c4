package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.model.LakeHistory;
import dev.firn.model.Position;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.StoredBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Table `points` as an engine takes it in. Reads the columns of data files itself, row group by
/// row group: memory is one row group and one batch for each writer. One thread.
public final class LakePoints implements LakeHistory {
    private static final Logger LOG = LoggerFactory.getLogger(LakePoints.class);
    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final int TAG_ATTEMPTS_MAX = 5;

    /// Points of a batch, and so of an engine's block.
    private static final int BATCH_POINTS = 200_000;

    private final LakeCatalog catalog;
    private final long keepMillis;
    private final SeriesBook series;
    private @Nullable Table loaded;

    /// @param keepMillis age of a kept snapshot at which it may go all the same
    ///   (`engine.follow_age_max`)
    public LakePoints(LakeCatalog catalog, long keepMillis, SeriesIdentity identity, Clock clock) {
        this.catalog = catalog;
        this.keepMillis = keepMillis;
        this.series = new SeriesBook(identity, clock);
    }

    private Table table() {
        Table known = loaded;
        if (known == null) {
            known = catalog.load(LakePaths.POINTS);
            loaded = known;
        }
        return known;
    }

    @Override
    public State newest() {
        Table table = table();
        table.refresh();
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null
                ? new State(0, 0, new TreeMap<>())
                : new State(
                        snapshot.snapshotId(),
                        snapshot.timestampMillis(),
                        positions(table.properties()));
    }

    private static SortedMap<String, Long> positions(Map<String, String> properties) {
        var positions = new TreeMap<String, Long>();
        properties.forEach((key, value) -> {
            if (key.startsWith(LakePaths.WRITER_PROPERTY)) {
                positions.put(
                        key.substring(LakePaths.WRITER_PROPERTY.length()),
                        Position.parse(value).sequence());
            }
        });
        return positions;
    }

    @Override
    public boolean has(long snapshot) {
        Table table = table();
        table.refresh();
        return table.snapshot(snapshot) != null;
    }

    // ---- changes

    @Override
    public boolean lostRowsSince(long snapshot) {
        Table table = table();
        table.refresh();
        List<Snapshot> way = table.snapshot(snapshot) == null ? null : way(table, snapshot);
        return way == null
                || way.stream()
                        .anyMatch(one ->
                                !one.operation().equals(DataOperations.APPEND)
                                        && !one.operation().equals(DataOperations.REPLACE));
    }

    @Override
    public @Nullable List<Change> changes(long since) {
        Table table = table();
        table.refresh();
        List<Snapshot> way = way(table, since);
        return way == null ? null : way.stream().map(snapshot -> change(table, snapshot)).toList();
    }

    /// Snapshots after one, oldest first; null if some of them have expired.
    private static @Nullable List<Snapshot> way(Table table, long since) {
        var way = new ArrayList<Snapshot>();
        Snapshot at = table.currentSnapshot();
        while (at != null && at.snapshotId() != since) {
            way.add(at);
            at = at.parentId() == null ? null : table.snapshot(at.parentId());
        }
        if (at == null && (since != 0 || !way.isEmpty() && way.getLast().parentId() != null)) {
            return null;
        }
        Collections.reverse(way);
        return way;
    }

    private static Change change(Table table, Snapshot snapshot) {
        SnapshotChanges changes = SnapshotChanges.builderFor(table).snapshot(snapshot).build();
        return switch (snapshot.operation()) {
            case DataOperations.APPEND -> appended(snapshot, changes.addedDataFiles());
            case DataOperations.REPLACE ->
                    new Change.Rewritten(snapshot.snapshotId(), snapshot.timestampMillis());
            default -> replaced(snapshot, changes);
        };
    }

    private static Change appended(Snapshot snapshot, Iterable<DataFile> added) {
        String src = "";
        long from = Long.MAX_VALUE;
        long to = 0;
        for (DataFile file : added) {
            Bounds bounds = Bounds.of(file);
            boolean another = to > 0 && !src.equals(bounds.srcFrom);
            if (another || !bounds.srcFrom.equals(bounds.srcTo) || bounds.seqFrom <= 0) {
                return new Change.Replaced(
                        snapshot.snapshotId(),
                        snapshot.timestampMillis(),
                        days(added),
                        Collections.emptySortedMap());
            }
            src = bounds.srcFrom;
            from = Math.min(from, bounds.seqFrom);
            to = Math.max(to, bounds.seqTo);
        }
        return to == 0
                ? new Change.Rewritten(snapshot.snapshotId(), snapshot.timestampMillis())
                : new Change.Appended(
                        snapshot.snapshotId(),
                        snapshot.timestampMillis(),
                        src,
                        from,
                        to,
                        days(added));
    }

    private static Change replaced(Snapshot snapshot, SnapshotChanges changes) {
        TreeSet<Long> days = days(changes.addedDataFiles());
        days.addAll(days(changes.removedDataFiles()));
        days.addAll(days(changes.addedDeleteFiles()));
        days.addAll(days(changes.removedDeleteFiles()));
        return new Change.Replaced(
                snapshot.snapshotId(),
                snapshot.timestampMillis(),
                days,
                Collections.emptySortedMap());
    }

    private static TreeSet<Long> days(Iterable<? extends ContentFile<?>> files) {
        var days = new TreeSet<Long>();
        files.forEach(file -> days.add(day(file)));
        return days;
    }

    /// The first field of Firn's partitions; changing it would be a new format of the table.
    private static long day(ContentFile<?> file) {
        Integer day = file.partition().get(0, Integer.class);
        return Objects.requireNonNull(day, "a data file of points is of one day");
    }

    /// What a file says about its rows' writers and cuts; a file that says nothing may have all.
    private record Bounds(String srcFrom, String srcTo, long seqFrom, long seqTo) {
        static Bounds of(ContentFile<?> file) {
            return new Bounds(
                    text(file.lowerBounds(), ""),
                    text(file.upperBounds(), "\uffff"),
                    number(file.lowerBounds(), 0),
                    number(file.upperBounds(), Long.MAX_VALUE));
        }

        private static String text(@Nullable Map<Integer, ByteBuffer> bounds, String otherwise) {
            ByteBuffer bound = bounds == null ? null : bounds.get(PointsTable.SRC);
            return bound == null
                    ? otherwise
                    : Conversions.fromByteBuffer(Types.StringType.get(), bound).toString();
        }

        private static long number(@Nullable Map<Integer, ByteBuffer> bounds, long otherwise) {
            ByteBuffer bound = bounds == null ? null : bounds.get(PointsTable.SEQ);
            return bound == null
                    ? otherwise
                    : (Long) Conversions.fromByteBuffer(Types.LongType.get(), bound);
        }

        boolean mayHave(String src, long after, long upTo) {
            boolean writer =
                    src.equals(ANY) || srcFrom.compareTo(src) <= 0 && src.compareTo(srcTo) <= 0;
            return writer && seqTo > after && seqFrom <= upTo;
        }
    }

    // ---- rows

    @Override
    public SortedMap<Long, Long> days(long snapshot, String src, long after, long upTo) {
        var days = new TreeMap<Long, Long>();
        forEachFile(
                snapshot,
                file -> {
                    if (Bounds.of(file).mayHave(src, after, upTo)) {
                        days.merge(day(file), file.recordCount(), Long::sum);
                    }
                });
        return days;
    }

    private void forEachFile(long snapshot, Consumer<DataFile> each) {
        if (snapshot == 0) {
            return;
        }
        Table table = table();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().useSnapshot(snapshot).includeColumnStats().planFiles()) {
            for (FileScanTask task : tasks) {
                if (!task.deletes().isEmpty()) {
                    throw new WorldException(
                            "cannot read lake file \""
                                    + task.file().location()
                                    + "\": another tool has put delete files beside it, which Firn"
                                    + " does not apply; have that tool rewrite the data files");
                }
                each.accept(task.file());
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot plan the lake table " + table.name() + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new WorldException(
                    "cannot read snapshot " + snapshot + " of the lake: " + e.getMessage(), e);
        }
    }

    @Override
    public void read(Part part, Taker each) throws InterruptedException {
        Table table = table();
        table.refresh();
        var files = new ArrayList<DataFile>();
        Long day = part.day();
        if (day == null) {
            Snapshot snapshot = table.snapshot(part.snapshot());
            if (snapshot == null) {
                throw new WorldException(
                        "cannot read snapshot " + part.snapshot() + " of the lake: it has expired");
            }
            SnapshotChanges.builderFor(table)
                    .snapshot(snapshot)
                    .build()
                    .addedDataFiles()
                    .forEach(files::add);
        } else {
            forEachFile(
                    part.snapshot(),
                    file -> {
                        boolean rows =
                                Bounds.of(file).mayHave(part.src(), part.after(), part.upTo());
                        if (rows && day(file) == day) {
                            files.add(file);
                        }
                    });
        }
        if (!files.isEmpty()) {
            series.refresh(catalog.load(LakePaths.SERIES)); // committed before its points
        }
        var batches = new HashMap<String, StoredBatch>();
        for (DataFile file : files) {
            read(table, file, part, batches, each);
        }
        for (StoredBatch batch : batches.values()) {
            hand(batch, each);
        }
    }

    private static void hand(StoredBatch batch, Taker each) throws InterruptedException {
        if (batch.batch.size() > 0) {
            each.take(batch);
            batch.batch.clear();
        }
    }

    private void read(
            Table table, DataFile file, Part part, Map<String, StoredBatch> batches, Taker each)
            throws InterruptedException {
        var input = ParquetInput.of(table.io().newInputFile(file.location()));
        var options = ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        try (ParquetFileReader reader = ParquetFileReader.open(input, options)) {
            MessageType schema = reader.getFileMetaData().getSchema();
            String createdBy = reader.getFileMetaData().getCreatedBy();
            reader.setRequestedSchema(schema);
            for (PageReadStore pages = reader.readNextRowGroup();
                    pages != null;
                    pages = reader.readNextRowGroup()) {
                add(new PointsChunk(pages, schema, createdBy), part, batches, each);
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read lake file \"" + file.location() + "\": " + e.getMessage(), e);
        }
    }

    private void add(PointsChunk chunk, Part part, Map<String, StoredBatch> batches, Taker each)
            throws InterruptedException {
        var rows = new PointsRows(chunk);
        SeriesBook.@Nullable RowIdentity identity = null;
        for (int row = 0; row < chunk.rows; row++) {
            if (!wanted(rows, row, part)) {
                continue;
            }
            long id = rows.seriesId.at(row);
            if (identity == null && series.collides(id)) {
                identity = new SeriesBook.RowIdentity(chunk);
            }
            Series one =
                    identity != null && series.collides(id)
                            ? series.find(id, identity, row)
                            : series.find(id);
            if (one == null) {
                throw new WorldException(
                        "cannot read points of series "
                                + id
                                + " of the lake yet: table series does not have it");
            }
            StoredBatch batch = batches.computeIfAbsent(rows.src.at(row), StoredBatch::new);
            rows.add(row, one, batch);
            if (batch.batch.size() >= BATCH_POINTS) {
                hand(batch, each);
            }
        }
    }

    private static boolean wanted(PointsRows rows, int row, Part part) {
        long seq = rows.seq.at(row);
        Long day = part.day();
        return seq > part.after()
                && seq <= part.upTo()
                && (part.src().equals(ANY) || part.src().equals(rows.src.at(row)))
                && (day == null || Math.floorDiv(rows.time(row), DAY_NANOS) == day);
    }

    // ---- keeping snapshots

    @Override
    public void keep(String name, long snapshot) {
        if (snapshot != 0) {
            tag(
                    name,
                    base -> {
                        SnapshotRef ref = base.refs().get(name);
                        boolean there = ref != null && ref.snapshotId() == snapshot;
                        if (there || base.snapshot(snapshot) == null) {
                            return null;
                        }
                        return TableMetadata.buildFrom(base)
                                .setRef(
                                        name,
                                        SnapshotRef.tagBuilder(snapshot)
                                                .maxRefAgeMs(keepMillis)
                                                .build())
                                .build();
                    });
        }
    }

    @Override
    public void letGo(String name) {
        tag(
                name,
                base ->
                        base.refs().containsKey(name)
                                ? TableMetadata.buildFrom(base).removeRef(name).build()
                                : null);
    }

    private interface Refs {
        @Nullable TableMetadata next(TableMetadata base);
    }

    /// A tag makes the way back shorter, no more: without it days are compared and read again.
    private void tag(String name, Refs change) {
        Table table = catalog.load(LakePaths.POINTS);
        for (int attempt = 1; ; attempt++) {
            try {
                if (LakeSwap.once(table, (same, base) -> change.next(base))) {
                    catalog.refreshCurrentMetadata(table);
                }
                return;
            } catch (RuntimeException e) {
                if (attempt == TAG_ATTEMPTS_MAX) {
                    LOG.warn("cannot change tag \"{}\" of the lake: {}", name, e.toString());
                    return;
                }
            }
        }
    }
}
