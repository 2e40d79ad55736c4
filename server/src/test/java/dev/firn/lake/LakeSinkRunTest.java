package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// The sink with the real tables and the real writer.
final class LakeSinkRunTest {
    @TempDir Path data;

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private record Numbered(long sequence, Batch batch) implements Cut {
        @Override
        public long digest() {
            return sequence;
        }

        @Override
        public long points() {
            return batch.size();
        }

        @Override
        public long bytes() {
            return batch.size() * 100L;
        }

        @Override
        public void read(Consumer<Batch> each) {
            each.accept(batch);
        }
    }

    private record BatchLog(List<Batch> cuts, long epoch) implements CutLog {
        @Override
        public String writer() {
            return TestLake.WRITER;
        }

        @Override
        public @Nullable Cut next(long afterSequence, long timeoutMillis) {
            return afterSequence < cuts.size()
                    ? new Numbered(afterSequence + 1, cuts.get((int) afterSequence))
                    : null;
        }

        @Override
        public long newest() {
            return cuts.size();
        }

        @Override
        public long cutNow() {
            return cuts.size();
        }

        @Override
        public void release(String sink, long sequence) {}

        @Override
        public void quarantine(String sink, Cut cut, String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void stop(String reason) {
            throw new AssertionError(reason);
        }
    }

    @Test
    void everyPointOfEveryCutStandsInTheLakeOnceWithItsSeries() throws Exception {
        var checkpoints = new MemoryCheckpoint();
        var random = new RandomPoints(new Random(3), 30, 1);
        var cuts = new ArrayList<Batch>();
        var expected = new ArrayList<Map<String, Object>>();
        Failpoint.Step[] steps = Failpoint.Step.values();
        for (int life = 0; life < steps.length; life++) {
            for (int i = 0; i < 2; i++) {
                cuts.add(random.batch(40));
                expected.addAll(PlainRows.of(cuts.getLast(), TestLake.WRITER, cuts.size()));
            }
            Failpoint.Step deadly = steps[life];
            try {
                live(
                        new BatchLog(cuts, life),
                        checkpoints,
                        step -> {
                            if (step == deadly) {
                                throw new Killed();
                            }
                        });
            } catch (Killed e) {
                continue;
            }
        }
        live(new BatchLog(cuts, 99), checkpoints, Failpoint.NONE);
        try (var lake = new TestLake(data)) {
            List<Map<String, Object>> read =
                    lake.points(Expressions.alwaysTrue()).stream().map(PlainRows::of).toList();
            assertThat(read).containsExactlyInAnyOrderElementsOf(expected);
            var known = new HashSet<Object>();
            lake.series().forEach(row -> known.add(row.getField("series_id")));
            var used = new HashSet<Object>();
            lake.points(Expressions.alwaysTrue())
                    .forEach(row -> used.add(row.getField("series_id")));
            assertThat(known).containsAll(used);
        }
    }

    private void live(BatchLog log, MemoryCheckpoint checkpoints, Failpoint failpoint)
            throws InterruptedException {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
            var own = new OwnMetrics();
            var metrics = new LakeMetrics(own);
            var backoff = new Backoff(new Random(1), 0, 0);
            var rounds =
                    new LakeRounds(
                            log,
                            catalog,
                            new Runs(Runs.Settings.DEFAULT, own),
                            new LakeIntents(checkpoints),
                            metrics,
                            new LakeCommit(backoff, 3),
                            Clock.system(),
                            failpoint);
            var settings = new LakeSink.Settings(0, 64 << 20, 1_000);
            var sink = new LakeSink(settings, log, rounds, metrics, backoff, Clock.system());
            while (sink.committed() < log.newest()) {
                sink.round();
            }
        }
    }

    /// A run whose files take longer than the time for the last commit.
    private static final class Endless implements PointsRun {
        private final CountDownLatch writing = new CountDownLatch(1);

        @Override
        public void add(Batch batch, String src, long seq) {}

        @Override
        public long bytes() {
            return 1;
        }

        @Override
        public long points() {
            return 1;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public List<DataFile> writeSeries(Table table) {
            writing.countDown();
            try {
                new CountDownLatch(1).await();
                throw new AssertionError("nobody counts down");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorldException("cannot write: broken off", e);
            }
        }

        @Override
        public List<DataFile> writePoints(Table table) {
            throw new AssertionError("series come first");
        }
    }

    @Test
    void aLastCommitThatIsBrokenOffIsNoError() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var logger = (Logger) LoggerFactory.getLogger(LakeSink.class);
        logger.addAppender(lines);
        var run = new Endless();
        var cuts = List.of(new RandomPoints(new Random(3), 3, 1).batch(4));
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
            LakeSink sink =
                    LakeSink.start(
                            new LakeSink.Settings(0, 64 << 20, 1_000),
                            new BatchLog(cuts, 1),
                            catalog,
                            () -> run,
                            new MemoryCheckpoint(),
                            new LakeMetrics(new OwnMetrics()),
                            new Backoff(new Random(1), 0, 0),
                            Clock.system());
            run.writing.await();
            sink.close(1);
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "closed without the last commit; the next start makes it from the log");
    }
}
