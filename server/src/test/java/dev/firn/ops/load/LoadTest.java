package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadTest {
    private static final long HOUR = 3600 * LoadOptions.SECOND;
    private static final long FROM = 1_793_577_600L * LoadOptions.SECOND;
    private static final LoadOptions SHORT =
            LoadOptions.history(3, FROM, FROM + 3 * HOUR).withRate(10);

    @TempDir Path folder;

    /// Time that waits by going on.
    private static final class LeapingClock implements Clock {
        private long nanos;

        LeapingClock(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public synchronized long nanos() {
            nanos += 3 * LoadOptions.SECOND;
            return nanos;
        }

        @Override
        public long ticks() {
            return nanos();
        }
    }

    private static Load load(LoadOptions options, LedgerSink sink, Load.Sending sending) {
        return new Load(options, sink, sending, Fault::none, Clock.system());
    }

    @Test
    void ledgerCountsThePointsThatWereSent() throws InterruptedException {
        var ledger = new Ledger();
        Map<String, Long> found = Collections.synchronizedMap(new HashMap<>());
        Load.Sending sending =
                body -> {
                    Reports.parse(body).getResourceMetricsList().stream()
                            .flatMap(r -> r.getScopeMetricsList().stream())
                            .flatMap(s -> s.getMetricsList().stream())
                            .forEach(m -> found.merge(m.getName(), size(m), Long::sum));
                    return new Answer.Accepted(0, "");
                };
        Load.Progress end = load(SHORT, ledger, sending).run();
        assertThat(end.isClean()).isTrue();
        found.forEach((metric, points) ->
                assertThat(ledger.totalPoints(k -> k.metric().equals(metric)).acknowledged())
                        .as(metric)
                        .isEqualTo(points));
        Ledger.Points all = ledger.totalPoints(key -> true);
        assertThat(all.sent()).isEqualTo(end.points()).isEqualTo(all.acknowledged());
        assertThat(all.series()).isBetween(800L, 3000L);
    }

    private static long size(io.opentelemetry.proto.metrics.v1.Metric metric) {
        return metric.getSum().getDataPointsCount()
                + metric.getGauge().getDataPointsCount()
                + metric.getHistogram().getDataPointsCount()
                + metric.getExponentialHistogram().getDataPointsCount()
                + metric.getSummary().getDataPointsCount();
    }

    @Test
    void lanesStayWithinAnHourOfEachOther() throws InterruptedException {
        Map<Thread, Long> hours = Collections.synchronizedMap(new HashMap<>());
        AtomicInteger apart = new AtomicInteger();
        Load.Sending sending =
                body -> {
                    hours.put(Thread.currentThread(), hour(body));
                    synchronized (hours) {
                        long least = Collections.min(hours.values());
                        long most = Collections.max(hours.values());
                        apart.accumulateAndGet((int) (most - least), Math::max);
                    }
                    return new Answer.Accepted(0, "");
                };
        load(SHORT, LedgerSink.none(), sending).run();
        assertThat(hours).hasSize(4);
        assertThat(apart.get()).isLessThanOrEqualTo(1);
    }

    private static long hour(byte[] body) {
        return Reports.parse(body).getResourceMetricsList().stream()
                        .flatMap(r -> r.getScopeMetricsList().stream())
                        .flatMap(scope -> scope.getMetricsList().stream())
                        .flatMap(metric -> metric.getGauge().getDataPointsList().stream())
                        .findFirst()
                        .orElseThrow()
                        .getTimeUnixNano()
                / HOUR;
    }

    @Test
    void troubleIsCountedByKind() throws InterruptedException {
        var ledger = new Ledger();
        AtomicInteger calls = new AtomicInteger();
        Load.Sending sending =
                body ->
                        switch (calls.getAndIncrement()) {
                            case 3 -> new Answer.Accepted(2, "too old");
                            case 5 -> new Answer.Refused(400, "no");
                            case 7 -> new Answer.Unanswered("gone");
                            default -> new Answer.Accepted(0, "");
                        };
        Load.Progress end = load(SHORT.withBodies(1000, 1), ledger, sending).run();
        assertThat(end.isClean()).isFalse();
        assertThat(List.of(end.rejected(), end.refused(), end.unanswered()))
                .containsExactly(2L, 1L, 1L);
        assertThat(end.trouble()).isEqualTo("rejected 2 points: too old");
        Ledger.Points all = ledger.totalPoints(key -> true);
        assertThat(all.partial()).isPositive();
        assertThat(all.refused()).isPositive();
        assertThat(all.unknown()).isPositive();
        assertThat(all.acknowledged() + all.partial() + all.refused() + all.unknown())
                .isEqualTo(all.sent());
    }

    @Test
    void faultsStandBetween() throws InterruptedException {
        AtomicInteger sent = new AtomicInteger();
        Load.Sending sending =
                body -> {
                    sent.incrementAndGet();
                    return new Answer.Accepted(0, "");
                };
        Load.Progress plain = load(SHORT, LedgerSink.none(), sending).run();
        sent.set(0);
        var twice =
                new Load(
                        SHORT,
                        LedgerSink.none(),
                        sending,
                        () ->
                                (body, send) -> {
                                    send.accept(body);
                                    send.accept(body);
                                },
                        Clock.system());
        twice.run();
        assertThat(sent.get()).isEqualTo(2 * plain.bodies());
    }

    @Test
    void liveTimeFollowsHistoryAtTheClocksPace() throws InterruptedException {
        var clock = new LeapingClock(FROM + HOUR);
        LoadOptions options = SHORT.withLive(FROM + HOUR, FROM + HOUR + 60 * LoadOptions.SECOND);
        List<Long> late = Collections.synchronizedList(new ArrayList<>());
        Load.Sending sending =
                body -> {
                    long latest =
                            Reports.parse(body).getResourceMetricsList().stream()
                                    .flatMap(r -> r.getScopeMetricsList().stream())
                                    .flatMap(s -> s.getMetricsList().stream())
                                    .flatMap(m -> m.getGauge().getDataPointsList().stream())
                                    .mapToLong(p -> p.getTimeUnixNano())
                                    .max()
                                    .orElseThrow();
                    if (latest >= options.liveFromNanos()) {
                        late.add(clock.nanos() - latest);
                    }
                    return new Answer.Accepted(0, "");
                };
        new Load(options.withBodies(1000, 1), LedgerSink.none(), sending, Fault::none, clock).run();
        assertThat(late).isNotEmpty().allMatch(nanos -> nanos >= 0);
    }

    @Test
    void stopEndsAnEndlessRunAndCompletesTheLedger() throws InterruptedException {
        var ledger = new Ledger();
        Load[] running = new Load[1];
        AtomicInteger calls = new AtomicInteger();
        Load.Sending sending =
                body -> {
                    if (calls.incrementAndGet() == 20) {
                        running[0].stop();
                    }
                    return new Answer.Accepted(0, "");
                };
        LoadOptions endless = SHORT.withLive(FROM + 24 * HOUR, Long.MAX_VALUE);
        running[0] = load(endless, ledger, sending);
        Load.Progress end = running[0].run();
        assertThat(ledger.totalPoints(key -> true).sent()).isEqualTo(end.points());
        assertThat(ledger.total(key -> true).happened()).isPositive();
    }

    @Test
    void aFailureOfALaneEndsTheRun() {
        Load.Sending sending =
                body -> {
                    throw new IllegalStateException("broken");
                };
        assertThatThrownBy(() -> load(SHORT, LedgerSink.none(), sending).run())
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("broken");
    }

    @Test
    void ledgerFileReadsBackAsTheLedger() throws InterruptedException, IOException {
        Path file = folder.resolve("ledger.jsonl");
        var ledger = new Ledger();
        Load.Sending sending = body -> new Answer.Accepted(0, "");
        load(SHORT, ledger, sending).run();
        try (var writer = new LedgerFile(file, SHORT)) {
            load(SHORT, writer, sending).run();
        }
        Ledger read = Ledger.read(file);
        assertThat(read.requests()).isEqualTo(ledger.requests());
        assertThat(read.points()).isEqualTo(ledger.points());
        assertThat(read.events()).containsExactlyInAnyOrderElementsOf(ledger.events());
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 20));
        assertThat(Ledger.read(file).requests()).isNotEmpty();
        Files.writeString(file, "{\"type\":\"ledger\",\"format\":2}\n");
        assertThatThrownBy(() -> Ledger.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("line 1: it must say type \"ledger\" and format 1");
    }

    @Test
    void wrongOptionsAreToldApart() {
        assertThatThrownBy(() -> SHORT.withRate(-1)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> Plane.parse("prod:0")).hasMessageContaining("\"prod:0\"");
        assertThatThrownBy(() -> Plane.parse("prod,prod")).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> LoadOptions.duration("for", "1w")).hasMessageContaining("30d");
        assertThatThrownBy(() -> Incident.parse("fire", FROM, FROM + HOUR))
                .hasMessageContaining("there is no kind \"fire\"");
        assertThatThrownBy(() -> Incident.parse("errors@factor=2", FROM, FROM + HOUR))
                .hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> new Shop(SHORT.withSeries(5)))
                .hasMessageContaining("cannot make 5 series");
    }
}
