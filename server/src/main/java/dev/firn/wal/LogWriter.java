package dev.firn.wal;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.model.Intake.Overloaded;
import dev.firn.model.Intake.RequestKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Encodes records, writes them in groups with one sync each, ends cuts, rolls segments, and
/// deletes released ones. Used by one thread.
///
/// A failed write or sync is never tried again on the same file. The segment is sealed at its last
/// durable record, what was not acknowledged is written again, with the same record numbers, into a
/// new segment, whose header says from which number on the old one is void. Where that fails too,
/// the requests are refused and a new segment is tried once a second.
final class LogWriter {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    /// A group is synced when it has this many bytes.
    private static final int GROUP_BYTES_MAX = 4 << 20;

    private static final long REOPEN_NANOS = 1_000_000_000L;
    static final int RETRY_SECONDS = 10;

    /// Room that a record may need: this and some bytes a point.
    private static final long ROOM = 4096;

    private static final long ROOM_PER_POINT = 64;

    private final WalOptions options;
    private final Clock clock;
    private final WalMetrics metrics;
    private final LogIndex index;
    private final SegmentStore store;
    private final RetryMemory retries;
    private final String writer;
    private final long epoch;
    private final Throttle diskComplaints;

    private LogState synced;
    private LogState state;
    private @Nullable SegmentFile active;
    private long reopenTicks;
    private boolean full;
    private @Nullable String trouble;

    private final PointsEncoder encoder = new PointsEncoder();
    private final ByteWriter buffer = new ByteWriter(1 << 20);
    private final ByteWriter points = new ByteWriter(1 << 18);
    private final List<Pending> pending = new ArrayList<>();
    private final List<CutEntry> endedCuts = new ArrayList<>();
    private long cutOpenedTicks;

    LogWriter(
            WalOptions options,
            Clock clock,
            WalMetrics metrics,
            LogIndex index,
            SegmentStore store,
            RetryMemory retries,
            String writer,
            long epoch,
            LogState start) {
        this.options = options;
        this.clock = clock;
        this.metrics = metrics;
        this.index = index;
        this.store = store;
        this.retries = retries;
        this.writer = writer;
        this.epoch = epoch;
        this.synced = start;
        this.state = start.copy();
        this.diskComplaints = new Throttle(clock, 10);
    }

    /// Makes the epoch durable in the first segment of this process, and ends the cut that a former
    /// process left open.
    void open() throws IOException {
        active = store.create(writer, epoch, state);
        index.durable(synced);
        if (state.cutRecords > 0) {
            endCut();
            flush();
            if (trouble != null) {
                throw new IOException(trouble);
            }
        }
    }

    /// Takes a request into the current group.
    void append(Pending.Append request) {
        try {
            SegmentFile file = ready();
            if (file == null) {
                refuse(request, "disk", String.valueOf(trouble));
            } else if (!store.mayGrow(growth(file, request))) {
                full = true;
                complain("the write-ahead log is full");
                refuse(request, "full", "the write-ahead log is full");
            } else {
                encodeOrGiveUp(request);
            }
        } catch (IOException e) {
            complain(String.valueOf(e.getMessage()));
            refuse(request, "disk", "the write-ahead log's disk has an error");
        }
    }

    private long growth(SegmentFile file, Pending.Append request) {
        long points = request.batch().size() * ROOM_PER_POINT;
        return file.growth(buffer.size() + ROOM + points + request.batch().state.size());
    }

    private void encodeOrGiveUp(Pending.Append request) {
        try {
            encode(request);
        } catch (RuntimeException e) {
            request.outcome().fail(e); // a bug of ours, or a batch that breaks its contract
            recover(new IOException("cannot encode a batch: " + e, e));
            return;
        }
        if (state.cutPoints >= options.cutPointsMax() || state.cutBytes >= options.cutBytesMax()) {
            endCut();
        }
        SegmentFile file = active;
        if (file != null && file.sampleBytes >= options.segmentSize()) {
            roll();
        } else if (buffer.size() >= GROUP_BYTES_MAX) {
            flush();
        }
    }

    /// The open segment; tries for a new one now and then where there is none.
    private @Nullable SegmentFile ready() {
        if (active == null && clock.ticks() - reopenTicks >= 0) {
            reopen();
        }
        return active;
    }

    private void reopen() {
        try {
            active = store.create(writer, epoch, state);
            if (trouble != null) {
                LOG.info("the write-ahead log goes on in segment {}", active.segment.number());
            }
            trouble = null;
        } catch (IOException e) {
            broken(e);
        }
    }

