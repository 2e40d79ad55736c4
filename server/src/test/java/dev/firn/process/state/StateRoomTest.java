package dev.firn.process.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.base.OwnMetrics;
import dev.firn.base.PowerLossDisk;
import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Intake;
import dev.firn.model.Intake.RequestKey;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StateRoomTest {
    private static final Path FILE = StateFile.path(Bench.DATA);

    /// States are numbers.
    private record NumberCodec(int version) implements StreamCodec<Long> {
        @Override
        public void write(Long value, ByteWriter out) {
            out.i64(value);
        }

        @Override
        public Long read(ByteReader in) {
            return in.i64();
        }
    }

    /// A log, and how far it was released.
    private static final class Watched implements CutLog {
        private final Wal wal;
        private long released;

        Watched(Wal wal) {
            this.wal = wal;
        }

        @Override
        public String writer() {
            return wal.writer();
        }

        @Override
        public long epoch() {
            return wal.epoch();
        }

        @Override
        public @Nullable Cut next(long after, long timeoutMillis) throws InterruptedException {
            return wal.next(after, timeoutMillis);
        }

        @Override
        public long oldest() {
            return wal.oldest();
        }

        @Override
        public long newest() {
            return wal.newest();
        }

        @Override
        public long cutNow() {
            return wal.cutNow();
        }

        @Override
        public void release(String sink, long sequence) {
            released = sequence;
            wal.release(sink, sequence);
        }

        @Override
        public void quarantine(String sink, Cut cut, String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void stop(String reason) {
            throw new AssertionError(reason);
        }
    }

    private final Bench.TestClock clock = new Bench.TestClock();
    private PowerLossDisk disk = new PowerLossDisk(Bench.DATA);
    private long requests;

    /// A process: a room with one store, and a log.
    private final class Process {
        final Bench bench = new Bench(disk, clock, 1_000);
        final StreamStore<Long> store;
        final Wal wal;
        final Watched watched;

        Process(int version) throws InterruptedException {
            this(version, "one");
        }

        Process(int version, String name) throws InterruptedException {
            store = bench.room.store(name, new NumberCodec(version), 0, Long.MAX_VALUE);
            wal =
                    Wal.open(
                            Bench.DATA,
                            disk,
                            clock,
                            new Random(requests),
                            bench.registry,
                            new OwnMetrics(),
                            WalOptions.of(StateRoom.SINK).withSizes(1 << 10, 1L << 30, 0));
            watched = new Watched(wal);
        }

        Process restored() throws InterruptedException {
            bench.room.restore(watched);
            return this;
        }

        void add(long key, long more) {
            wal.accept(
                    new RequestKey(++requests, 0),
                    () -> {
                        bench.room.enter();
                        Long before = store.get(key(key));
                        store.put(key(key), more + (before == null ? 0 : before));
                        var out = new Batch();
                        bench.room.seal(out.state);
                        return new Intake.Decoded(out, Intake.Answer.OK);
                    });
            bench.room.stored();
        }

        @Nullable Long get(long key) {
            bench.room.enter();
            Long value = store.get(key(key));
            bench.room.failed();
            return value;
        }

        void kill() {
            PowerLossDisk next = disk.afterKill();
            try {
                wal.close();
            } catch (RuntimeException e) {
                // its disk is off
            }
            disk = next;
        }
    }

    private static StreamKey key(long number) {
        return new StreamKey(number, number, 0, (byte) 0);
    }

    @Test
    void whatTheCheckpointLacksComesFromTheLog() throws Exception {
        var first = new Process(1).restored();
        first.bench.room.checkpoint();
        first.add(1, 5);
        first.add(2, 6);
        first.bench.room.checkpoint();
        first.add(1, 7);
        first.kill();
        var second = new Process(1).restored();
        assertThat(second.get(1)).isEqualTo(12);
        assertThat(second.get(2)).isEqualTo(6);
        assertThat(second.store.createdNanos()).isEqualTo(first.store.createdNanos());
        assertThat(second.bench.page()).contains("firn_process_state_replayed_records_total 1.0");
        second.kill();
    }

    @Test
    void theLogIsKeptBackToTheCheckpoint() throws Exception {
        var process = new Process(1).restored();
        process.bench.room.checkpoint();
        for (int i = 0; i < 200; i++) {
            process.add(i % 7, i);
        }
        assertThat(process.watched.released).isZero();
        process.bench.room.checkpoint();
        assertThat(process.watched.released).isEqualTo(process.wal.newest());
        process.add(3, 1);
        process.kill();
        assertThat(new Process(1).restored().get(3)).isEqualTo(sumOf(3) + 1);
    }

    private static long sumOf(int rest) {
        long sum = 0;
        for (int i = rest; i < 200; i += 7) {
            sum += i;
        }
        return sum;
    }

    @Test
    void newerFormatsAreRefused() throws Exception {
        var first = new Process(2).restored();
        first.add(1, 5);
        first.bench.room.checkpoint();
        first.kill();
        assertThatThrownBy(() -> new Process(1).restored())
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("processor \"one\"")
                .hasMessageContaining("its format has version 2, this Firn knows 1");
        disk.damage(FILE, 8, new byte[] {2});
        assertThatThrownBy(() -> new Process(2).restored())
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("its format has version 2, this Firn knows 1");
    }

    @Test
    void newerChangesInTheLogAreRefused() throws Exception {
        var first = new Process(1, "other").restored();
        first.bench.room.checkpoint();
        first.kill();
        var second = new Process(2).restored();
        second.add(1, 5);
        second.kill();
        assertThatThrownBy(() -> new Process(1).restored())
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("its format has version 2, this Firn knows 1");
    }

    @Test
    void aDamagedCheckpointIsRefused() throws Exception {
        var first = new Process(1).restored();
        first.add(1, 5);
        first.bench.room.checkpoint();
        first.kill();
        disk.damage(FILE, 30, new byte[] {99});
        assertThatThrownBy(() -> new Process(1).restored())
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("its checksum is wrong; move it away");
    }

    @Test
    void theCheckpointOfAnotherLogIsRefused() throws Exception {
        var first = new Process(1).restored();
        first.add(1, 5);
        first.bench.room.checkpoint();
        first.kill();
        var other = new PowerLossDisk(Bench.DATA);
        StateFile file = Objects.requireNonNull(StateFile.read(disk, FILE));
        file.replace(other, FILE);
        disk = other;
        assertThatThrownBy(() -> new Process(1).restored())
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("it stands at cut 1 of writer")
                .hasMessageContaining("restore both from one backup");
    }

    @Test
    void aProcessorThatIsNoLongerThereIsForgotten() throws Exception {
        var first = new Process(1, "one").restored();
        first.bench.room.checkpoint();
        first.add(1, 5);
        first.kill();
        var second = new Process(1, "two").restored();
        assertThat(second.get(1)).isNull();
        second.bench.room.checkpoint();
        second.kill();
        assertThat(new Process(1, "one").restored().get(1)).isNull();
    }

    @Test
    void aRequestWaitsForTheOneBefore() throws Exception {
        var process = new Process(1).restored();
        process.bench.room.enter();
        process.store.put(key(1), 1L);
        var entered = new AtomicBoolean();
        var began = new CountDownLatch(1);
        Thread other =
                Thread.ofVirtual()
                        .start(() -> {
                            began.countDown();
                            process.bench.room.enter();
                            entered.set(true);
                            assertThat(process.store.get(key(1))).isEqualTo(1);
                            process.bench.room.stored();
                        });
        began.await();
        assertThat(entered).isFalse();
        process.bench.room.stored();
        other.join();
        assertThat(entered).isTrue();
        process.kill();
    }

    @Test
    void whatTookNoPartNeedsNothing() throws Exception {
        var process = new Process(1).restored();
        var state = new ByteWriter(8);
        process.bench.room.seal(state);
        process.bench.room.stored();
        process.bench.room.failed();
        process.bench.room.enter();
        process.bench.room.seal(state);
        process.bench.room.stored();
        assertThat(state.size()).isZero();
        process.kill();
    }

    @Test
    void closingWritesALastCheckpoint() throws Exception {
        var first = new Process(1);
        first.bench.room.open(first.wal);
        first.add(1, 5);
        first.bench.room.close();
        first.wal.close();
        var second = new Process(1).restored();
        assertThat(second.get(1)).isEqualTo(5);
        assertThat(second.bench.page()).contains("firn_process_state_replayed_records_total 0.0");
        second.kill();
    }

    @Test
    void aCheckpointThatCannotBeWrittenLeavesTheOneBefore() throws Exception {
        var first = new Process(1).restored();
        first.bench.room.checkpoint();
        first.add(1, 5);
        first.wal.cutNow();
        disk.failForces(1);
        assertThatThrownBy(first.bench.room::checkpoint).isInstanceOf(WorldException.class);
        assertThat(first.watched.released).isZero();
        first.add(1, 5);
        first.kill();
        assertThat(new Process(1).restored().get(1)).isEqualTo(10);
    }

    @Test
    void withoutALogTheCheckpointIsWhatIsLeft() throws IOException, InterruptedException {
        var bench = new Bench(disk, clock, 10);
        StreamStore<Long> store = bench.room.store("one", new NumberCodec(1), 0, 10);
        bench.room.open(null);
        bench.room.enter();
        store.put(key(1), 8L);
        bench.room.stored();
        bench.room.close();
        var again = new Bench(disk, clock, 10);
        StreamStore<Long> restored = again.room.store("one", new NumberCodec(1), 0, 10);
        again.open();
        again.room.enter();
        assertThat(restored.get(key(1))).isEqualTo(8);
        again.room.failed();
    }
}
