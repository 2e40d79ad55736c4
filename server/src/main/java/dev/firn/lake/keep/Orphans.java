package dev.firn.lake.keep;

import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds and removes files below a table's location that no metadata of the table reaches: what
/// lost races, failed commits and kills left behind.
///
/// Safe against writers by order and by age: files are listed first and the metadata read after,
/// and only files older than an age count, which is longer than any file waits for its commit (the
/// sink writes files anew that wait for half an hour). The age is by the storage's clock, not this
/// machine's: a file is written, and its time is "now".
public final class Orphans {
    /// Files younger than this are never touched.
    public static final Duration AGE_MIN = Duration.ofHours(1);

    /// Locations named in a report.
    private static final int NAMED_MAX = 1_000;

    /// One orphan.
    public record Orphan(String location, long bytes, long ageSeconds) {}

    /// What was found in one table.
    ///
    /// @param files listed below the table's location
    /// @param orphans of them, removed or to be removed
    /// @param named the first thousand of the orphans
    public record Report(String table, long files, long orphans, long bytes, List<Orphan> named) {
        public Report {
            named = List.copyOf(named);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private final LakeCatalog catalog;
    private final KeepMetrics metrics;

    public Orphans(LakeCatalog catalog, KeepMetrics metrics) {
        this.catalog = catalog;
        this.metrics = metrics;
    }

    /// All tables.
    ///
    /// @param age that a file must have; an hour at least
    /// @param dry removes nothing
    public List<Report> run(Duration age, boolean dry, LakePace pace) throws InterruptedException {
        var reports = new ArrayList<Report>();
        for (String name : catalog.tables()) {
            reports.add(run(name, age, dry, pace));
        }
        return reports;
    }

    /// One table.
    ///
    /// @throws WorldException when its storage cannot list files, or lists under other names than
    ///   the metadata has
    public Report run(String name, Duration age, boolean dry, LakePace pace)
            throws InterruptedException {
        Table table = catalog.load(name);
        if (!(table.io() instanceof SupportsPrefixOperations storage)) {
            throw new WorldException(
                    "cannot look for orphans of lake table \""
                            + table.name()
                            + "\": its storage ("
                            + table.io().getClass().getSimpleName()
                            + ") cannot list files");
        }
        long now = now(table, storage);
        long ageMillis = Math.max(age.toMillis(), AGE_MIN.toMillis());
        var old = new ArrayList<FileInfo>();
        var listed = new LocationSet();
        for (FileInfo file : storage.listPrefix(folder(table.location()))) {
            listed.add(file.location());
            if (now - file.createdAtMillis() > ageMillis && mayBeOrphan(table, file.location())) {
                old.add(file);
            }
            pace.step(0);
        }
        LocationSet reached = reached(table, listed, pace);
        old.removeIf(file -> reached.contains(file.location()));
        return remove(name, table, listed.size(), old, now, dry, pace);
    }

    private static String folder(String location) {
        return location.endsWith("/") ? location : location + "/";
    }

    /// The storage's time, by a file made for it.
    private static long now(Table table, SupportsPrefixOperations storage) {
        String location =
                folder(table.location()) + "metadata/firn-clock-" + UUID.randomUUID() + ".probe";
        OutputFile probe = storage.newOutputFile(location);
        try {
            probe.create().close();
            for (FileInfo file :
                    storage.listPrefix(location.substring(0, location.lastIndexOf('/')))) {
                if (LocationSet.plain(file.location()).equals(LocationSet.plain(location))) {
                    return file.createdAtMillis();
                }
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot look for orphans of lake table \""
                            + table.name()
                            + "\": cannot write \""
                            + location
                            + "\": "
                            + e.getMessage(),
                    e);
        } finally {
            storage.deleteFile(location);
        }
        throw new WorldException(
                "cannot look for orphans of lake table \""
                        + table.name()
                        + "\": the storage does not list \""
                        + location
                        + "\", which was just written; nothing was removed");
    }

    /// The stable copy is for tools and reached by none; folder markers are no files.
    private static boolean mayBeOrphan(Table table, String location) {
        String plain = LocationSet.plain(location);
        return !plain.equals(LocationSet.plain(LakePaths.currentMetadata(table.location())))
                && !plain.endsWith("/version-hint.text")
                && !plain.endsWith("/");
    }

    /// Everything that the newest metadata reaches, read after the listing.
    private static LocationSet reached(Table table, LocationSet listed, LakePace pace)
            throws InterruptedException {
        TableMetadata newest = ((HasTableOperations) table).operations().refresh();
        var reached = new LocationSet();
        reached.add(newest.metadataFileLocation());
        newest.previousFiles().forEach(entry -> reached.add(entry.file()));
        newest.statisticsFiles().forEach(file -> reached.add(file.path()));
        newest.partitionStatisticsFiles().forEach(file -> reached.add(file.path()));
        boolean sameNames =
                listed.contains(newest.metadataFileLocation())
                        || newest.previousFiles().stream()
                                .anyMatch(entry -> listed.contains(entry.file()));
        if (!sameNames) {
            throw new WorldException(
                    "cannot look for orphans of lake table \""
                            + table.name()
                            + "\": the storage lists no file as \""
                            + newest.metadataFileLocation()
                            + "\", which the catalog names; nothing was removed");
        }
        for (Snapshot snapshot : newest.snapshots()) {
            if (snapshot.manifestListLocation() != null) {
                reached.add(snapshot.manifestListLocation());
            }
        }
        Set<ManifestFile> manifests =
                Unreached.manifests(table.io(), newest.snapshots(), pace::step);
        long done = 0;
        for (ManifestFile manifest : manifests) {
            reached.add(manifest.path());
            Unreached.live(
                    table.io(), newest.specsById(), manifest, file -> reached.add(file.location()));
            pace.progress("manifests of " + table.name(), ++done, manifests.size());
            pace.step(manifest.length());
        }
        return reached;
    }

    private Report remove(
            String name,
            Table table,
            long files,
            List<FileInfo> orphans,
            long now,
            boolean dry,
            LakePace pace)
            throws InterruptedException {
        var named = new ArrayList<Orphan>();
        long count = 0;
        long bytes = 0;
        for (FileInfo file : orphans) {
            if (!dry && !delete(table, file.location())) {
                continue;
            }
            count++;
            bytes += file.size();
            if (named.size() < NAMED_MAX) {
                named.add(
                        new Orphan(
                                file.location(),
                                file.size(),
                                (now - file.createdAtMillis()) / 1_000));
            }
            pace.progress("orphans of " + table.name(), count, orphans.size());
            pace.step(0);
        }
        if (!dry) {
            metrics.deleted(name, "orphan", count, bytes);
            if (count > 0) {
                LOG.info(
                        "removed {} orphans of lake table {}, the oldest of {}",
                        count,
                        table.name(),
                        Instant.ofEpochMilli(
                                orphans.stream()
                                        .mapToLong(FileInfo::createdAtMillis)
                                        .min()
                                        .orElse(now)));
            }
        }
        return new Report(name, files, count, bytes, named);
    }

    private static boolean delete(Table table, String location) {
        try {
            table.io().deleteFile(location);
            return true;
        } catch (RuntimeException e) {
            LOG.warn("cannot delete orphan \"{}\": {}", location, e.toString());
            return false;
        }
    }
}