    private void broken(IOException e) {
        trouble = "the write-ahead log cannot write: " + e.getMessage();
        reopenTicks = clock.ticks() + REOPEN_NANOS;
        complain(trouble);
    }

    private void complain(String what) {
        long dropped = diskComplaints.permit();
        if (dropped >= 0) {
            LOG.error(
                    "{}; senders are told to come back in {} s; free space or mend the disk ({}"
                            + " more of these)",
                    what,
                    RETRY_SECONDS,
                    dropped);
        }
    }

    private void refuse(Pending.Append request, String reason, String message) {
        metrics.refused.labelValues(reason).inc();
        request.outcome()
                .fail(new Overloaded(Overloaded.Cause.UNAVAILABLE, RETRY_SECONDS, message));
    }

    private void encode(Pending what) {
        SegmentFile file = java.util.Objects.requireNonNull(active, "active");
        int start = Records.begin(buffer);
        long record = state.nextRecord;
        long offset = file.position() + start;
        int type =
                switch (what) {
                    case Pending.Append append -> {
                        batch(append, file);
                        yield Records.BATCH;
                    }
                    case Pending.EndCut() -> {
                        CutRecord.of(state, clock.millis()).write(buffer);
                        yield Records.CUT;
                    }
                    case Pending.Carry(List<RequestKey> keys) -> {
                        retries.write(keys, buffer);
                        yield Records.RETRIES;
                    }
                };
        long digestBefore = state.digest;
        long segment = file.segment.number();
        int crc =
                Records.end(
                        buffer, start, epoch, record, segment, type, record - synced.nextRecord);
        state.record(record, crc);
        long bytes = buffer.size() - start;
        switch (what) {
            case Pending.Append append -> {
                if (state.cutRecords == 0) {
                    cutOpenedTicks = clock.ticks();
                }
                state.batch(record, segment, offset, append.batch().size(), bytes);
            }
            case Pending.EndCut() ->
                    endedCuts.add(state.endCut(digestBefore, record, segment, offset + bytes));
            case Pending.Carry carry -> {}
        }
        pending.add(what);
    }

    private void batch(Pending.Append append, SegmentFile file) {
        long millis = clock.millis();
        new BatchRecord(append.key(), append.answer(), millis, state.cut, append.batch().size())
                .write(buffer);
        points.reset();
        encoder.encode(append.batch(), file.definitions, points, millis / 1000);
        file.definitions.write(buffer);
        buffer.bytes(points.array(), 0, points.size());
        file.sampleBytes += points.size();
    }

    /// Ends the open cut if it has records.
    void endCut() {
        if (state.cutRecords > 0 && ready() != null) {
            encode(new Pending.EndCut());
        }
    }

    /// Whether the open cut has records.
    boolean cutIsOpen() {
        return state.cutRecords > 0;
    }

    /// Time left until the open cut ends.
    long cutDueNanos() {
        long due = cutOpenedTicks + options.cutIntervalMillis() * 1_000_000L;
        return Math.max(0, due - clock.ticks());
    }

    /// Makes the group durable and answers it.
    void flush() {
        SegmentFile file = active;
        if (pending.isEmpty() || file == null) {
            return;
        }
        try {
            sync(file);
        } catch (IOException e) {
            recover(e);
        }
    }

    private void sync(SegmentFile file) throws IOException {
        long before = clock.ticks();
        int bytes = buffer.size();
        file.append(buffer);
        metrics.writtenBytes.inc(bytes);
        metrics.fsyncSeconds.observe((clock.ticks() - before) / 1e9);
        acknowledge(file.segment.number());
    }

    private void acknowledge(long segment) {
        synced = state.copy();
        endedCuts.forEach(index::publish);
        index.durable(
                synced); // in this order: a point is in a cut or open, and known once answered
        for (Pending one : pending) {
            switch (one) {
                case Pending.Append append -> {
                    metrics.appends.inc();
                    metrics.points.inc(append.batch().size());
                    retries.put(append.key(), append.answer(), clock.millis(), segment);
                    append.outcome().succeed(append.answer());
                }
                case Pending.EndCut() -> metrics.cuts.inc();
                case Pending.Carry(List<RequestKey> keys) -> retries.carried(keys, segment);
            }
        }
        pending.clear();
        endedCuts.clear();
        buffer.reset();
    }

