package dev.firn.lake.keep;

import dev.firn.lake.LakeCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;

/// How long older snapshots of a table still hold what was erased from the newest.
///
/// @param table whose
/// @param snapshots that are older than the newest erasure
/// @param expires the first moment at which an expiry leaves none of them but those that a
///   reference keeps for ever, ISO-8601; empty if none goes
/// @param references tags and branches that keep one, each with when it ends: a time, or `never`
public record LastSnapshot(String table, int snapshots, String expires, List<String> references) {
    public LastSnapshot {
        references = List.copyOf(references);
    }

    /// @param age at which snapshots expire; an hour at least
    public static LastSnapshot of(LakeCatalog catalog, String name, Duration age) {
        TableMetadata table = ((HasTableOperations) catalog.load(name)).operations().current();
        long erased = lastErasure(table);
        Set<Long> old =
                table.snapshots().stream()
                        .filter(snapshot -> snapshot.sequenceNumber() < erased)
                        .map(Snapshot::snapshotId)
                        .collect(Collectors.toSet());
        var references = new ArrayList<String>();
        table.refs()
                .forEach((ref, points) -> {
                    if (old.contains(points.snapshotId())) {
                        references.add(
                                ref + " " + end(points, table.snapshot(points.snapshotId())));
                    }
                });
        references.sort(null);
        return new LastSnapshot(name, old.size(), expires(table, age, old), references);
    }

    private static String end(SnapshotRef ref, Snapshot kept) {
        Long max = ref.maxRefAgeMs();
        return max == null
                ? "never"
                : Instant.ofEpochMilli(kept.timestampMillis()).plusMillis(max + 1).toString();
    }

    /// Asks the rule of expiry itself, which keeps the fewer the later it is, by bisection.
    private static String expires(TableMetadata table, Duration age, Set<Long> old) {
        long late = Long.MAX_VALUE;
        Set<Long> forEver = kept(table, late, age, old);
        if (forEver.equals(old)) {
            return "";
        }
        long early = 0;
        while (late - early > 1) {
            long middle = early + (late - early) / 2;
            if (kept(table, middle, age, old).equals(forEver)) {
                late = middle;
            } else {
                early = middle;
            }
        }
        return Instant.ofEpochMilli(late).toString();
    }

    private static Set<Long> kept(
            TableMetadata table, long nowMillis, Duration age, Set<Long> old) {
        var kept = new HashSet<>(old);
        kept.retainAll(KeptSnapshots.of(table, nowMillis, age).kept());
        return kept;
    }

    /// Sequence number of the newest snapshot that erased something; 0 if none did.
    private static long lastErasure(TableMetadata table) {
        long newest = 0;
        for (Snapshot snapshot : table.snapshots()) {
            if (snapshot.summary().containsKey(Erasure.ID)) {
                newest = Math.max(newest, snapshot.sequenceNumber());
            }
        }
        return newest;
    }
}
