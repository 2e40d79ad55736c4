package dev.firn.lake;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/// Who writes to the lake, and how far each is: the positions that the tables hold.
public final class LakeWriters {
    /// One writer.
    ///
    /// @param points position in table `points`, "" for none; `series` likewise
    /// @param retried quarantined cuts that came in beside its chain
    /// @param lastCommitMillis time of its newest snapshot that has not expired; 0: all have
    public record Writer(
            String id, String points, String series, int retried, long lastCommitMillis) {}

    /// Behind it stands the number of a quarantined cut that was taken in after all.
    private static final String RETRY_SUFFIX = "-q\\d+$";

    private static final List<String> TABLES = List.of(LakePaths.SERIES, LakePaths.POINTS);

    private final LakeCatalog catalog;
    private final Backoff backoff;
    private final int attemptsMax;

    /// @param backoff pauses after a commit whose end is unknown
    public LakeWriters(LakeCatalog catalog, Backoff backoff, int attemptsMax) {
        this.catalog = catalog;
        this.backoff = backoff;
        this.attemptsMax = attemptsMax;
    }

    /// All writers, by id.
    public List<Writer> list() {
        Table points = catalog.load(LakePaths.POINTS);
        Table series = catalog.load(LakePaths.SERIES);
        Map<String, String> ofPoints = LakeLs.positions(points);
        Map<String, String> ofSeries = LakeLs.positions(series);
        Map<String, Long> times = new TreeMap<>();
        lastCommits(points, times);
        lastCommits(series, times);
        var keys = new TreeSet<>(ofPoints.keySet());
        keys.addAll(ofSeries.keySet());
        var ids = new TreeSet<String>();
        keys.forEach(key -> ids.add(owner(key)));
        var writers = new ArrayList<Writer>();
        for (String id : ids) {
            int retried =
                    (int)
                            keys.stream()
                                    .filter(key -> !key.equals(id) && owner(key).equals(id))
                                    .count();
            writers.add(
                    new Writer(
                            id,
                            ofPoints.getOrDefault(id, ""),
                            ofSeries.getOrDefault(id, ""),
                            retried,
                            times.getOrDefault(id, 0L)));
        }
        return writers;
    }

    /// The writer whose chain or whose quarantined cut a position belongs to. The writer whose
    /// position stands under this name, as of a quarantined cut that came in beside its chain.
    public static String owner(String key) {
        return key.replaceFirst(RETRY_SUFFIX, "");
    }

    private static void lastCommits(Table table, Map<String, Long> times) {
        for (Snapshot snapshot : table.snapshots()) {
            String position = snapshot.summary().getOrDefault(LakePaths.POSITION_SUMMARY, "");
            int end = position.indexOf('=');
            if (end > 0) {
                times.merge(
                        owner(position.substring(0, end)), snapshot.timestampMillis(), Math::max);
            }
        }
    }

    /// Takes a writer's positions out of both tables. Its rows stay. Should it come back with its
    /// data directory, it finds its position gone and stops, having written nothing.
    ///
    /// @param quietSinceMillis the writer must not have committed after this time
    /// @throws InputException when there is no such writer, or it is at work
    public void retire(String id, long quietSinceMillis) throws InterruptedException {
        Writer writer =
                list().stream()
                        .filter(one -> one.id().equals(id))
                        .findFirst()
                        .orElseThrow(() ->
                                new InputException(
                                        "cannot retire writer \""
                                                + id
                                                + "\": the lake knows none of this name; firn lake"
                                                + " writers lists them"));
        if (writer.lastCommitMillis() > quietSinceMillis) {
            throw new InputException(
                    "cannot retire writer \""
                            + id
                            + "\": it committed at "
                            + java.time.Instant.ofEpochMilli(writer.lastCommitMillis())
                            + " and may be at work; stop it first, then say --force");
        }
        for (String name : TABLES) {
            remove(catalog.load(name), id);
        }
    }

    /// A property alone is not guarded by a REST catalog: an empty append moves the branch with it
    /// (COMMITS, rule 4). An exception says nothing about what was done: the next look does.
    private void remove(Table table, String id) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                LakeSwap.once(table, (fresh, base) -> without(fresh, base, id));
                catalog.refreshCurrentMetadata(table);
                return;
            } catch (RuntimeException e) {
                if (attempt + 1 >= attemptsMax) {
                    throw e;
                }
                Thread.sleep(backoff.pauseMillis(attempt));
            }
        }
    }

    private static TableMetadata without(Table table, TableMetadata base, String id) {
        var keys = new TreeSet<String>();
        LakeLs.positions(table).keySet().stream()
                .filter(key -> owner(key).equals(id))
                .forEach(key -> keys.add(LakePaths.writerProperty(key)));
        if (keys.isEmpty()) {
            return base;
        }
        Snapshot empty = table.newFastAppend().set("firn.retired", id).apply();
        return TableMetadata.buildFrom(base)
                .setBranchSnapshot(empty, SnapshotRef.MAIN_BRANCH)
                .removeProperties(keys)
                .build();
    }
}
