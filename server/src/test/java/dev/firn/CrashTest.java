package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.ops.bench.FirnChild;
import dev.firn.ops.load.Answer;
import dev.firn.ops.load.OtlpBodies;
import dev.firn.ops.load.Sender;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `kill -9` of the whole program, of its engine, and of both, at random moments under load. Each
/// request is repeated with the same bytes until it is acknowledged, as SDKs do; at the end the
/// lake, the engine and the ledger of acknowledged requests hold the same points, none twice.
class CrashTest {
    private static final int ROUNDS = 20;
    private static final int SERIES = 600;
    private static final int POINTS_PER_BODY = 300;
    private static final long STEP_NANOS = 1_000_000_000L;

    private enum Victim {
        FIRN,
        ENGINE,
        BOTH
    }

    /// Sends body after body until told to stop; what is counted was acknowledged.
    private static final class Senders implements AutoCloseable {
        private final OtlpBodies bodies;
        private final Sender sender;
        private final AtomicLong next = new AtomicLong();
        private final AtomicLong points = new AtomicLong();
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicReference<String> trouble = new AtomicReference<>("");
        private final List<Thread> threads;

        Senders(FirnChild firn, long seed) {
            long from = Clock.system().nanos() - 86_400L * 1_000_000_000;
            bodies =
                    new OtlpBodies(
                            OtlpBodies.Mix.MIXED,
                            SERIES,
                            POINTS_PER_BODY,
                            2_000_000,
                            seed,
                            from,
                            STEP_NANOS);
            sender =
                    new Sender(
                            firn.otlp(),
                            true,
                            Duration.ofMinutes(5),
                            Clock.system(),
                            Senders::pause);
            threads =
                    List.of(
                            Thread.ofPlatform().start(this::send),
                            Thread.ofPlatform().start(this::send),
                            Thread.ofPlatform().start(this::send));
        }

        private static boolean pause(long millis) {
            try {
                Thread.sleep(Math.min(millis, 200));
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        }

        private void send() {
            while (!stop.get()) {
                long number = next.getAndIncrement();
                Answer answer = sender.send(bodies.body(number));
                if (answer instanceof Answer.Accepted(long rejected, _) && rejected == 0) {
                    points.addAndGet(bodies.points(number));
                } else {
                    trouble.compareAndSet("", answer.toString());
                }
            }
        }

        @Override
        public void close() {
            stop.set(true);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            sender.close();
        }
    }

    @Test
    void nothingAcknowledgedIsLostOrDoubled(@TempDir Path folder) throws IOException {
        long seed = Long.getLong("firn.test.seed", 7);
        var random = new Random(seed);
        FirnChild firn =
                FirnChild.start(folder, List.of("-Xmx512m"), EngineLibrary.find().toString());
        try {
            var senders = new Senders(firn, seed);
            try (senders) {
                for (int round = 0; round < ROUNDS; round++) {
                    waitUpTo(random.nextInt(1_500));
                    firn = strike(firn, Victim.values()[round % 3]);
                }
            }
            assertThat(senders.trouble.get()).isEmpty();
            long points = senders.points.get();
            assertThat(points).isPositive();
            JsonNode verified = firn.json("/api/firn/v1/lake/verify");
            assertThat(verified.get("differences")).as("%s", verified).isEmpty();
            assertThat(lakeRows(firn)).as("lake").isEqualTo(points);
            assertThat(number(firn, "count()")).as("engine").isEqualTo(points);
            assertThat(number(firn, "uniqExact(series_id, time, start_time)"))
                    .as("different points")
                    .isEqualTo(points);
        } finally {
            firn.close();
        }
    }

    private static FirnChild strike(FirnChild firn, Victim victim) throws IOException {
        switch (victim) {
            case ENGINE -> firn.engineHandle().ifPresent(ProcessHandle::destroyForcibly);
            case FIRN -> {
                firn.kill();
                return firn.again();
            }
            case BOTH -> {
                firn.engineHandle().ifPresent(ProcessHandle::destroyForcibly);
                firn.kill();
                return firn.again();
            }
        }
        return firn;
    }

    /// The moment of a blow is chance by design, not a wait for something to happen.
    private static void waitUpTo(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long number(FirnChild firn, String expression) {
        return Long.parseLong(
                firn.sql(
                                "SELECT toString(sum(n)) AS n FROM (SELECT "
                                        + expression
                                        + " AS n FROM samples UNION ALL SELECT "
                                        + expression
                                        + " AS n FROM histograms)")
                        .getFirst()
                        .get("n")
                        .asString());
    }

    private static long lakeRows(FirnChild firn) {
        for (JsonNode table : firn.json("/api/firn/v1/lake")) {
            if (table.get("name").asString().equals("points")) {
                return table.get("rows").asLong();
            }
        }
        return -1;
    }
}
