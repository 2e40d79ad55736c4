package dev.firn.lake.keep;

import dev.firn.lake.LakeCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// How long older snapshots of a table still hold what was erased from the newest.
///
/// @param table whose
/// @param snapshots that are older than the newest erasure
/// @param expires when the last of them that no reference keeps may expire, ISO-8601; empty if
///   there is none
/// @param references tags and branches that keep one for longer, each with when it ends: a time, or
///   `never`
public record LastSnapshot(String table, int snapshots, String expires, List<String> references) {
    public LastSnapshot {
        references = List.copyOf(references);
    }

    /// @param age at which snapshots expire; an hour at least
    public static LastSnapshot of(LakeCatalog catalog, String name, Duration age) {
        TableMetadata table = ((HasTableOperations) catalog.load(name)).operations().current();
        long erased = lastErasure(table);
        long ageMillis = Math.max(age.toMillis(), KeptSnapshots.AGE_MIN.toMillis());
        int count = 0;
        long last = Long.MIN_VALUE;
        for (Snapshot snapshot : table.snapshots()) {
            if (snapshot.sequenceNumber() < erased) {
                count++;
                last = Math.max(last, snapshot.timestampMillis());
            }
        }
        var references = new ArrayList<String>();
        for (Map.Entry<String, SnapshotRef> entry : table.refs().entrySet()) {
            @Nullable Snapshot kept = table.snapshot(entry.getValue().snapshotId());
            if (kept != null && kept.sequenceNumber() < erased) {
                references.add(entry.getKey() + " " + end(entry.getValue(), kept));
            }
        }
        references.sort(null);
        return new LastSnapshot(
                name,
                count,
                count == 0 ? "" : Instant.ofEpochMilli(last + ageMillis).toString(),
                references);
    }

    private static String end(SnapshotRef ref, Snapshot kept) {
        Long max = ref.maxRefAgeMs();
        return max == null
                ? "never"
                : Instant.ofEpochMilli(kept.timestampMillis()).plusMillis(max).toString();
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
