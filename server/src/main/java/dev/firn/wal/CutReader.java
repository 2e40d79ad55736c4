package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.SeriesRegistry;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads cuts, and remembers where it stands and what its segment has defined: the next cut costs
/// nothing but its own records. Used by one thread at a time.
final class CutReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CutReader.class);

    private final Disk disk;
    private final LogIndex index;
    private final SeriesRegistry registry;
    private final WalOptions.OnCorruption onCorruption;
    private final Runnable countDamage;
    private final PointsDecoder decoder = new PointsDecoder();
    private final Batch batch = new Batch();

    private @Nullable Segment segment;
    private @Nullable SegmentScan scan;
    private SegmentTable table;

    CutReader(
            Disk disk,
            LogIndex index,
            SeriesRegistry registry,
            WalOptions.OnCorruption onCorruption,
            Runnable countDamage) {
        this.disk = disk;
        this.index = index;
        this.registry = registry;
        this.onCorruption = onCorruption;
        this.countDamage = countDamage;
        this.table = new SegmentTable(registry);
    }

    /// The segment it stands in; null at first.
    @Nullable Segment segment() {
        return segment;
    }

    /// Where it stands in [#segment].
    long position() {
        SegmentScan current = scan;
        return current == null ? 0 : current.position();
    }

    /// Hands each batch of a cut to `each`.
    void read(CutEntry cut, Consumer<Batch> each) throws IOException {
        SegmentScan at = goTo(cut);
        long expected = cut.firstRecord();
        while (expected <= cut.lastRecord()) {
            Segment current = java.util.Objects.requireNonNull(segment);
            if (expected >= current.endRecord) {
                Segment following = index.following(current.number(), expected);
                if (following == null) {
                    throw gone(cut);
                }
                at = enter(following);
                continue;
            }
            at.limit(current.number() == cut.endSegment() ? cut.endOffset() : current.endOffset);
            long number = step(current, at, expected, cut);
            if (number < 0) {
                expected = current.endRecord; // the rest of this segment is unreadable
                continue;
            }
            if (at.type() == Records.BATCH) {
                take(current, at, each);
            }
            expected = number + 1;
        }
    }

    private SegmentScan goTo(CutEntry cut) throws IOException {
        Segment wanted = index.segment(cut.segment());
        if (wanted == null) {
            throw gone(cut);
        }
        SegmentScan at = scan;
        if (wanted != segment || at == null || at.position() > cut.offset()) {
            at = enter(wanted);
        }
        at.limit(cut.offset());
        while (at.position() < cut.offset()) {
            if (!at.next()) {
                damaged(wanted, at.position(), "its record is damaged");
                at.seek(cut.offset());
            } else if (at.type() == Records.BATCH) {
                definitions(wanted, at);
            }
        }
        return at;
    }

    private SegmentScan enter(Segment next) throws IOException {
        close();
        segment = next;
        table = new SegmentTable(registry);
        var opened = new SegmentScan(disk, next.path, next.header);
        scan = opened;
        return opened;
    }

    /// The number of the record stepped to: the expected one, or a later one after damage; -1 if
    /// there is none.
    private long step(Segment current, SegmentScan at, long expected, CutEntry cut)
            throws IOException {
        long position = at.position();
        if (at.next() && at.number() == expected) {
            return expected;
        }
        damaged(current, position, "record " + expected + " is damaged");
        long from = position;
        while (at.findAfter(from)) {
            if (at.number() > expected && at.number() <= cut.lastRecord()) {
                return at.number();
            }
            from = at.offset();
        }
        return -1;
    }

    private void take(Segment current, SegmentScan at, Consumer<Batch> each) {
        try {
            ByteReader payload = at.payload();
            BatchRecord.read(payload);
            table.read(payload);
            decoder.decode(payload, table, batch);
        } catch (Malformed e) {
            damaged(current, at.offset(), String.valueOf(e.getMessage()));
            return;
        }
        each.accept(batch);
    }

    private void definitions(Segment current, SegmentScan at) {
        try {
            ByteReader payload = at.payload();
            BatchRecord.read(payload);
            table.read(payload);
        } catch (Malformed e) {
            damaged(current, at.offset(), String.valueOf(e.getMessage()));
        }
    }

    private void damaged(Segment current, long offset, String what) {
        var damage = new Replay.Damage(current.number(), offset, what);
        countDamage.run();
        if (onCorruption == WalOptions.OnCorruption.FAIL) {
            throw new WorldException(
                    "cannot read "
                            + damage
                            + "; set wal.on_corruption: skip to go on without what is unreadable");
        }
        LOG.error("cannot read {}; going on behind it, as wal.on_corruption says", damage);
    }

    private static WorldException gone(CutEntry cut) {
        return new WorldException(
                "cannot read cut "
                        + cut.sequence()
                        + " from the wal: its segment is gone, because all sinks released it");
    }

    @Override
    public void close() throws IOException {
        SegmentScan open = scan;
        scan = null;
        segment = null;
        if (open != null) {
            open.close();
        }
    }
}
