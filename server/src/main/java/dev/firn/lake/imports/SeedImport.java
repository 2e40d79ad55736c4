package dev.firn.lake.imports;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeCommit;
import dev.firn.lake.LakePaths;
import dev.firn.lake.PointsRun;
import dev.firn.lake.Runs;
import dev.firn.model.Batch;
import dev.firn.model.Position;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/// Imports folders of Parquet files. The files of one folder are a unit: they are a writer of their
/// own (`import-<digest of their contents>`), whose chain of positions counts the parts that are in
/// the lake. A part enters with its position in one commit, so that an import that was killed goes
/// on where it stopped, and one that is run again finds everything done.
public final class SeedImport {
    /// Rows of one part; its memory is some 100 bytes a row.
    static final int PART_ROWS = 1_000_000;

    private static final int BATCH_ROWS = 10_000;
    private static final long SERIES_MAX = 10_000_000;

    /// What an import comes to.
    ///
    /// @param rows that became points
    /// @param leftOut rows without time, name or value
    /// @param before points that stood in the lake from an earlier import of the same files
    public record Outcome(long files, long rows, long leftOut, long before) {}

    /// Files of one folder.
    ///
    /// @param rows in all files, by their footers
    public record Unit(Path folder, List<Path> files, long rows) {}

    private final LakeCatalog catalog;
    private final PointsRun.Factory runs;
    private final LakeCommit commit;
    private final int partRows;
    private final Consumer<String> progress;

    private long rows;
    private long leftOut;
    private long before;

    /// @param planesMax `lake.partition_planes_max`
    /// @param progress gets a line after each part
    public SeedImport(LakeCatalog catalog, int planesMax, Consumer<String> progress) {
        this(catalog, planesMax, progress, PART_ROWS);
    }

    SeedImport(LakeCatalog catalog, int planesMax, Consumer<String> progress, int partRows) {
        Runs.Settings defaults = Runs.Settings.DEFAULT;
        this.catalog = catalog;
        this.runs =
                new Runs(
                        new Runs.Settings(
                                planesMax, defaults.fileBytesMax(), defaults.seriesWrittenMax()),
                        new OwnMetrics());
        this.commit =
                new LakeCommit(
                        new Backoff(new SplittableRandom(), 50, 2_000), LakeCommit.ATTEMPTS_MAX);
        this.partRows = partRows;
        this.progress = progress;
    }

    /// What is there to import, in the order of its names; every footer is read and checked.
    ///
    /// @param from a folder, or one file
    public static List<Unit> plan(Path from) {
        if (!Files.exists(from)) {
            throw new InputException("cannot import \"" + from + "\": there is no such folder");
        }
        var folders = new TreeMap<Path, List<Path>>();
        try (Stream<Path> all = Files.walk(from)) {
            all.filter(file -> file.toString().endsWith(".parquet") && Files.isRegularFile(file))
                    .sorted()
                    .forEach(file ->
                            folders.computeIfAbsent(
                                            file.toAbsolutePath().getParent(),
                                            folder -> new ArrayList<>())
                                    .add(file));
        } catch (IOException e) {
            throw new WorldException("cannot list \"" + from + "\": " + e.getMessage(), e);
        }
        if (folders.isEmpty()) {
            throw new InputException(
                    "cannot import \""
                            + from
                            + "\": it has no *.parquet files; name the folder above year=… or the"
                            + " years");
        }
        var units = new ArrayList<Unit>();
        folders.forEach((folder, files) ->
                units.add(
                        new Unit(
                                folder,
                                List.copyOf(files),
                                files.stream().mapToLong(SeedColumns::rows).sum())));
        return units;
    }

    /// Imports all units; call it again after an exception, and it goes on.
    public Outcome run(List<Unit> units) {
        long files = 0;
        for (Unit unit : units) {
            take(unit);
            files += unit.files().size();
        }
        return new Outcome(files, rows, leftOut, before);
    }

    private void take(Unit unit) {
        String digest = FilesDigest.of(unit.files());
        String writer = "import-" + digest.substring(0, 16);
        long chain = Long.parseUnsignedLong(digest.substring(16, 32), 16);
        Table series = catalog.load(LakePaths.SERIES);
        Table points = catalog.load(LakePaths.POINTS);
        long done = Math.min(done(series, writer, chain), done(points, writer, chain));
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), SERIES_MAX);
        try (var in = new SeedRows(unit.files(), registry)) {
            for (long part = 1; part <= done; part++) {
                before += in.read(null, partRows);
            }
            for (long part = done + 1; ; part++) {
                PointsRun run = runs.start();
                long read = gather(in, run, writer, part);
                if (read == 0) {
                    break;
                }
                refuseTooMany(registry, unit);
                if (done(series, writer, chain) < part) {
                    commit(series, writer, part, chain, run.writeSeries(series));
                }
                if (done(points, writer, chain) < part) {
                    commit(points, writer, part, chain, run.writePoints(points));
                }
                run.seriesCommitted();
                rows += run.points();
                progress.accept(
                        rows + " points imported, " + unit.rows() + " rows in " + unit.folder());
            }
            leftOut += in.leftOut();
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read a file of \"" + unit.folder() + "\": " + e.getMessage(), e);
        }
    }

    private long gather(SeedRows in, PointsRun run, String writer, long part) throws IOException {
        var batch = new Batch();
        long read = 0;
        while (read < partRows) {
            long more = in.read(batch, Math.min(BATCH_ROWS, partRows - read));
            if (more == 0) {
                break;
            }
            run.add(batch, writer, part);
            batch.clear();
            read += more;
        }
        return read;
    }

    private static void refuseTooMany(SeriesRegistry registry, Unit unit) {
        if (registry.size() >= SERIES_MAX) {
            throw new InputException(
                    "cannot import \""
                            + unit.folder()
                            + "\": it has more than "
                            + SERIES_MAX
                            + " series; import its files in smaller folders");
        }
    }

    private void commit(Table table, String writer, long part, long chain, List<DataFile> files) {
        String previous = part == 1 ? null : position(chain, part - 1);
        commit.commit(table, writer, previous, position(chain, part), files);
        catalog.refreshCurrentMetadata(table);
    }

    private static String position(long chain, long part) {
        return new Position(0, part, chain).toString();
    }

    private static long done(Table table, String writer, long chain) {
        String stored = table.properties().get(LakePaths.writerProperty(writer));
        if (stored == null) {
            return 0;
        }
        Position position = Position.parse(stored);
        if (position.digest() != chain) {
            throw new WorldException(
                    "cannot import as \""
                            + writer
                            + "\": table "
                            + table.name()
                            + " has a position of other files under that name",
                    null);
        }
        return position.sequence();
    }
}
