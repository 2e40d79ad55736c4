package dev.firn.wal;

import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.Decoded;
import dev.firn.model.Intake.RequestKey;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A log with everything around it that a test needs.
final class WalHarness implements AutoCloseable {
    static final Path DATA = Path.of("/data");
    static final Path FOLDER = WalFiles.folder(DATA);

    final ManualClock clock;
    final SeriesRegistry registry;
    final OwnMetrics metrics = new OwnMetrics();
    final Wal wal;

    WalHarness(Disk disk, ManualClock clock, long seed, WalOptions options) {
        this(DATA, disk, clock, seed, options);
    }

    WalHarness(Path data, Disk disk, ManualClock clock, long seed, WalOptions options) {
        this.clock = clock;
        this.registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000);
        this.wal = Wal.open(data, disk, clock, new Random(seed), registry, metrics, options);
    }

    /// Small segments, cuts only when asked.
    static WalOptions small(String... sinks) {
        return WalOptions.of(sinks)
                .withSizes(8 << 10, 1L << 30, 0)
                .withCuts(Long.MAX_VALUE / 2_000_000, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    static RequestKey key(long number) {
        return new RequestKey(number * 0x9E3779B97F4A7C15L, number);
    }

    Answer append(long number, Batch batch) {
        return wal.accept(key(number), () -> new Decoded(batch, new Answer(number % 3, "")));
    }

    /// Lines of all points of a cut.
    static List<String> lines(Cut cut) {
        var lines = new ArrayList<String>();
        cut.read(batch -> lines.addAll(RandomBatches.lines(batch)));
        return lines;
    }

    /// The cut with this number, which must be there.
    Cut cut(long sequence) throws InterruptedException {
        return java.util.Objects.requireNonNull(wal.next(sequence - 1, 30_000));
    }

    /// Lines of all points of all cuts after `sequence`.
    List<String> linesAfter(long sequence) throws InterruptedException {
        var lines = new ArrayList<String>();
        for (long at = sequence; at < wal.newest(); at++) {
            Cut cut = cut(at + 1);
            List<String> some = lines(cut);
            if (some.size() != cut.points()) {
                throw new AssertionError(cut + " says " + cut.points() + ", has " + some.size());
            }
            lines.addAll(some);
        }
        return lines;
    }

    @Override
    public void close() {
        wal.close();
    }
}
