package dev.firn.lake.keep;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.lake.LakeCatalog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/// Makes, lists and removes holds, on all tables at once.
public final class Holds {
    /// A hold as it stands in one table.
    ///
    /// @param snapshot that the tag keeps; 0 if the table was empty
    /// @param where as it was written; empty: everything
    public record Info(
            String name,
            String table,
            String created,
            long snapshot,
            String snapshotTime,
            String where) {}

    private final LakeCatalog catalog;
    private final Clock clock;
    private final Decided decided;

    public Holds(LakeCatalog catalog, Clock clock, RandomGenerator random) {
        this(catalog, clock, Decided.of(random));
    }

    Holds(LakeCatalog catalog, Clock clock, Decided decided) {
        this.catalog = catalog;
        this.clock = clock;
        this.decided = decided;
    }

    /// Tags the newest snapshot of each table. Killed in between, it holds the first tables only:
    /// say it again.
    ///
    /// @throws InputException when a hold of that name covers something else
    public List<Info> add(String name, Where where) throws InterruptedException {
        var hold = new Hold(name, where, Instant.ofEpochMilli(clock.millis()));
        for (String table : catalog.tables()) {
            Table loaded = catalog.load(table);
            decided.change(loaded, (fresh, base) -> with(hold, base));
            catalog.refreshCurrentMetadata(loaded);
        }
        return list().stream().filter(info -> info.name().equals(name)).toList();
    }

    private static @org.jspecify.annotations.Nullable TableMetadata with(
            Hold hold, TableMetadata base) {
        String known = base.properties().get(hold.key());
        if (known != null) {
            String where = Hold.fromJson(hold.name(), known).where().text();
            if (where.equals(hold.where().text())) {
                return null; // an answer that was lost, or said again
            }
            throw new InputException(
                    "cannot add hold \""
                            + hold.name()
                            + "\": one of that name covers "
                            + Where.parse(where)
                            + "; remove it first, or choose another name");
        }
        TableMetadata.Builder next =
                TableMetadata.buildFrom(base).setProperties(Map.of(hold.key(), hold.toJson()));
        if (base.currentSnapshot() != null && base.ref(hold.key()) == null) {
            next.setRef(
                    hold.key(),
                    SnapshotRef.tagBuilder(base.currentSnapshot().snapshotId()).build());
        }
        return next.build();
    }

    /// All holds, by name and table.
    public List<Info> list() {
        var infos = new ArrayList<Info>();
        for (String name : catalog.tables()) {
            TableMetadata table = ((HasTableOperations) catalog.load(name)).operations().current();
            for (Hold hold : Hold.of(table)) {
                SnapshotRef tag = table.ref(hold.key());
                Snapshot snapshot = tag == null ? null : table.snapshot(tag.snapshotId());
                infos.add(
                        new Info(
                                hold.name(),
                                name,
                                hold.created().toString(),
                                snapshot == null ? 0 : snapshot.snapshotId(),
                                snapshot == null
                                        ? ""
                                        : Instant.ofEpochMilli(snapshot.timestampMillis())
                                                .toString(),
                                hold.where().text()));
            }
        }
        infos.sort(java.util.Comparator.comparing(Info::name).thenComparing(Info::table));
        return infos;
    }

    /// Removes a hold from all tables.
    ///
    /// @throws InputException when there is none
    public void remove(String name) throws InterruptedException {
        String key = Hold.PREFIX + name;
        boolean found = false;
        for (String table : catalog.tables()) {
            Table loaded = catalog.load(table);
            TableMetadata now = ((HasTableOperations) loaded).operations().current();
            found |= now.properties().containsKey(key) || now.ref(key) != null;
        }
        if (!found) {
            throw new InputException(
                    "cannot remove hold \""
                            + name
                            + "\": there is none; firn lake hold ls lists"
                            + " them");
        }
        for (String table : catalog.tables()) {
            Table loaded = catalog.load(table);
            decided.change(loaded, (fresh, base) -> without(key, base));
            catalog.refreshCurrentMetadata(loaded);
        }
    }

    private static @org.jspecify.annotations.Nullable TableMetadata without(
            String key, TableMetadata base) {
        if (!base.properties().containsKey(key) && base.ref(key) == null) {
            return null;
        }
        TableMetadata.Builder next = TableMetadata.buildFrom(base).removeProperties(Set.of(key));
        if (base.ref(key) != null) {
            next.removeRef(key);
        }
        return next.build();
    }
}
