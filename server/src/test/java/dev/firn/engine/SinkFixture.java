package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.model.CheckpointStore;
import dev.firn.model.LakeHistory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A sink on a database of its own, driven round by round.
final class SinkFixture {
    private static final long DEADLINE_NANOS = 60_000_000_000L;

    final EngineFixture engine;
    final String database;
    final MemoryCutLog log = new MemoryCutLog();
    long checkpoint;
    Map<String, String> fields = Map.of();
    final Map<String, CheckpointStore.Checkpoint> others = new HashMap<>();
    Runnable betweenRounds = () -> {};
    OwnMetrics metrics = new OwnMetrics();
    Clock clock = Clock.system();
    Retention retention = Retention.days(Retention.DEFAULT_DAYS);
    Failpoint failpoint = Failpoint.NONE;
    Schema schema;
    @Nullable LakeHistory history;
    EngineClient client;
    EngineSink sink;

    SinkFixture(EngineFixture engine, String database) {
        this.engine = engine;
        this.database = database;
        this.schema = new Schema(database, TimePrecision.MILLIS);
        this.client = engine.client;
        this.sink = restart();
    }

    /// The sink as a new process would make it.
    EngineSink restart() {
        metrics = new OwnMetrics();
        sink =
                new EngineSink(
                        log,
                        history,
                        client,
                        EngineHome.child(engine.process::restart),
                        schema,
                        retention,
                        new MemoryCheckpoint(),
                        clock,
                        metrics,
                        failpoint);
        return sink;
    }

    /// Remembers across restarts.
    private final class MemoryCheckpoint implements CheckpointStore {
        @Override
        public @Nullable Checkpoint read(String sink) {
            if (!sink.equals(EngineSink.NAME)) {
                return others.get(sink);
            }
            return checkpoint == 0 && fields.isEmpty()
                    ? null
                    : new Checkpoint(sink, checkpoint, fields);
        }

        @Override
        public void write(Checkpoint written) {
            if (!written.sink().equals(EngineSink.NAME)) {
                others.put(written.sink(), written);
                return;
            }
            checkpoint = written.sequence();
            fields = written.fields();
        }
    }

    /// A new process whose checkpoint never became durable: everything is counted again.
    void restartAtTheBeginning() {
        checkpoint = 0;
        log.released = 0;
        restart();
    }

    /// Runs rounds until the newest cut is done.
    void runToEnd() throws InterruptedException {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (sink.done() < log.newest()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            sink.run();
            betweenRounds.run();
        }
    }

    /// Time that jumps half a minute a round, so that refusals last long enough.
    SinkFixture withFastTime(long now) {
        var fast = new TestClock(now);
        clock = fast;
        betweenRounds = () -> fast.advance(30_000_000_000L);
        restart();
        return this;
    }

    /// Drops the database: an engine with hundreds of tables starts slowly.
    void drop() throws InterruptedException {
        engine.client.execute("DROP DATABASE " + database);
    }

    /// The value of one of the sink's metrics.
    double metric(String name) {
        String page = new String(metrics.page(), StandardCharsets.UTF_8);
        var found =
                Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE)
                        .matcher(page);
        assertThat(found.find()).as("metric %s on%n%s", name, page).isTrue();
        return Double.parseDouble(found.group(1));
    }

    /// Every field of every point is in the engine, once.
    void assertEqualToLog() throws InterruptedException {
        var expected = TableRows.expected(log.cuts, Retention.DEFAULT_DAYS);
        var stored = TableRows.stored(engine, database);
        for (Table table : Table.values()) {
            assertThat(stored.get(table)).as(table.label()).isEqualTo(expected.get(table));
        }
    }
}
