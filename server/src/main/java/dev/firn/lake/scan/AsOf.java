package dev.firn.lake.scan;

import dev.firn.base.InputException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Which state of a lake table is meant: the newest, or one as it was known at some moment.
public sealed interface AsOf {
    /// What is committed now.
    record Newest() implements AsOf {}

    /// A snapshot by its number.
    record Id(long snapshot) implements AsOf {}

    /// What was committed at a moment.
    record Time(Instant instant) implements AsOf {}

    /// A snapshot that a tag (or branch) of the table names.
    record Tag(String name) implements AsOf {
        public Tag {
            if (name.isBlank()) {
                throw new InputException("cannot look up a tag without a name");
            }
        }
    }

    /// The newest state.
    AsOf NEWEST = new Newest();

    /// Shape of a snapshot's number: Firn's and Iceberg's have many digits, a year has four.
    Pattern NUMBER = Pattern.compile("\\d{10,19}");

    /// Shape of a time, with or without its clock part.
    Pattern MOMENT = Pattern.compile("\\d{4}-\\d{2}-\\d{2}([T ].*)?");

    /// Reads what a user wrote: a time (`2026-11-26`, `2026-11-26T10:00`, `2026-11-26 10:00:00`,
    /// `…+01:00`; UTC where no zone is named), a snapshot's number, or a tag.
    ///
    /// @throws InputException when it has the shape of a time and is none
    static AsOf parse(String text) {
        String bare = text.strip();
        if (NUMBER.matcher(bare).matches()) {
            try {
                return new Id(Long.parseLong(bare));
            } catch (NumberFormatException e) {
                throw new InputException(
                        "\"" + bare + "\" is no snapshot: the number is too great");
            }
        }
        return MOMENT.matcher(bare).matches() ? new Time(moment(bare)) : new Tag(bare);
    }

    private static Instant moment(String text) {
        String iso = text.replace(' ', 'T');
        try {
            if (iso.length() == 10) {
                return LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            boolean zoned =
                    iso.endsWith("Z") || iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10;
            return zoned
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new InputException(
                    "\"" + text + "\" is no time; write it as 2026-11-26T10:00:00Z");
        }
    }

    /// The snapshot of a table that this means; null when the table had none then, so that it was
    /// empty.
    ///
    /// @throws InputException when there is no such snapshot or tag, or it has expired
    default @Nullable Snapshot of(Table table) {
        return switch (this) {
            case Newest _ -> table.currentSnapshot();
            case Id id -> byId(table, id.snapshot());
            case Time time -> byTime(table, time.instant());
            case Tag tag -> byTag(table, tag.name());
        };
    }

    private static Snapshot byId(Table table, long id) {
        Snapshot snapshot = table.snapshot(id);
        if (snapshot == null) {
            throw new InputException(
                    "cannot read lake table %s at snapshot %d: it has no such snapshot%s; see firn lake ls --snapshots"
                            .formatted(table.name(), id, kept(table)));
        }
        return snapshot;
    }

    private static @Nullable Snapshot byTime(Table table, Instant instant) {
        long millis = instant.toEpochMilli();
        HistoryEntry found = null;
        for (HistoryEntry entry : table.history()) {
            if (entry.timestampMillis() <= millis) {
                found = entry;
            }
        }
        if (found != null) {
            Snapshot snapshot = table.snapshot(found.snapshotId());
            if (snapshot != null) {
                return snapshot;
            }
        } else if (wasEmptyBefore(table)) {
            return null;
        }
        throw new InputException(
                "cannot read lake table %s as of %s: its snapshots of then have expired%s; a tag keeps one for longer"
                        .formatted(table.name(), instant, kept(table)));
    }

    /// Whether all of the table's past is there still: its first snapshot has no parent.
    private static boolean wasEmptyBefore(Table table) {
        List<HistoryEntry> history = table.history();
        if (history.isEmpty()) {
            return true;
        }
        Snapshot first = table.snapshot(history.getFirst().snapshotId());
        return first != null && first.parentId() == null && first.sequenceNumber() <= 1;
    }

    private static Snapshot byTag(Table table, String name) {
        SnapshotRef ref = table.refs().get(name);
        Snapshot snapshot = ref == null ? null : table.snapshot(ref.snapshotId());
        if (snapshot == null) {
            throw new InputException(
                    "cannot read lake table %s as of \"%s\": it is no time, no snapshot's number, and the table's tags are %s"
                            .formatted(table.name(), name, new TreeSet<>(table.refs().keySet())));
        }
        return snapshot;
    }

    private static String kept(Table table) {
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .min(Comparator.comparingLong(Snapshot::timestampMillis))
                .map(oldest ->
                        " (the oldest kept is "
                                + oldest.snapshotId()
                                + " of "
                                + Instant.ofEpochMilli(oldest.timestampMillis())
                                + ")")
                .orElse(" (it is empty)");
    }
}
