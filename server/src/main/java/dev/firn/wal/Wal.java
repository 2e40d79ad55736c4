package dev.firn.wal;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Intake;
import dev.firn.model.SeriesRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The write-ahead log of one writer. Requests are answered when their records are synced; sinks
/// read what was written back from the disk, cut by cut.
///
/// Threads: any number may [#accept], read and release; one thread of its own writes.
public final class Wal implements CutLog, Intake, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wal.class);
    private static final int WRITER_VERSION = 1;
    private static final int STOPPED_RETRY_SECONDS = 60;

    private final String writer;
    private final long epoch;
    private final Disk disk;
    private final Clock clock;
    private final WalOptions options;
    private final LogIndex index;
    private final RetryMemory retries;
    private final WalMetrics metrics;
    private final Checkpoints checkpoints;
    private final Quarantine quarantine;
    private final ReaderPool readers;
    private final WriterThread thread;
    private final List<String> damages;
    private final ConcurrentHashMap<RequestKey, Outcome<Answer>> inFlight =
            new ConcurrentHashMap<>();
    private volatile @Nullable String stopped;

    /// Opens the log in `<data>/wal`, creating it where there is none: replays it, secures its
    /// tail, makes a new epoch durable and starts the writer.
    ///
    /// @param random for epoch and writer id; a secure one outside of tests
    /// @throws WorldException when the log is damaged and `wal.on_corruption` is `fail`, was
    ///   written by a newer Firn, is behind a sink's checkpoint, or cannot be written
    public static Wal open(
            Path data,
            Disk disk,
            Clock clock,
            RandomGenerator random,
            SeriesRegistry registry,
            OwnMetrics metrics,
            WalOptions options) {
        Path folder = WalFiles.folder(data);
        com.github.luben.zstd.util.Native.load(); // fails here rather than in the writer
        try {
            return new Wal(folder, disk, clock, random, registry, metrics, options);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot open the write-ahead log in \"" + folder + "\": " + Reason.of(e), e);
        }
    }

    private Wal(
            Path folder,
            Disk disk,
            Clock clock,
            RandomGenerator random,
            SeriesRegistry registry,
            OwnMetrics ownMetrics,
            WalOptions options)
            throws IOException {
        this.disk = disk;
        this.clock = clock;
        this.options = options;
        this.index = new LogIndex(options.sinks());
        this.retries = new RetryMemory(clock, options.retryMillis(), options.retriesMax());
        this.metrics = new WalMetrics(ownMetrics, index, options.sizeMax());
        this.checkpoints = new Checkpoints(disk, folder);
        createFolder(disk, folder);
        this.writer = writerId(disk, folder, options.writerId(), random);
        Replay replay =
                new Replay(disk, folder, index, retries).run(writer, options.onCorruption());
        report(replay);
        this.damages = replay.damages().stream().map(Replay.Damage::toString).toList();
        replay.secureTail();
        checkSinks(replay.state().cut - 1);
        index.startAt(replay.state().cut - 1);
        replay.cuts().forEach(index::publish);
        var store = new SegmentStore(disk, folder, options, index, clock);
        for (Path path : disk.list(folder)) {
            if (WalFiles.isSpare(path)) {
                disk.delete(path); // it may hold what was erased
            }
        }
        store.startAt(replay.segments().isEmpty() ? 1 : replay.segments().getLast().number() + 1);
        this.epoch = random.nextLong();
        this.readers =
                new ReaderPool(() ->
                        new CutReader(
                                disk,
                                index,
                                registry,
                                options.onCorruption(),
                                metrics.corruptRecords::inc));
        this.quarantine = new Quarantine(disk, folder, clock, writer, epoch, registry);
        ownMetrics.gauge(
                "firn_wal_quarantine_bytes", "Bytes of quarantined cuts.", quarantine::bytes);
        var log =
                new LogWriter(
                        options,
                        clock,
                        metrics,
                        index,
                        store,
                        retries,
                        writer,
                        epoch,
                        replay.state());
        log.open();
        this.thread = new WriterThread(log, options.queueMax(), () -> readers.forget(index));
        thread.start();
    }

    private static void createFolder(Disk disk, Path folder) throws IOException {
        disk.createDirectories(folder);
        // each name on the way down; the data directory itself may be as new as this process
        Path data = folder.toAbsolutePath().getParent();
        if (data != null) {
            disk.syncDirectory(data);
            if (data.getParent() != null) {
                disk.syncDirectory(data.getParent());
            }
        }
    }

    private static String writerId(
            Disk disk, Path folder, @Nullable String wanted, RandomGenerator random)
            throws IOException {
        Path path = folder.resolve(WalFiles.WRITER);
        if (disk.exists(path)) {
            String stored = readWriter(disk, folder);
            if (wanted != null && !wanted.equals(stored)) {
                throw new WorldException(
                        "cannot open the write-ahead log in \""
                                + folder
                                + "\": it belongs to writer \""
                                + stored
                                + "\", wal.writer_id says \""
                                + wanted
                                + "\"; take another data directory or remove the setting");
            }
            return stored;
        }
        for (Path other : disk.list(folder)) {
            if (WalFiles.segmentNumber(other).isPresent()) {
                throw new WorldException(
                        "cannot open the write-ahead log in \""
                                + folder
                                + "\": it has segments but no file \""
                                + WalFiles.WRITER
                                + "\"; restore it from the backup it came from");
            }
        }
        String id =
                wanted != null
                        ? wanted
                        : HexFormat.of().toHexDigits(random.nextLong()).substring(0, 12);
        Json.replace(disk, path, Json.object(WRITER_VERSION).put("writer", id));
        return id;
    }

    /// Who writes the log in this folder.
    static String readWriter(Disk disk, Path folder) {
        return Json.read(disk, folder.resolve(WalFiles.WRITER), WRITER_VERSION)
                .path("writer")
                .asString("");
    }

    private void report(Replay replay) {
        for (Replay.Damage damage : replay.damages()) {
            metrics.corruptRecords.inc();
            LOG.error("cannot read {}; going on behind it, as wal.on_corruption says", damage);
        }
        if (replay.tornBytes() > 0) {
            LOG.warn(
                    "the write-ahead log ended in the middle of a write that was never"
                            + " acknowledged; about {} bytes were cut off segment {}",
                    replay.tornBytes(),
                    replay.segments().getLast().number());
        }
    }

    private void checkSinks(long newest) {
        for (String sink : options.sinks()) {
            CheckpointStore.Checkpoint checkpoint = checkpoints.read(sink);
            if (checkpoint != null) {
                if (checkpoint.sequence() > newest) {
                    throw new WorldException(
                            "cannot open the write-ahead log of writer \""
                                    + writer
                                    + "\": sink \""
                                    + sink
                                    + "\" has taken cut "
                                    + checkpoint.sequence()
                                    + ", the log ends with cut "
                                    + newest
                                    + "; it was restored from an older backup or lost segments");
                }
                // not released yet: whether the sink's own side still stands there, the sink knows
            }
        }
    }

    // ---- Intake

    @Override
    public Answer accept(RequestKey key, Decoder decoder) {
        long began = clock.ticks();
        while (true) {
            Answer known = retries.find(key);
            if (known != null) {
                metrics.retriesRecognised.inc();
                return known;
            }
            var mine = new Outcome<Answer>();
            Outcome<Answer> twin = inFlight.putIfAbsent(key, mine);
            if (twin == null) {
                try {
                    Answer answer = first(key, decoder, mine);
                    metrics.appendSeconds.observe((clock.ticks() - began) / 1e9);
                    return answer;
                } finally {
                    inFlight.remove(key, mine);
                }
            }
            Answer answer = twin.takeOrNull();
            if (answer != null) {
                metrics.retriesRecognised.inc();
                return answer;
            }
        }
    }

    @Override
    public long answeredUpTo(int source) {
        return retries.answeredUpTo(source);
    }

    private Answer first(RequestKey key, Decoder decoder, Outcome<Answer> mine) {
        try {
            Answer known = retries.find(key); // a twin may have ended in between
            if (known != null) {
                metrics.retriesRecognised.inc();
                mine.succeed(known);
                return known;
            }
            refuseIfStopped();
            Decoded decoded = decoder.decode();
            if (decoded.batch().size() == 0 && decoded.batch().state.size() == 0) {
                mine.succeed(decoded.answer());
                return decoded.answer();
            }
            enqueue(new Pending.Append(key, decoded.batch(), decoded.answer(), mine));
            return mine.take();
        } catch (RuntimeException | Error e) {
            if (!mine.isDone()) {
                mine.fail(new IllegalStateException("the first attempt failed", e));
            }
            throw e;
        }
    }

    private void refuseIfStopped() {
        String why = stopped;
        if (why != null) {
            metrics.refused.labelValues("stopped").inc();
            throw new Overloaded(Overloaded.Cause.UNAVAILABLE, STOPPED_RETRY_SECONDS, why);
        }
    }

    private void enqueue(Pending.Append append) {
        switch (thread.offer(new WriterThread.Request(append), options.queueWaitMillis())) {
            case TAKEN -> {}
            case FULL -> {
                metrics.refused.labelValues("queue").inc();
                throw new Overloaded(
                        Overloaded.Cause.UNAVAILABLE,
                        LogWriter.RETRY_SECONDS,
                        "the write-ahead log's queue is full");
            }
            case CLOSED -> {
                metrics.refused.labelValues("closed").inc();
                throw new Overloaded(
                        Overloaded.Cause.UNAVAILABLE,
                        LogWriter.RETRY_SECONDS,
                        "Firn is shutting down");
            }
        }
    }

    // ---- CutLog

    @Override
    public String writer() {
        return writer;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /// A cut as sinks see it.
    private final class LoggedCut implements Cut {
        private final CutEntry entry;

        LoggedCut(CutEntry entry) {
            this.entry = entry;
        }

        @Override
        public long sequence() {
            return entry.sequence();
        }

        @Override
        public long digest() {
            return entry.digest();
        }

        @Override
        public long points() {
            return entry.points();
        }

        @Override
        public long bytes() {
            return entry.bytes();
        }

        @Override
        public void read(Consumer<Batch> each) {
            readers.read(entry, each);
        }

        @Override
        public String toString() {
            return "cut " + entry.sequence() + " of writer " + writer;
        }
    }

    /// See [CutLog#next].
    ///
    /// @throws WorldException when that cut is no longer in the log
    @Override
    public @Nullable Cut next(long afterSequence, long timeoutMillis) throws InterruptedException {
        CutEntry entry = index.await(afterSequence, timeoutMillis);
        return entry == null ? null : new LoggedCut(entry);
    }

    @Override
    public long oldest() {
        return index.oldest();
    }

    @Override
    public long newest() {
        return index.newest();
    }

    /// See [CutLog#cutNow].
    ///
    /// @throws WorldException when the disk does not let the cut end
    @Override
    public long cutNow() {
        return cutNow(false);
    }

    /// Ends the open cut and the segment; what follows goes into a file that was never used.
    ///
    /// @return number of the newest cut
    /// @throws WorldException when the disk does not let them end
    public long endSegment() {
        return cutNow(true);
    }

    /// Segments that are no longer written and have records of cuts up to and with this one.
    public long endedSegments(long cut) {
        return index.segments().stream()
                .filter(one -> one.sealed() && one.header.openCut() <= cut)
                .count();
    }

    /// Sinks that need this cut still, by name.
    public List<String> holders(long cut) {
        return index.holders(cut);
    }

    private long cutNow(boolean segment) {
        var done = new Outcome<Long>();
        var request = new WriterThread.CutNow(segment, done);
        if (thread.offer(request, Long.MAX_VALUE) == WriterThread.Offer.TAKEN) {
            done.take();
        }
        return index.newest();
    }

    @Override
    public void release(String sink, long sequence) {
        index.release(sink, sequence);
    }

    /// Limits what a sink holds of the log, to bytes of cuts: what goes beyond it must find
    /// elsewhere (the engine: in the lake).
    public void limit(String sink, long bytes) {
        index.limit(sink, bytes);
    }

    @Override
    public void quarantine(String sink, Cut cut, String reason) {
        quarantine.store(sink, cut, reason);
    }

    @Override
    public void stop(String reason) {
        if (stopped == null) {
            LOG.error("the write-ahead log takes nothing any more: {}", reason);
        }
        stopped = reason;
    }

    // ---- beside

    /// The sinks' checkpoints.
    public CheckpointStore checkpoints() {
        return checkpoints;
    }

    /// Cuts that sinks refused.
    public Quarantine quarantine() {
        return quarantine;
    }

    /// Why [#stop] was called, or null.
    public @Nullable String stopReason() {
        return stopped;
    }

    /// The running log as `firn wal ls` shows it, from memory: damages are those found when it was
    /// opened.
    public WalInspector.Report inspect() {
        return report(damages);
    }

    /// The same after reading everything that is held, for `firn wal verify`.
    public WalInspector.Report verify() {
        return report(new LiveCheck(disk, index).damages());
    }

    private WalInspector.Report report(List<String> found) {
        return new WalInspector.Report(
                writer,
                WalInspector.segments(index.segments(), index.nextRecord()),
                index.cuts().stream().map(WalInspector::cut).toList(),
                index.openPoints(),
                checkpoints.all(),
                quarantine.entries(),
                found,
                0);
    }

    /// Takes in what waits, ends the open cut, closes. Idempotent.
    @Override
    public void close() {
        thread.close();
        readers.close();
    }
}
