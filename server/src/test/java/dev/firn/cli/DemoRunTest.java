package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.ops.load.Answer;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class DemoRunTest {
    private static final long HOUR = 3600 * LoadOptions.SECOND;

    private final long now = Clock.system().nanos();
    private final LoadOptions options =
            LoadOptions.history(3, now - 2 * HOUR, now).withRate(5).withLive(now, Long.MAX_VALUE);
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final List<Long> remembered = new ArrayList<>();

    private DemoRun run(Load load) {
        return new DemoRun(
                load,
                now - 60 * LoadOptions.SECOND,
                "QUESTIONS",
                remembered::add,
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                Clock.system());
    }

    private Load load(Load.Sending sending) {
        return new Load(options, LedgerSink.none(), sending, Fault::none, Clock.system());
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /// Looks often, until a deadline that no passing test comes near.
    private static LongPredicate until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        return millis -> {
            LockSupport.parkNanos(5_000_000);
            return condition.getAsBoolean() || System.nanoTime() > deadline;
        };
    }

    @Test
    void theQuestionsComeWhenTheHistoryIsThere() throws InterruptedException {
        var go = new CountDownLatch(1);
        Load load =
                load(body -> {
                    await(go);
                    return new Answer.Accepted(0, "");
                });
        var looks = new AtomicInteger();
        run(load)
                .run(
                        until(() -> {
                            if (looks.incrementAndGet() == 3) {
                                assertThat(text())
                                        .contains("writing history")
                                        .doesNotContain("QUESTIONS");
                                go.countDown();
                            }
                            return text().contains("QUESTIONS");
                        }));
        assertThat(text()).contains("the history is written").containsOnlyOnce("QUESTIONS");
        assertThat(remembered.getFirst()).isBetween(now - 2 * HOUR, now - HOUR);
        assertThat(remembered.getLast()).isGreaterThanOrEqualTo(now - 60 * LoadOptions.SECOND);
        assertThat(remembered).isSorted();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void onlyWhatWasAcknowledgedIsRemembered() throws InterruptedException {
        var bodies = new AtomicInteger();
        Load load =
                load(body ->
                        bodies.incrementAndGet() > 12
                                ? new Answer.Unanswered("stopped")
                                : new Answer.Accepted(0, ""));
        run(load).run(until(() -> bodies.get() > 100));
        Load.Progress end = load.progress();
        assertThat(remembered.getLast())
                .isEqualTo(end.acknowledgedNanos())
                .isGreaterThanOrEqualTo(now - 2 * HOUR)
                .isLessThan(end.simulatedNanos());
        assertThat(text()).contains("warning: unanswered: stopped").doesNotContain("QUESTIONS");
    }

    @Test
    void aShopThatFailsEndsTheDemo() {
        Load load =
                load(body -> {
                    throw new IllegalStateException("broken");
                });
        assertThatThrownBy(() -> run(load).run(until(() -> false)))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("broken");
        assertThat(remembered.getLast()).isBetween(now - 2 * HOUR, now - HOUR);
    }
}
