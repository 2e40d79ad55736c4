package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real processes, really killed, under compaction, expiry and false answers. Each process reads
/// the same log (its cuts are a function of their number) and has its own epoch.
final class LakeKillTest {
    private static final int ROUNDS = 10;
    private static final long CUTS_AT_THE_END = 25;

    @TempDir Path data;

    @Test
    @Timeout(240)
    void killsAtRandomMomentsLoseAndDoubleNothing() throws Exception {
        var random = new Random(42);
        var stands = new TreeSet<Long>();
        try (var home = new TestHome(TestHome.Kind.SQLITE, data)) {
            var over = new AtomicBoolean();
            Thread upkeep = Thread.ofPlatform().start(() -> disturb(home, over));
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    Process process = start(Long.MAX_VALUE, round);
                    awaitSteps(process, 1 + random.nextInt(24));
                    // Not a wait for an outcome: the moment of the kill.
                    process.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS);
                    process.destroyForcibly().waitFor();
                    stands.add(stand(home, LakePaths.POINTS));
                }
            } finally {
                over.set(true);
                upkeep.join();
            }
            assertThat(stands).as("the kills hit processes that commit").hasSizeGreaterThan(3);
            long last = stand(home, LakePaths.POINTS) + CUTS_AT_THE_END;
            Process process = start(last, ROUNDS);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(stand(home, LakePaths.POINTS)).isEqualTo(last);
            assertThat(stand(home, LakePaths.SERIES)).isEqualTo(last);
            assertLake(home, last);
        }
    }

    private static void assertLake(TestHome home, long last) {
        Map<String, Integer> points = new TreeMap<>();
        Map<String, Integer> series = new TreeMap<>();
        for (long seq = 1; seq <= last; seq++) {
            for (long id : Child.ids(seq)) {
                points.put(new TestTables.Row(Child.WRITER, seq, id).toString(), 1);
            }
            series.put(new TestTables.Row(Child.WRITER, seq, 0).toString(), 1);
        }
        assertThat(TestTables.counts(home.catalog().load(LakePaths.POINTS))).isEqualTo(points);
        assertThat(TestTables.counts(home.catalog().load(LakePaths.SERIES))).isEqualTo(series);
    }

    private static long stand(TestHome home, String table) {
        String stored = LakeLs.positions(home.catalog().load(table)).get(Child.WRITER);
        return stored == null ? 0 : Position.parse(stored).sequence();
    }

    private static void disturb(TestHome home, AtomicBoolean over) {
        Table points = home.catalog().load(LakePaths.POINTS);
        while (!over.get()) {
            TestUpkeep.compact(points);
            TestUpkeep.expire(points);
            java.util.concurrent.locks.LockSupport.parkNanos(200_000_000);
        }
    }

    private Process start(long last, long seed) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        data.toString(),
                        Long.toString(last),
                        Long.toString(seed))
                .redirectError(data.resolve("child-" + seed + ".log").toFile())
                .start();
    }

    private static void awaitSteps(Process process, int steps) throws IOException {
        var lines = process.inputReader(StandardCharsets.UTF_8);
        for (int step = 0; step < steps; step++) {
            assertThat(lines.readLine()).as("a step of the child").isNotNull();
        }
    }

    /// The process that is killed.
    static final class Child {
        static final String WRITER = "w1";

        private Child() {}

        static long[] ids(long sequence) {
            long[] ids = new long[1 + (int) (sequence % 3)];
            java.util.Arrays.setAll(ids, i -> sequence * 10 + i);
            return ids;
        }

        private static void tell(Failpoint.Step step) {
            if (step != Failpoint.Step.CUT_ADDED) {
                System.out.println(step);
                System.out.flush();
            }
        }

        public static void main(String[] args) throws Exception {
            Path data = Path.of(args[0]);
            long last = Long.parseLong(args[1]);
            var random = new Random(Long.parseLong(args[2]));
            var jdbc = new TestHome(TestHome.Kind.SQLITE, data).iceberg();
            var catalog =
                    LakeCatalog.of(new FalseAnswers(jdbc, FalseAnswers.Lies.share(random, 0.15)));
            var log = new EndlessLog(last, System.nanoTime());
            var backoff = new Backoff(random, 5, 100);
            var metrics = new LakeMetrics(new OwnMetrics());
            var rounds =
                    new LakeRounds(
                            log,
                            catalog,
                            TestRun::new,
                            new LakeIntents(new FileCheckpoint(data)),
                            metrics,
                            new LakeCommit(backoff, 5),
                            Clock.system(),
                            Child::tell);
            var sink =
                    new LakeSink(
                            new LakeSink.Settings(30, 1 << 20, 1_000),
                            log,
                            rounds,
                            metrics,
                            backoff,
                            Clock.system());
            while (sink.committed() < last && sink.stopped() == null) {
                sink.round();
            }
            System.exit(sink.stopped() == null ? 0 : 1);
        }
    }

    /// Gives a cut every few milliseconds.
    private record EndlessLog(long last, long epoch) implements CutLog {
        private static final long PACE_MILLIS = 4;

        @Override
        public String writer() {
            return Child.WRITER;
        }

        @Override
        public @Nullable Cut next(long afterSequence, long timeoutMillis)
                throws InterruptedException {
            Thread.sleep(PACE_MILLIS);
            if (afterSequence >= last) {
                return null;
            }
            var state = new MemoryLog.State(Child.WRITER);
            state.append(Child.ids(afterSequence + 1));
            Cut one = java.util.Objects.requireNonNull(new MemoryLog(state).next(0, 0));
            return new Numbered(one, afterSequence + 1);
        }

        @Override
        public long newest() {
            return last;
        }

        @Override
        public long cutNow() {
            return last;
        }

        @Override
        public void release(String sink, long sequence) {}

        @Override
        public void quarantine(String sink, Cut cut, String reason) {
            stop("quarantine: " + reason);
        }

        @Override
        public void stop(String reason) {
            System.err.println(reason);
            Runtime.getRuntime().halt(3);
        }
    }

    private record Numbered(Cut cut, long sequence) implements Cut {
        @Override
        public long digest() {
            return sequence * 31;
        }

        @Override
        public long points() {
            return cut.points();
        }

        @Override
        public long bytes() {
            return cut.bytes();
        }

        @Override
        public void read(java.util.function.Consumer<dev.firn.model.Batch> each) {
            cut.read(each);
        }
    }

    /// A checkpoint on disk, as the log's own: replaced atomically and synced.
    private record FileCheckpoint(Path data) implements CheckpointStore {
        private Path path(String sink) {
            return data.resolve(sink + ".checkpoint");
        }

        @Override
        public @Nullable Checkpoint read(String sink) {
            if (!Files.exists(path(sink))) {
                return null;
            }
            try (var reader = Files.newBufferedReader(path(sink))) {
                var properties = new Properties();
                properties.load(reader);
                Map<String, String> fields = new LinkedHashMap<>();
                properties
                        .stringPropertyNames()
                        .forEach(key -> fields.put(key, properties.getProperty(key)));
                return new Checkpoint(
                        sink,
                        Long.parseLong(java.util.Objects.requireNonNull(fields.remove("sequence"))),
                        fields);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void write(Checkpoint checkpoint) {
            var properties = new Properties();
            properties.putAll(checkpoint.fields());
            properties.put("sequence", Long.toString(checkpoint.sequence()));
            try {
                var bytes = new java.io.ByteArrayOutputStream();
                properties.store(bytes, null);
                new NioDisk().replace(path(checkpoint.sink()), bytes.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
