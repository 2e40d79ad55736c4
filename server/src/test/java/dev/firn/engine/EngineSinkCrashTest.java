package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Exactly once, whatever dies when.
class EngineSinkCrashTest {
    private static final long NOW = 1_795_132_800_123_456_789L;
    private static final long MONTH = 31L * 86_400_000_000_000L;

    @TempDir static Path folder;
    private static EngineFixture engine;

    /// The end of this process, as far as the sink can tell.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    /// Two cuts over two months and all tables; the second has known series and new ones.
    private static void fill(SinkFixture fixture) {
        var maker = new PointMaker(42);
        fixture.log.add(maker.batch(60, 5, NOW - MONTH, 2 * MONTH));
        fixture.log.add(maker.batch(60, 9, NOW - MONTH, 2 * MONTH));
    }

    private static List<String> steps(String database) throws InterruptedException {
        var fixture = new SinkFixture(engine, database);
        Set<String> steps = new LinkedHashSet<>();
        fixture.failpoint = steps::add;
        fixture.restart();
        fill(fixture);
        fixture.runToEnd();
        fixture.sink.onClose();
        fixture.drop();
        assertThat(steps).hasSizeGreaterThan(20).contains("before samples", "after exemplars");
        return new ArrayList<>(steps);
    }

    /// Fails at the `nth` time that a step is reached.
    private static Failpoint at(String step, int nth, Runnable failure) {
        var seen = new AtomicInteger();
        return reached -> {
            if (reached.equals(step) && seen.incrementAndGet() == nth) {
                failure.run();
            }
        };
    }

    @Test
    void aProcessKilledAtAnyStepLosesAndDoublesNothing() throws InterruptedException {
        int round = 0;
        for (String step : steps("steps_of_process")) {
            int nth = round % 2 + 1; // in the first cut or in the second
            var fixture = new SinkFixture(engine, "killed_" + round++);
            fixture.failpoint =
                    at(
                            step,
                            nth,
                            () -> {
                                throw new Killed();
                            });
            fixture.restart();
            fill(fixture);
            try {
                fixture.runToEnd();
                fixture.sink.onClose();
            } catch (Killed e) {
                fixture.restart();
            }
            fixture.runToEnd();
            assertThat(fixture.metric("firn_engine_sink_stopped")).as(step).isZero();
            fixture.assertEqualToLog();
            fixture.drop();
        }
    }

    @Test
    void aChildKilledAtAnyStepLosesAndDoublesNothing() throws InterruptedException {
        int round = 0;
        for (String step : steps("steps_of_child")) {
            var fixture = new SinkFixture(engine, "child_" + round++);
            fixture.failpoint = at(step, 1, engine::kill);
            fixture.restart();
            fill(fixture);
            fixture.runToEnd();
            assertThat(fixture.metric("firn_engine_sink_stopped")).as(step).isZero();
            engine.awaitAlive();
            fixture.assertEqualToLog();
            fixture.drop();
        }
    }

    @Test
    void aChildKilledDuringInsertsLosesAndDoublesNothing() throws Exception {
        var fixture = new SinkFixture(engine, "during");
        var random = new Random(5);
        var maker = new PointMaker(43);
        for (int cut = 0; cut < 60; cut++) {
            fixture.log.add(maker.batch(2_000, 50, NOW, 1_000_000_000L));
        }
        try (var worker = Worker.start("test-sink", fixture.sink)) {
            for (int kill = 0; kill < 8; kill++) {
                Thread.sleep(random.nextInt(300)); // chance is the point here
                engine.kill();
                long before = fixture.sink.done();
                if (before == fixture.log.newest()) {
                    break;
                }
                long deadline = System.nanoTime() + 60_000_000_000L;
                while (fixture.sink.done() == before && System.nanoTime() < deadline) {
                    Thread.sleep(5);
                }
            }
            assertThat(worker).isNotNull();
            long deadline = System.nanoTime() + 60_000_000_000L;
            while (fixture.sink.done() < fixture.log.newest() && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
        }
        assertThat(fixture.sink.done()).isEqualTo(60);
        fixture.assertEqualToLog();
    }

    @Test
    void aLostAnswerIsLookedUpAndNotRepeated() throws Exception {
        try (var proxy = new LossyProxy(engine::access);
                var client =
                        new EngineClient(proxy::access, Clock.system(), Duration.ofSeconds(30))) {
            for (int lost : new int[] {1, 3}) {
                var fixture = new SinkFixture(engine, "lost_" + lost);
                fixture.client = client;
                fixture.restart();
                fill(fixture);
                proxy.toSwallow.set(lost);
                fixture.runToEnd();
                assertThat(fixture.metric("firn_engine_sink_failures_total")).isEqualTo(lost);
                fixture.assertEqualToLog();
                fixture.drop();
            }
            assertThat(proxy.swallowed.get()).isEqualTo(4);
        }
    }

    @Test
    void anEngineThatIsAwayIsWaitedFor() throws Exception {
        var away = new AtomicInteger(3);
        try (var client =
                new EngineClient(
                        () ->
                                away.getAndDecrement() > 0
                                        ? new EngineClient.Access(
                                                java.net.URI.create("http://127.0.0.1:1"), "", "")
                                        : engine.access(),
                        Clock.system(),
                        Duration.ofSeconds(30))) {
            var fixture = new SinkFixture(engine, "away");
            fixture.client = client;
            fixture.restart();
            fill(fixture);
            long generation = engine.process.generation();
            fixture.runToEnd();
            assertThat(fixture.metric("firn_engine_sink_failures_total")).isEqualTo(3);
            assertThat(engine.process.generation()).as("nothing to settle").isEqualTo(generation);
            fixture.assertEqualToLog();
        }
    }
}