    /// After a failed write or sync: once more in a new segment, then refuse.
    private void recover(IOException cause) {
        List<Pending> again = List.copyOf(pending);
        LOG.error(
                "cannot write the write-ahead log: {}; {} records go to a new segment",
                cause.getMessage(),
                again.size());
        seal();
        reopenTicks = clock.ticks();
        SegmentFile file = ready();
        if (file == null) {
            refuseAll(again);
            return;
        }
        try {
            again.forEach(this::encode);
            sync(file);
        } catch (IOException e) {
            seal();
            broken(e);
            refuseAll(again);
        } catch (RuntimeException e) {
            seal();
            refuseAll(again);
            throw e;
        }
    }

    private void refuseAll(List<Pending> requests) {
        for (Pending one : requests) {
            if (one instanceof Pending.Append append && !append.outcome().isDone()) {
                refuse(append, "disk", "the write-ahead log's disk has an error");
            }
        }
    }

    /// Ends the segment at its last durable record and forgets what came after.
    private void seal() {
        SegmentFile file = active;
        if (file != null) {
            file.segment.endRecord = synced.nextRecord;
            file.cutRest();
            file.close();
        }
        active = null;
        state = synced.copy();
        pending.clear();
        endedCuts.clear();
        buffer.reset();
    }

    /// Goes on in a new segment. The old one is synced before the new one's header can void
    /// anything of it.
    private void roll() {
        flush();
        SegmentFile file = active;
        if (file != null && file.sampleBytes > 0) {
            goOnAfter(file);
        }
    }

    private void goOnAfter(SegmentFile file) {
        file.segment.endRecord = synced.nextRecord;
        file.close();
        active = null;
        reopen();
    }

    /// Ends cut and segment and goes on in a file that was never used: once the sinks have released
    /// what came so far, none of it is on the disk any more.
    void endSegment() throws IOException {
        endCut();
        flush();
        store.forgetContents();
        SegmentFile file = active;
        if (file != null) {
            goOnAfter(file);
        }
    }

    /// What is due by time: segment age, released segments.
    void tidy() {
        SegmentFile file = active;
        if (file != null && file.sampleBytes > 0 && (isOld(file) || isInTheWay())) {
            roll();
        }
        full = false;
        deleteReleased();
    }

    private boolean isOld(SegmentFile file) {
        return clock.ticks() - file.openedTicks > options.segmentAgeMaxMillis() * 1_000_000L;
    }

    /// The log is full, and everything in it was released: only a closed segment can go.
    private boolean isInTheWay() {
        return full && everythingReleased(index.releasedByAll());
    }

    /// Whether no batch is needed any more. What comes after the last cut then are retries only.
    private boolean everythingReleased(long cut) {
        return synced.cutRecords == 0 && cut > 0 && cut >= synced.cut - 1;
    }

    private void deleteReleased() {
        long cut = index.releasedByAll();
        long lastRecord = everythingReleased(cut) ? synced.nextRecord - 1 : index.lastRecordOf(cut);
        SegmentFile file = active;
        for (Segment one : index.segments()) {
            boolean isActive = file != null && one == file.segment;
            if (isActive || !one.sealed() || one.endRecord - 1 > lastRecord || isNewest(one)) {
                break; // lowest first, so that no hole can appear
            }
            carry(one.number() + 1);
            if (retries.positionsBelow(one.number() + 1)) {
                break; // the disk did not let us; positions are no mere saving of work
            }
            try {
                store.remove(one);
            } catch (IOException e) {
                complain("cannot delete wal segment \"" + one.path + "\": " + e.getMessage());
                break;
            }
        }
        index.forgetBefore(cut);
    }

    /// The newest segment stays, whoever needs it: its header keeps the numbers.
    private boolean isNewest(Segment one) {
        return !one.doubtful
                && index.segments().stream()
                        .noneMatch(other -> !other.doubtful && other.number() > one.number());
    }

    /// Retries that stand only in segments below `segment` are written again. Where the disk does
    /// not let us, the segment goes all the same: this memory saves work, no more. (Positions of
    /// sources are more: [#deleteReleased] waits for them.)
    private void carry(long segment) {
        List<RequestKey> keys = retries.below(segment);
        if (!keys.isEmpty() && active != null) {
            encode(new Pending.Carry(keys));
            flush();
        }
    }

    /// A throwable that nobody expected: nothing of the group counts, nobody waits for ever.
    void abandon(RuntimeException why) {
        List<Pending> lost = List.copyOf(pending);
        seal();
        for (Pending one : lost) {
            if (one instanceof Pending.Append append) {
                append.outcome().fail(why);
            }
        }
    }

    /// Ends the open cut and closes the file.
    void close() {
        endCut();
        flush();
        SegmentFile file = active;
        if (file != null) {
            file.close();
            active = null;
        }
    }

    /// Why nothing can be written, or null.
    @Nullable String trouble() {
        return trouble;
    }
}
